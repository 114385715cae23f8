/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Names of tensors.
 */

#include "fixture.h"

static void expect_name_refused(const char* name) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  const opt_tensor tensor = tensor_of(name, NULL, NULL, 1);
  CHECK_REFUSES(optimizer, opt_attach(optimizer, &tensor, 1, NULL),
                OPT_ERR_NAME, "name");
  CHECK_OK(opt_destroy(optimizer));
}

static void a_name_is_made_up_and_stored(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  const opt_tensor tensors[2] = {tensor_of(NULL, NULL, NULL, 1),
                                 tensor_of(NULL, NULL, NULL, 1)};
  opt_tensor_info info = OPT_TENSOR_INFO_INIT;
  int64_t index = -1;
  CHECK_OK(opt_attach(optimizer, tensors, 2, NULL));
  CHECK_OK(opt_tensor_at(optimizer, 0, &info));
  CHECK_STR(info.name, "tensor.0");
  CHECK_OK(opt_tensor_at(optimizer, 1, &info));
  CHECK_STR(info.name, "tensor.1");
  CHECK_OK(opt_tensor_find(optimizer, "tensor.1", &index));
  CHECK_EQ(index, 1);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_duplicate_is_refused_in_one_call_and_in_two(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  const opt_tensor tensors[2] = {tensor_of("fc1.weight", NULL, NULL, 1),
                                 tensor_of("fc1.weight", NULL, NULL, 1)};
  CHECK_REFUSES(optimizer, opt_attach(optimizer, tensors, 2, NULL),
                OPT_ERR_NAME, "'fc1.weight' is in this call twice");
  CHECK_OK(opt_attach(optimizer, tensors, 1, NULL));
  CHECK_REFUSES(optimizer, opt_attach(optimizer, tensors, 1, NULL),
                OPT_ERR_NAME, "'fc1.weight' is attached already");
  CHECK_OK(opt_destroy(optimizer));
}

static void a_detached_name_is_free_again(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  const opt_tensor tensor = tensor_of("w", NULL, NULL, 1);
  int64_t index = 9;
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_OK(opt_detach(optimizer, 0));
  CHECK_FAILS(opt_tensor_find(optimizer, "w", &index), OPT_ERR_NAME, "w");
  CHECK_EQ(index, 9);
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_OK(opt_tensor_find(optimizer, "w", &index));
  CHECK_EQ(index, 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_made_up_name_is_one_that_is_free(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  const opt_tensor tensors[2] = {tensor_of("tensor.1", NULL, NULL, 1),
                                 tensor_of(NULL, NULL, NULL, 1)};
  opt_tensor_info info = OPT_TENSOR_INFO_INIT;
  int64_t index = -1;
  CHECK_OK(opt_attach(optimizer, tensors, 2, NULL));
  CHECK_OK(opt_tensor_at(optimizer, 1, &info));
  CHECK_CONTAINS(info.name, "tensor.");
  CHECK_OK(opt_tensor_find(optimizer, info.name, &index));
  CHECK_EQ(index, 1);
  CHECK_OK(opt_destroy(optimizer));
}

static void names_are_utf_8(void) {
  const char* const names[] = {
      "\x80",             /* a continuation alone */
      "w\xC3",            /* cut off after the first of two bytes */
      "\xE2\x82",         /* ... of three */
      "\xF0\x9F\x98",     /* ... of four */
      "\xC0\xAF",         /* '/' in two bytes */
      "\xE0\x80\xAF",     /* ... in three */
      "\xF0\x80\x80\xAF", /* ... in four */
      "\xED\xA0\x80",     /* a surrogate */
      "\xF4\x90\x80\x80", /* past U+10FFFF */
      "\xFE",
      "\xC3(",
  };
  for (int64_t i = 0; i < COUNT_OF(names); ++i) expect_name_refused(names[i]);
}

static void any_well_formed_name_is_accepted(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  const char* const names[] = {"schl\xC3\xBCssel",
                               "\xE9\x87\x8D\xE3\x81\xBF",
                               "\xF0\x9F\x98\x80",
                               "a b/c\"d\\e",
                               "_w",
                               "w__",
                               "\xF4\x8F\xBF\xBF"};
  for (int64_t i = 0; i < COUNT_OF(names); ++i) {
    const opt_tensor tensor = tensor_of(names[i], NULL, NULL, 1);
    int64_t index = -1;
    CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
    CHECK_OK(opt_tensor_find(optimizer, names[i], &index));
    CHECK_EQ(index, i);
  }
  CHECK_OK(opt_destroy(optimizer));
}

static void names_can_be_printed(void) {
  expect_name_refused("");
  expect_name_refused("a\nb");
  expect_name_refused("\x1B[0m");
  expect_name_refused("\x7F");
}

static void names_that_start_with_two_underscores_are_reserved(void) {
  expect_name_refused("__");
  expect_name_refused("__weight");
}

static void an_unknown_name_is_told_with_the_nearest(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  const opt_tensor tensors[2] = {tensor_of("fc1.weight", NULL, NULL, 1),
                                 tensor_of("fc1.bias", NULL, NULL, 1)};
  int64_t index = -4;
  CHECK_OK(opt_attach(optimizer, tensors, 2, NULL));
  CHECK_FAILS(opt_tensor_find(optimizer, "fc1.wieght", &index), OPT_ERR_NAME,
              "fc1.wieght");
  CHECK_CONTAINS(opt_last_error(), "fc1.weight");
  CHECK_EQ(index, -4);
  CHECK_OK(opt_destroy(optimizer));
}

void tensor_name_tests(void) {
  RUN(a_name_is_made_up_and_stored);
  RUN(a_duplicate_is_refused_in_one_call_and_in_two);
  RUN(a_detached_name_is_free_again);
  RUN(a_made_up_name_is_one_that_is_free);
  RUN(names_are_utf_8);
  RUN(any_well_formed_name_is_accepted);
  RUN(names_can_be_printed);
  RUN(names_that_start_with_two_underscores_are_reserved);
  RUN(an_unknown_name_is_told_with_the_nearest);
}
