/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Steps over buffers that are lent for one call.
 */

#include <string.h>

#include "fixture.h"

enum { kSteps = 5 };

static float moved_params[2][kTensors][kCount];
static float moved_grads[2][kTensors][kCount];

/* Three tensors whose parameters, gradients or both are retained. */
static opt_optimizer retaining(int retained_params, int retained_grads) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAMW, kTensors);
  for (int i = 0; i < kTensors; ++i) {
    CHECK_OK(opt_bind(optimizer, i, retained_params ? params[i] : NULL,
                      retained_grads ? grads[i] : NULL));
  }
  return optimizer;
}

static void fill_grads(int step) {
  for (int i = 0; i < kTensors; ++i) {
    fill(grads[i], kCount, (uint32_t)(100 + step * kTensors + i));
  }
}

/* The parameters after kSteps steps over retained buffers. */
static void step_retained(float result[kTensors][kCount]) {
  const opt_optimizer optimizer = retaining(1, 1);
  for (int step = 0; step < kSteps; ++step) {
    fill_grads(step);
    CHECK_OK(opt_step(optimizer, NULL));
  }
  memcpy(result, params, sizeof params);
  CHECK_OK(opt_destroy(optimizer));
}

/* Steps with what is not retained lent, from memory that changes at each step
 * if `moving`, and compares with retained steps. */
static void expect_as_retained(int retained_params, int retained_grads,
                               int moving) {
  float expected[kTensors][kCount];
  void* lent_params[kTensors];
  void* lent_grads[kTensors];
  step_retained(expected);
  const opt_optimizer optimizer = retaining(retained_params, retained_grads);
  for (int step = 0; step < kSteps; ++step) {
    const int place = step % 2;
    opt_step_args args = OPT_STEP_ARGS_INIT;
    opt_lent lent_buffers = OPT_LENT_INIT;
    fill_grads(step);
    memcpy(moved_params[place], params, sizeof params);
    memcpy(moved_grads[place], grads, sizeof grads);
    for (int i = 0; i < kTensors; ++i) {
      lent_params[i] = moving ? moved_params[place][i] : params[i];
      lent_grads[i] = moving ? moved_grads[place][i] : grads[i];
    }
    args.lent = &lent_buffers;
    lent_buffers.count = kTensors;
    if (!retained_params) lent_buffers.params = lent_params;
    if (!retained_grads) lent_buffers.grads = lent_grads;
    CHECK_OK(opt_step(optimizer, &args));
    if (moving) memcpy(params, moved_params[place], sizeof params);
  }
  CHECK(memcmp(params, expected, sizeof params) == 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void all_lent(void) { expect_as_retained(0, 0, 0); }
static void lent_parameters_and_retained_gradients(void) {
  expect_as_retained(0, 1, 0);
}
static void retained_parameters_and_lent_gradients(void) {
  expect_as_retained(1, 0, 0);
}
static void lent_buffers_may_move_at_each_step(void) {
  expect_as_retained(0, 0, 1);
}

static void a_NULL_gradient_skips_its_tensor(void) {
  const opt_optimizer optimizer = retaining(1, 1);
  void* const lent[kTensors] = {grads[0], NULL, grads[2]};
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_lent lent_buffers = OPT_LENT_INIT;
  float before[kCount];
  fill_grads(0);
  memcpy(before, params[1], sizeof before);
  args.lent = &lent_buffers;
  lent_buffers.count = kTensors;
  lent_buffers.grads = lent;
  CHECK_OK(opt_step(optimizer, &args));
  CHECK(memcmp(before, params[1], sizeof before) == 0);
  CHECK_EQ(step_of(optimizer, 0), 1);
  CHECK_EQ(step_of(optimizer, 1), 0);
  CHECK_EQ(step_of(optimizer, 2), 1);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_NULL_parameter_means_the_retained_one(void) {
  const opt_optimizer optimizer = retaining(1, 1);
  float other[kCount];
  void* const lent[kTensors] = {NULL, other, NULL};
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_lent lent_buffers = OPT_LENT_INIT;
  fill_grads(0);
  memcpy(other, params[1], sizeof other);
  const float a = params[0][7];
  const float b = params[1][7];
  args.lent = &lent_buffers;
  lent_buffers.count = kTensors;
  lent_buffers.params = lent;
  CHECK_OK(opt_step(optimizer, &args));
  CHECK(params[0][7] != a);
  CHECK(params[1][7] == b);
  CHECK(other[7] != b);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_lent_gradient_without_any_parameter_is_refused(void) {
  const opt_optimizer optimizer = retaining(0, 0);
  void* const lent_params[kTensors] = {params[0], NULL, params[2]};
  void* const lent_grads[kTensors] = {grads[0], grads[1], grads[2]};
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_lent lent_buffers = OPT_LENT_INIT;
  args.lent = &lent_buffers;
  lent_buffers.count = kTensors;
  lent_buffers.params = lent_params;
  lent_buffers.grads = lent_grads;
  CHECK_REFUSES(optimizer, opt_step(optimizer, &args), OPT_ERR_STATE, "'b'");
  CHECK_OK(opt_destroy(optimizer));
}

static void a_count_that_does_not_match_is_refused(void) {
  const opt_optimizer optimizer = retaining(1, 1);
  void* lent[kTensors + 1] = {grads[0], grads[1], grads[2], NULL};
  const int64_t counts[] = {0, kTensors - 1, kTensors + 1, -1, INT64_MAX};
  for (int64_t i = 0; i < COUNT_OF(counts); ++i) {
    opt_step_args args = OPT_STEP_ARGS_INIT;
    opt_lent lent_buffers = OPT_LENT_INIT;
    args.lent = &lent_buffers;
    lent_buffers.count = counts[i];
    lent_buffers.grads = lent;
    CHECK_REFUSES(optimizer, opt_step(optimizer, &args), OPT_ERR_ARGUMENT,
                  "count");
    lent_buffers.grads = NULL;
    lent[0] = params[0];
    lent_buffers.params = lent;
    CHECK_REFUSES(optimizer, opt_step(optimizer, &args), OPT_ERR_ARGUMENT,
                  "count");
    lent[0] = grads[0];
  }
  CHECK_OK(opt_destroy(optimizer));
}

static void a_count_without_arrays_must_match_or_be_0(void) {
  const opt_optimizer optimizer = retaining(1, 1);
  opt_lent nothing = OPT_LENT_INIT;
  opt_step_args args = OPT_STEP_ARGS_INIT;
  args.lent = &nothing;
  const int64_t counts[] = {kTensors - 1, kTensors + 1, -1, INT64_MAX};
  for (int64_t i = 0; i < COUNT_OF(counts); ++i) {
    nothing.count = counts[i];
    CHECK_REFUSES(optimizer, opt_step(optimizer, &args), OPT_ERR_ARGUMENT,
                  "opt_lent.count");
    CHECK_REFUSES(optimizer, opt_zero_grads(optimizer, &nothing),
                  OPT_ERR_ARGUMENT, "opt_lent.count");
  }
  nothing.count = kTensors;
  CHECK_OK(opt_step(optimizer, &args));
  nothing.count = 0;
  CHECK_OK(opt_step(optimizer, &args));
  CHECK_OK(opt_destroy(optimizer));
}

static void misaligned_lent_buffers_are_refused(void) {
  const opt_optimizer optimizer = retaining(1, 1);
  void* const lent[kTensors] = {NULL, (char*)params[1] + 2, NULL};
  void* const lent_grads[kTensors] = {NULL, (char*)grads[1] + 1, NULL};
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_lent lent_buffers = OPT_LENT_INIT;
  args.lent = &lent_buffers;
  lent_buffers.count = kTensors;
  lent_buffers.params = lent;
  CHECK_REFUSES(optimizer, opt_step(optimizer, &args), OPT_ERR_ARGUMENT, "'b'");
  lent_buffers.params = NULL;
  lent_buffers.grads = lent_grads;
  CHECK_REFUSES(optimizer, opt_step(optimizer, &args), OPT_ERR_ARGUMENT, "'b'");
  CHECK_OK(opt_destroy(optimizer));
}

static void entries_of_detached_indices_are_left_out(void) {
  const opt_optimizer optimizer = retaining(0, 0);
  void* const lent_params[kTensors] = {params[0], NULL, params[2]};
  void* const lent_grads[kTensors] = {grads[0], NULL, grads[2]};
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_lent lent_buffers = OPT_LENT_INIT;
  CHECK_OK(opt_detach(optimizer, 1));
  args.lent = &lent_buffers;
  lent_buffers.count = kTensors;
  lent_buffers.params = lent_params;
  lent_buffers.grads = lent_grads;
  CHECK_OK(opt_step(optimizer, &args));
  CHECK_EQ(step_of(optimizer, 2), 1);
  CHECK_OK(opt_destroy(optimizer));
}

static void lent_gradients_may_be_zeroed_in_the_same_pass(void) {
  const opt_optimizer optimizer = retaining(1, 0);
  void* const lent[kTensors] = {grads[0], NULL, grads[2]};
  const float zeros[kCount] = {0};
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_lent lent_buffers = OPT_LENT_INIT;
  fill_grads(0);
  args.flags = OPT_STEP_ZERO_GRADS;
  args.lent = &lent_buffers;
  lent_buffers.count = kTensors;
  lent_buffers.grads = lent;
  CHECK_OK(opt_step(optimizer, &args));
  CHECK(memcmp(grads[0], zeros, sizeof zeros) == 0);
  CHECK(memcmp(grads[1], zeros, sizeof zeros) != 0);
  CHECK(memcmp(grads[2], zeros, sizeof zeros) == 0);
  CHECK_OK(opt_destroy(optimizer));
}

void lent_tests(void) {
  RUN(all_lent);
  RUN(lent_parameters_and_retained_gradients);
  RUN(retained_parameters_and_lent_gradients);
  RUN(lent_buffers_may_move_at_each_step);
  RUN(a_NULL_gradient_skips_its_tensor);
  RUN(a_NULL_parameter_means_the_retained_one);
  RUN(a_lent_gradient_without_any_parameter_is_refused);
  RUN(a_count_that_does_not_match_is_refused);
  RUN(a_count_without_arrays_must_match_or_be_0);
  RUN(misaligned_lent_buffers_are_refused);
  RUN(entries_of_detached_indices_are_left_out);
  RUN(lent_gradients_may_be_zeroed_in_the_same_pass);
}
