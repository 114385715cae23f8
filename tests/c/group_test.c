/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Parameter groups.
 */

#include <math.h>
#include <string.h>

#include "fixture.h"

static double rate_of(opt_optimizer optimizer, int32_t group) {
  double value = NAN;
  CHECK_OK(opt_get(optimizer, group, OPT_LR, &value));
  return value;
}

static int32_t add_group(opt_optimizer optimizer) {
  int32_t group = -7;
  CHECK_OK(opt_add_group(optimizer, NULL, NULL, 0, &group));
  return group;
}

static void groups_are_numbered_from_1(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  CHECK_EQ(add_group(optimizer), 1);
  CHECK_EQ(add_group(optimizer), 2);
  CHECK_EQ(info_of(optimizer).group_count, 3);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_new_group_copies_the_optimizer_wide_values(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  CHECK_OK(opt_set(optimizer, OPT_ALL_GROUPS, OPT_LR, 0.25));
  CHECK_OK(opt_set(optimizer, 0, OPT_LR, 0.5));
  const int32_t group = add_group(optimizer);
  CHECK(rate_of(optimizer, group) == 0.25);
  CHECK(rate_of(optimizer, 0) == 0.5);
  CHECK(rate_of(optimizer, OPT_ALL_GROUPS) == 0.25);
  CHECK_OK(opt_destroy(optimizer));
}

static void setting_a_group_leaves_the_others(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  const double before = rate_of(optimizer, 0);
  const int32_t group = add_group(optimizer);
  CHECK_OK(opt_set(optimizer, group, OPT_LR, 0.125));
  CHECK(rate_of(optimizer, group) == 0.125);
  CHECK(rate_of(optimizer, 0) == before);
  CHECK(rate_of(optimizer, OPT_ALL_GROUPS) == before);
  CHECK_OK(opt_destroy(optimizer));
}

static void all_groups_are_set_at_once(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  const int32_t group = add_group(optimizer);
  CHECK_OK(opt_set(optimizer, 0, OPT_LR, 0.5));
  CHECK_OK(opt_set(optimizer, OPT_ALL_GROUPS, OPT_LR, 0.75));
  CHECK(rate_of(optimizer, 0) == 0.75);
  CHECK(rate_of(optimizer, group) == 0.75);
  CHECK(rate_of(optimizer, add_group(optimizer)) == 0.75);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_preset_for_all_groups_reaches_new_ones(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_RMSPROP);
  CHECK_OK(opt_set_preset(optimizer, OPT_ALL_GROUPS, OPT_PRESET_PYTORCH));
  CHECK(rate_of(optimizer, 0) == 1e-2);
  CHECK(rate_of(optimizer, add_group(optimizer)) == 1e-2);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_group_that_does_not_exist_is_refused(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  opt_tensor tensor = tensor_of("w", NULL, NULL, 1);
  double value = 3;
  const int32_t groups[] = {1, -2, INT32_MAX, INT32_MIN};
  for (int64_t i = 0; i < COUNT_OF(groups); ++i) {
    tensor.group = groups[i];
    CHECK_REFUSES(optimizer, opt_set(optimizer, groups[i], OPT_LR, 1),
                  OPT_ERR_RANGE, "group");
    CHECK_REFUSES(optimizer, opt_get(optimizer, groups[i], OPT_LR, &value),
                  OPT_ERR_RANGE, "group");
    CHECK_REFUSES(optimizer,
                  opt_set_preset(optimizer, groups[i], OPT_PRESET_PYTORCH),
                  OPT_ERR_RANGE, "group");
    CHECK_REFUSES(optimizer, opt_attach(optimizer, &tensor, 1, NULL),
                  OPT_ERR_RANGE, "group");
  }
  CHECK(value == 3);
  tensor.group = OPT_ALL_GROUPS;
  CHECK_REFUSES(optimizer, opt_attach(optimizer, &tensor, 1, NULL),
                OPT_ERR_RANGE, "group");
  CHECK_OK(opt_destroy(optimizer));
}

static void each_group_steps_with_its_own_rate(void) {
  const opt_optimizer optimizer = descent(1);
  attach_in_new_group(optimizer, 1);
  grads[0][0] = grads[1][0] = -1;
  CHECK_OK(opt_set(optimizer, 0, OPT_LR, 0.5));
  CHECK_OK(opt_set(optimizer, 1, OPT_LR, 0.25));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(params[0][0] == 0.5F);
  CHECK(params[1][0] == 0.25F);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_group_without_tensors_may_change_its_layout(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  const int32_t group = add_group(optimizer);
  opt_tensor tensor = tensor_of("w", NULL, NULL, 1);
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_OK(opt_set(optimizer, group, OPT_AMSGRAD, 1));
  tensor.name = "amsgrad";
  tensor.group = group;
  const int64_t before = info_of(optimizer).state_bytes;
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_EQ(info_of(optimizer).state_bytes * 2, before * 5);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_new_group_takes_a_preset_and_then_values(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_RMSPROP);
  const opt_option_value values[] = {{OPT_MOMENTUM, 0.5}, {OPT_LR, 0.25}};
  double alpha = 0;
  int32_t group = -7;
  CHECK_OK(opt_set(optimizer, OPT_ALL_GROUPS, OPT_EPS, 0.125));
  CHECK_OK(opt_add_group(optimizer, OPT_PRESET_PYTORCH, values, 2, &group));
  CHECK_EQ(group, 1);
  CHECK(rate_of(optimizer, group) == 0.25);
  CHECK_OK(opt_get(optimizer, group, OPT_ALPHA, &alpha));
  CHECK(alpha == 0.99);
  CHECK_OK(opt_get(optimizer, group, OPT_EPS, &alpha));
  CHECK(alpha == 1e-8);
  CHECK_OK(opt_add_group(optimizer, NULL, values, 1, &group));
  CHECK_OK(opt_get(optimizer, group, OPT_EPS, &alpha));
  CHECK(alpha == 0.125);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_group_with_a_bad_value_is_not_added(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  const opt_option_value beyond[] = {{OPT_LR, 0.25}, {OPT_BETA1, 2}};
  const opt_option_value unknown[] = {{OPT_LR, 0.25}, {"lrr", 2}};
  const opt_option_value nameless[] = {{OPT_LR, 0.25}, {NULL, 2}};
  int32_t group = -7;
  CHECK_REFUSES(optimizer, opt_add_group(optimizer, NULL, beyond, 2, &group),
                OPT_ERR_VALUE, "'beta1'");
  CHECK_REFUSES(optimizer, opt_add_group(optimizer, NULL, unknown, 2, &group),
                OPT_ERR_NAME, "'lr'");
  CHECK_REFUSES(optimizer, opt_add_group(optimizer, NULL, nameless, 2, &group),
                OPT_ERR_ARGUMENT, "option 1");
  CHECK_REFUSES(optimizer, opt_add_group(optimizer, "torch", NULL, 0, &group),
                OPT_ERR_NAME, "'torch'");
  CHECK_REFUSES(optimizer, opt_add_group(optimizer, NULL, NULL, 1, &group),
                OPT_ERR_ARGUMENT, "'values'");
  CHECK_REFUSES(optimizer, opt_add_group(optimizer, NULL, beyond, -1, &group),
                OPT_ERR_ARGUMENT, "count is -1");
  CHECK_EQ(group, -7);
  CHECK_OK(opt_destroy(optimizer));
}

static void options_are_set_all_or_none(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 2);
  const opt_option_value good[] = {{OPT_LR, 0.5}, {OPT_EPS, 0.25}};
  const opt_option_value beyond[] = {{OPT_LR, 0.75}, {OPT_BETA2, 1}};
  const opt_option_value layout[] = {{OPT_LR, 0.75}, {OPT_AMSGRAD, 1}};
  double eps = 0;
  CHECK_OK(opt_set_options(optimizer, OPT_ALL_GROUPS, NULL, good, 2));
  CHECK(rate_of(optimizer, 0) == 0.5);
  CHECK(rate_of(optimizer, OPT_ALL_GROUPS) == 0.5);
  CHECK_OK(opt_get(optimizer, 0, OPT_EPS, &eps));
  CHECK(eps == 0.25);
  CHECK_REFUSES(optimizer, opt_set_options(optimizer, 0, NULL, beyond, 2),
                OPT_ERR_VALUE, "'beta2'");
  CHECK_REFUSES(optimizer, opt_set_options(optimizer, 0, NULL, layout, 2),
                OPT_ERR_STATE, "'amsgrad'");
  CHECK_REFUSES(optimizer, opt_set_options(optimizer, 7, NULL, good, 2),
                OPT_ERR_RANGE, "group");
  CHECK(rate_of(optimizer, 0) == 0.5);
  CHECK_OK(opt_set_options(optimizer, 0, OPT_PRESET_PYTORCH, good, 1));
  CHECK(rate_of(optimizer, 0) == 0.5);
  CHECK_OK(opt_get(optimizer, 0, OPT_EPS, &eps));
  CHECK(eps == 1e-8);
  /* The group still knows of its tensors. */
  CHECK_REFUSES(optimizer, opt_set(optimizer, 0, OPT_AMSGRAD, 1), OPT_ERR_STATE,
                "'amsgrad'");
  CHECK_OK(opt_destroy(optimizer));
}

static void of_an_option_that_is_given_twice_the_last_value_counts(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  const opt_option_value twice[] = {{OPT_LR, 0.5}, {OPT_LR, 0.25}};
  int32_t group = -7;
  CHECK_OK(opt_set_options(optimizer, 0, NULL, twice, 2));
  CHECK(rate_of(optimizer, 0) == 0.25);
  CHECK_OK(opt_add_group(optimizer, NULL, twice, 2, &group));
  CHECK(rate_of(optimizer, group) == 0.25);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_tensor_moves_to_another_group_with_its_state(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 2);
  const opt_option_value values[] = {{OPT_LR, 0}};
  int32_t group = -7;
  float before[kCount];
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_add_group(optimizer, NULL, values, 1, &group));
  CHECK_OK(opt_tensor_set_group(optimizer, 1, group));
  opt_tensor_info info = OPT_TENSOR_INFO_INIT;
  CHECK_OK(opt_tensor_at(optimizer, 1, &info));
  CHECK_EQ(info.group, group);
  CHECK_EQ(info.step, 1);
  memcpy(before, params[1], sizeof before);
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(memcmp(before, params[1], sizeof before) == 0);
  CHECK_EQ(step_of(optimizer, 1), 2);
  /* The groups count their tensors: the first still has one, the other too. */
  CHECK_REFUSES(optimizer, opt_set(optimizer, 0, OPT_AMSGRAD, 1), OPT_ERR_STATE,
                "'amsgrad'");
  CHECK_OK(opt_detach(optimizer, 0));
  CHECK_OK(opt_set(optimizer, 0, OPT_AMSGRAD, 1));
  CHECK_REFUSES(optimizer, opt_set(optimizer, group, OPT_AMSGRAD, 1),
                OPT_ERR_STATE, "'amsgrad'");
  CHECK_OK(opt_destroy(optimizer));
}

static void a_tensor_does_not_move_to_a_group_with_other_state(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 2);
  const opt_option_value values[] = {{OPT_AMSGRAD, 1}};
  int32_t group = -7;
  CHECK_OK(opt_add_group(optimizer, NULL, values, 1, &group));
  CHECK_REFUSES(optimizer, opt_tensor_set_group(optimizer, 1, group),
                OPT_ERR_STATE, "'amsgrad'");
  CHECK_REFUSES(optimizer, opt_tensor_set_group(optimizer, 1, 2), OPT_ERR_RANGE,
                "group 2");
  CHECK_REFUSES(optimizer, opt_tensor_set_group(optimizer, 1, OPT_ALL_GROUPS),
                OPT_ERR_RANGE, "group -1");
  CHECK_REFUSES(optimizer, opt_tensor_set_group(optimizer, 2, 0), OPT_ERR_RANGE,
                "2");
  CHECK_OK(opt_destroy(optimizer));
}

void group_tests(void) {
  RUN(groups_are_numbered_from_1);
  RUN(a_new_group_copies_the_optimizer_wide_values);
  RUN(setting_a_group_leaves_the_others);
  RUN(all_groups_are_set_at_once);
  RUN(a_preset_for_all_groups_reaches_new_ones);
  RUN(a_group_that_does_not_exist_is_refused);
  RUN(each_group_steps_with_its_own_rate);
  RUN(a_group_without_tensors_may_change_its_layout);
  RUN(a_new_group_takes_a_preset_and_then_values);
  RUN(a_group_with_a_bad_value_is_not_added);
  RUN(options_are_set_all_or_none);
  RUN(of_an_option_that_is_given_twice_the_last_value_counts);
  RUN(a_tensor_moves_to_another_group_with_its_state);
  RUN(a_tensor_does_not_move_to_a_group_with_other_state);
}
