/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Attaching: shapes, counts, dtypes, alignment, all or nothing, indices.
 */

#include <stdint.h>
#include <string.h>

#include "fixture.h"

static void expect_refused(opt_tensor tensor, opt_status status,
                           const char* part) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  CHECK_REFUSES(optimizer, opt_attach(optimizer, &tensor, 1, NULL), status,
                part);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_tensor_is_described_as_it_was_attached(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  const int64_t shape[3] = {2, 3, 4};
  opt_tensor tensor = tensor_of("w", params[0], grads[0], 24);
  opt_tensor_info info = OPT_TENSOR_INFO_INIT;
  tensor.shape = shape;
  tensor.rank = 3;
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_OK(opt_tensor_at(optimizer, 0, &info));
  CHECK_STR(info.name, "w");
  CHECK(info.name != tensor.name);
  CHECK_EQ(info.rank, 3);
  CHECK(info.shape != shape);
  CHECK(memcmp(info.shape, shape, sizeof shape) == 0);
  CHECK_EQ(info.count, 24);
  CHECK_EQ(info.step, 0);
  CHECK_EQ(info.group, 0);
  CHECK_EQ(info.param_dtype, OPT_F32);
  CHECK_EQ(info.grad_dtype, OPT_F32);
  CHECK(info.param == params[0]);
  CHECK(info.grad == grads[0]);
  CHECK_OK(opt_destroy(optimizer));
}

static void without_a_shape_a_tensor_is_a_vector(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  const opt_tensor tensor = tensor_of("w", params[0], grads[0], 24);
  opt_tensor_info info = OPT_TENSOR_INFO_INIT;
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_OK(opt_tensor_at(optimizer, 0, &info));
  CHECK_EQ(info.rank, 1);
  CHECK_EQ(info.shape[0], 24);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_shape_that_does_not_match_is_refused(void) {
  const int64_t shapes[][2] = {
      {4, 5}, {INT64_MAX, INT64_MAX}, {INT64_C(1) << 62, 4}, {0, 24}};
  opt_tensor tensor = tensor_of("w", params[0], grads[0], 24);
  tensor.rank = 2;
  for (int64_t i = 0; i < COUNT_OF(shapes); ++i) {
    tensor.shape = shapes[i];
    expect_refused(tensor, OPT_ERR_ARGUMENT, "w");
  }
}

static void a_negative_extent_is_told(void) {
  const int64_t shape[3] = {1, -4, -6};
  opt_tensor tensor = tensor_of("w", params[0], grads[0], 24);
  tensor.shape = shape;
  tensor.rank = 3;
  expect_refused(tensor, OPT_ERR_ARGUMENT, "shape[1] is -4");
}

static void a_rank_out_of_bounds_is_refused(void) {
  int64_t shape[65];
  const int32_t ranks[] = {-1, 65, INT32_MIN, INT32_MAX};
  opt_tensor tensor = tensor_of("w", params[0], grads[0], 1);
  for (int64_t i = 0; i < COUNT_OF(shape); ++i) shape[i] = 1;
  tensor.shape = shape;
  for (int64_t i = 0; i < COUNT_OF(ranks); ++i) {
    tensor.rank = ranks[i];
    expect_refused(tensor, OPT_ERR_ARGUMENT, "rank");
  }
  tensor.shape = NULL;
  tensor.rank = 1;
  expect_refused(tensor, OPT_ERR_ARGUMENT, "rank");
}

static void the_highest_rank_is_accepted(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  int64_t shape[64];
  opt_tensor tensor = tensor_of("w", params[0], grads[0], 3);
  for (int64_t i = 0; i < COUNT_OF(shape); ++i) shape[i] = i == 40 ? 3 : 1;
  tensor.shape = shape;
  tensor.rank = 64;
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_OK(opt_destroy(optimizer));
}

static void impossible_counts_are_refused(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  const opt_tensor tensor = tensor_of("w", NULL, NULL, 1);
  CHECK_REFUSES(optimizer, opt_attach(optimizer, &tensor, -1, NULL),
                OPT_ERR_ARGUMENT, "count");
  CHECK_OK(opt_destroy(optimizer));
  expect_refused(tensor_of("w", params[0], grads[0], -1), OPT_ERR_ARGUMENT,
                 "count");
  expect_refused(tensor_of("w", params[0], grads[0], INT64_MAX),
                 OPT_ERR_ARGUMENT, "count");
  expect_refused(tensor_of("w", params[0], grads[0], INT64_MAX / 4 + 1),
                 OPT_ERR_ARGUMENT, "count");
  expect_refused(tensor_of("w", NULL, NULL, INT64_MAX), OPT_ERR_ARGUMENT,
                 "0 to 144115188075855871");
}

static void reserved_fields_are_zero(void) {
  opt_tensor tensor = tensor_of("w", params[0], grads[0], 8);
  tensor.reserved = 1;
  expect_refused(tensor, OPT_ERR_ARGUMENT, "reserved");
}

static void zero_length_tensors_are_legal(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  const opt_tensor tensors[3] = {
      tensor_of("none", NULL, NULL, 0),
      tensor_of("some", params[0], grads[0], 8),
      tensor_of("within", params[0] + 4, grads[0] + 4, 0)};
  opt_view view = OPT_VIEW_INIT;
  CHECK_OK(opt_attach(optimizer, tensors, 3, NULL));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_state_view(optimizer, 0, OPT_SLOT_EXP_AVG, &view));
  CHECK_EQ(view.count, 0);
  CHECK(view.data == NULL);
  CHECK_EQ(step_of(optimizer, 1), 1);
  CHECK_OK(opt_destroy(optimizer));
}

static void attaching_no_tensors_is_legal(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  const opt_tensor tensor = tensor_of("w", params[0], grads[0], 8);
  CHECK_OK(opt_attach(optimizer, &tensor, 0, NULL));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_EQ(info_of(optimizer).state_bytes, 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void unknown_dtypes_are_refused(void) {
  const opt_dtype dtypes[] = {-1, 2, INT32_MAX};
  for (int64_t i = 0; i < COUNT_OF(dtypes); ++i) {
    opt_tensor tensor = tensor_of("w", params[0], grads[0], 8);
    tensor.param_dtype = dtypes[i];
    expect_refused(tensor, OPT_ERR_DTYPE, "w");
    tensor = tensor_of("w", params[0], grads[0], 8);
    tensor.grad_dtype = dtypes[i];
    expect_refused(tensor, OPT_ERR_DTYPE, "w");
  }
}

static void misaligned_buffers_are_refused(void) {
  opt_tensor tensor = tensor_of("w", params[0], grads[0], 8);
  tensor.param = (char*)params[0] + 2;
  expect_refused(tensor, OPT_ERR_ARGUMENT, "align");
  tensor = tensor_of("w", params[0], grads[0], 8);
  tensor.grad = (char*)grads[0] + 1;
  expect_refused(tensor, OPT_ERR_ARGUMENT, "align");
}

static void element_alignment_is_enough(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  const opt_tensor tensor = tensor_of("w", params[0] + 1, grads[0] + 3, 8);
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_destroy(optimizer));
}

static void one_bad_tensor_of_five_keeps_all_out(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  opt_tensor tensors[5];
  int64_t indices[5] = {-1, -2, -3, -4, -5};
  const char* const names[5] = {"a", "b", "c", "d", "e"};
  for (int i = 0; i < 5; ++i) {
    tensors[i] = tensor_of(names[i], params[0] + 7 * i, grads[0] + 7 * i, 7);
  }
  tensors[2].param_dtype = 9;
  CHECK_REFUSES(optimizer, opt_attach(optimizer, tensors, 5, indices),
                OPT_ERR_DTYPE, "c");
  tensors[2].param_dtype = OPT_F32;
  tensors[2].param = tensors[4].grad;
  CHECK_REFUSES(optimizer, opt_attach(optimizer, tensors, 5, indices),
                OPT_ERR_OVERLAP, "c");
  for (int64_t i = 0; i < 5; ++i) CHECK_EQ(indices[i], -i - 1);
  tensors[2].param = params[0] + 14;
  CHECK_OK(opt_attach(optimizer, tensors, 5, indices));
  for (int64_t i = 0; i < 5; ++i) CHECK_EQ(indices[i], i);
  CHECK_OK(opt_destroy(optimizer));
}

static void the_lowest_free_index_is_given(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  opt_tensor tensors[4];
  int64_t indices[4] = {-1, -1, -1, -1};
  const char* const names[4] = {"a", "b", "c", "d"};
  opt_info info = OPT_INFO_INIT;
  for (int64_t i = 0; i < 4; ++i)
    tensors[i] = tensor_of(names[i], NULL, NULL, 1);
  CHECK_OK(opt_attach(optimizer, tensors, 4, NULL));
  CHECK_OK(opt_detach(optimizer, 2));
  CHECK_OK(opt_detach(optimizer, 0));
  CHECK_OK(opt_get_info(optimizer, &info));
  CHECK_EQ(info.tensor_count, 2);
  CHECK_EQ(info.index_count, 4);
  CHECK_EQ(info.param_count, 2);
  tensors[1].name = "e";
  tensors[3].name = "f";
  CHECK_OK(opt_attach(optimizer, &tensors[1], 3, indices));
  CHECK_EQ(indices[0], 0);
  CHECK_EQ(indices[1], 2);
  CHECK_EQ(indices[2], 4);
  CHECK_OK(opt_destroy(optimizer));
}

static void state_is_counted_by_the_byte(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  opt_tensor tensors[2] = {tensor_of("f", NULL, NULL, 5),
                           tensor_of("d", NULL, NULL, 7)};
  tensors[1].param_dtype = OPT_F64;
  CHECK_OK(opt_attach(optimizer, tensors, 2, NULL));
  CHECK_EQ(info_of(optimizer).state_bytes, 2 * (5 * 4 + 7 * 8));
  CHECK_OK(opt_detach(optimizer, 0));
  CHECK_EQ(info_of(optimizer).state_bytes, 2 * 7 * 8);
  CHECK_OK(opt_detach(optimizer, 1));
  CHECK_EQ(info_of(optimizer).state_bytes, 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void an_initial_value_that_f32_cannot_hold_is_refused(void) {
  const opt_optimizer optimizer = new_optimizer("adagrad");
  CHECK_OK(opt_set(optimizer, OPT_ALL_GROUPS, "initial_accumulator", 1e39));
  opt_tensor tensor = tensor_of("w", NULL, NULL, 2);
  CHECK_REFUSES(optimizer, opt_attach(optimizer, &tensor, 1, NULL),
                OPT_ERR_VALUE, "'initial_accumulator' is 1e+39");
  tensor.param_dtype = OPT_F64;
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_OK(opt_destroy(optimizer));
}

static void the_bytes_of_state_are_told_before_attaching(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  const opt_option_value values[] = {{OPT_AMSGRAD, 1}};
  int64_t bytes = -1;
  opt_tensor tensors[] = {tensor_of("a", NULL, NULL, 100),
                          tensor_of("a", NULL, NULL, 10)};
  tensors[1].param_dtype = OPT_F64;
  CHECK_OK(opt_add_group(optimizer, NULL, values, 1, &tensors[1].group));
  CHECK_OK(opt_state_bytes(optimizer, tensors, 2, &bytes));
  CHECK_EQ(bytes, 2 * 400 + 3 * 80);
  CHECK_EQ(info_of(optimizer).state_bytes, 0);
  CHECK_OK(opt_average_start(optimizer, NULL));
  CHECK_OK(opt_state_bytes(optimizer, tensors, 2, &bytes));
  CHECK_EQ(bytes, 3 * 400 + 4 * 80);
  CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_OK(opt_state_bytes(optimizer, tensors, 2, &bytes));
  CHECK_EQ(bytes, 4 * 400 + 5 * 80);
  tensors[1].name = "b";
  CHECK_OK(opt_attach(optimizer, tensors, 2, NULL));
  CHECK_EQ(info_of(optimizer).state_bytes, bytes);
  CHECK_OK(opt_state_bytes(optimizer, NULL, 0, &bytes));
  CHECK_EQ(bytes, 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void more_bytes_than_a_number_holds_are_refused(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  int64_t bytes = -1;
  opt_tensor tensors[8];
  for (int i = 0; i < COUNT_OF(tensors); ++i) {
    tensors[i] = tensor_of(NULL, NULL, NULL, INT64_MAX / 64);
    tensors[i].param_dtype = OPT_F64;
  }
  if (sizeof(size_t) < sizeof bytes) { /* no tensor of so many elements is */
    CHECK_REFUSES(optimizer, opt_state_bytes(optimizer, tensors, 1, &bytes),
                  OPT_ERR_ARGUMENT, "check count");
  } else {
    CHECK_OK(opt_state_bytes(optimizer, tensors, 4, &bytes));
    CHECK_EQ(bytes, INT64_MAX / 64 * 64);
    CHECK_REFUSES(optimizer, opt_state_bytes(optimizer, tensors, 8, &bytes),
                  OPT_ERR_LIMIT, "9223372036854775807");
    CHECK_EQ(bytes, INT64_MAX / 64 * 64);
  }
  CHECK_OK(opt_destroy(optimizer));
}

static void names_and_buffers_do_not_count_for_the_bytes_of_state(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 1);
  int64_t bytes = -1;
  opt_tensor tensor = float_tensor(0);
  CHECK_OK(opt_state_bytes(optimizer, &tensor, 1, &bytes));
  tensor.name = "__reserved";
  tensor.param = (char*)params + 1;
  CHECK_OK(opt_state_bytes(optimizer, &tensor, 1, &bytes));
  CHECK_EQ(bytes, 2 * kCount * (int64_t)sizeof(float));
  CHECK_OK(opt_destroy(optimizer));
}

static void bytes_of_what_could_not_be_attached_are_not_told(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  int64_t bytes = -1;
  opt_tensor tensor = tensor_of("a", NULL, NULL, 100);
  CHECK_REFUSES(optimizer, opt_state_bytes(optimizer, NULL, 1, &bytes),
                OPT_ERR_ARGUMENT, "'tensors'");
  CHECK_REFUSES(optimizer, opt_state_bytes(optimizer, &tensor, -1, &bytes),
                OPT_ERR_ARGUMENT, "count is -1");
  CHECK_REFUSES(optimizer, opt_state_bytes(optimizer, &tensor, 1, NULL),
                OPT_ERR_ARGUMENT, "'bytes'");
  tensor.group = 1;
  CHECK_REFUSES(optimizer, opt_state_bytes(optimizer, &tensor, 1, &bytes),
                OPT_ERR_RANGE, "group 1");
  tensor.group = 0;
  tensor.param_dtype = OPT_U8;
  CHECK_REFUSES(optimizer, opt_state_bytes(optimizer, &tensor, 1, &bytes),
                OPT_ERR_DTYPE, "param_dtype");
  tensor.param_dtype = OPT_F32;
  tensor.count = -1;
  CHECK_REFUSES(optimizer, opt_state_bytes(optimizer, &tensor, 1, &bytes),
                OPT_ERR_ARGUMENT, "count");
  CHECK_EQ(bytes, -1);
  CHECK_OK(opt_destroy(optimizer));
}

void attach_tests(void) {
  RUN(the_bytes_of_state_are_told_before_attaching);
  RUN(more_bytes_than_a_number_holds_are_refused);
  RUN(names_and_buffers_do_not_count_for_the_bytes_of_state);
  RUN(bytes_of_what_could_not_be_attached_are_not_told);
  RUN(an_initial_value_that_f32_cannot_hold_is_refused);
  RUN(a_tensor_is_described_as_it_was_attached);
  RUN(without_a_shape_a_tensor_is_a_vector);
  RUN(a_shape_that_does_not_match_is_refused);
  RUN(a_negative_extent_is_told);
  RUN(a_rank_out_of_bounds_is_refused);
  RUN(the_highest_rank_is_accepted);
  RUN(impossible_counts_are_refused);
  RUN(reserved_fields_are_zero);
  RUN(zero_length_tensors_are_legal);
  RUN(attaching_no_tensors_is_legal);
  RUN(unknown_dtypes_are_refused);
  RUN(misaligned_buffers_are_refused);
  RUN(element_alignment_is_enough);
  RUN(one_bad_tensor_of_five_keeps_all_out);
  RUN(the_lowest_free_index_is_given);
  RUN(state_is_counted_by_the_byte);
}
