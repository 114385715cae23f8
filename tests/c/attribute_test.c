/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Attributes of one tensor: factors of its learning rate and weight decay.
 */

#include <math.h>
#include <string.h>

#include "fixture.h"

/* Two tensors with the same numbers. */
static opt_optimizer attached_twins(const char* rule) {
  const opt_optimizer optimizer = attached(rule, 2);
  memcpy(params[1], params[0], sizeof params[0]);
  memcpy(grads[1], grads[0], sizeof grads[0]);
  CHECK_OK(opt_set(optimizer, OPT_ALL_GROUPS, OPT_LR, 0.125));
  CHECK_OK(opt_set(optimizer, OPT_ALL_GROUPS, OPT_WEIGHT_DECAY, 0.0625));
  return optimizer;
}

static int parameters_agree(void) {
  return memcmp(params[0], params[1], sizeof params[0]) == 0;
}

/* Three steps of tensor "a" with an attribute end at the same bytes as those of
 * "b" in an optimizer with that option. */
static void expect_as_option(const char* rule, const char* attribute,
                             double factor, const char* option, double value) {
  float expected[kCount];
  opt_optimizer optimizer = attached_twins(rule);
  CHECK_OK(opt_set(optimizer, OPT_ALL_GROUPS, option, value));
  for (int i = 0; i < 3; ++i) CHECK_OK(opt_step(optimizer, NULL));
  memcpy(expected, params[1], sizeof expected);
  CHECK_OK(opt_destroy(optimizer));
  optimizer = attached_twins(rule);
  CHECK_OK(opt_set_attribute(optimizer, 0, attribute, factor));
  for (int i = 0; i < 3; ++i) CHECK_OK(opt_step(optimizer, NULL));
  CHECK(memcmp(params[0], expected, sizeof expected) == 0);
  CHECK(!parameters_agree());
  CHECK_OK(opt_destroy(optimizer));
}

static const char* const kRules[] = {OPT_RULE_SGD, OPT_RULE_ADAMW,
                                     OPT_RULE_RMSPROP, OPT_RULE_LION};

static void a_factor_multiplies_the_learning_rate(void) {
  for (int64_t i = 0; i < COUNT_OF(kRules); ++i) {
    expect_as_option(kRules[i], OPT_TENSOR_LR_FACTOR, 0.3, OPT_LR, 0.125 * 0.3);
  }
}

static void a_factor_multiplies_the_weight_decay(void) {
  for (int64_t i = 0; i < COUNT_OF(kRules); ++i) {
    expect_as_option(kRules[i], OPT_TENSOR_WEIGHT_DECAY_FACTOR, 3,
                     OPT_WEIGHT_DECAY, 0.0625 * 3);
    expect_as_option(kRules[i], OPT_TENSOR_WEIGHT_DECAY_FACTOR, 0,
                     OPT_WEIGHT_DECAY, 0);
  }
}

static void factors_of_one_change_no_bit(void) {
  const opt_optimizer optimizer = attached_twins(OPT_RULE_ADAMW);
  CHECK_OK(opt_set_attribute(optimizer, 0, OPT_TENSOR_LR_FACTOR, 1));
  CHECK_OK(opt_set_attribute(optimizer, 0, OPT_TENSOR_WEIGHT_DECAY_FACTOR, 1));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(parameters_agree());
  CHECK_OK(opt_destroy(optimizer));
}

/* Tensors of one group and step number share constants only where their
 * factors agree. */
static void each_tensor_has_its_own_factors_in_one_step(void) {
  const opt_optimizer optimizer = attached_twins(OPT_RULE_GD);
  float expected[kCount];
  CHECK_OK(opt_set(optimizer, OPT_ALL_GROUPS, OPT_WEIGHT_DECAY, 0));
  CHECK_OK(opt_set_attribute(optimizer, 0, OPT_TENSOR_LR_FACTOR, 2));
  CHECK_OK(opt_set_attribute(optimizer, 1, OPT_TENSOR_LR_FACTOR, 0));
  memcpy(expected, params[1], sizeof expected);
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(memcmp(params[1], expected, sizeof expected) == 0);
  for (int i = 0; i < kCount; ++i) {
    CHECK(params[0][i] == expected[i] - 0.25F * grads[0][i]);
  }
  CHECK_EQ(step_of(optimizer, 1), 1);
  CHECK_OK(opt_destroy(optimizer));
}

static void an_attribute_may_change_at_any_time_and_back(void) {
  const opt_optimizer optimizer = attached_twins(OPT_RULE_ADAMW);
  double value = -1;
  CHECK_OK(opt_set_attribute(optimizer, 0, OPT_TENSOR_LR_FACTOR, 0.5));
  CHECK_OK(opt_get_attribute(optimizer, 0, OPT_TENSOR_LR_FACTOR, &value));
  CHECK(value == 0.5);
  CHECK_OK(opt_set_attribute(optimizer, 0, OPT_TENSOR_LR_FACTOR, 1));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(parameters_agree());
  CHECK_OK(opt_destroy(optimizer));
}

static void a_new_tensor_has_the_defaults_that_are_told(void) {
  const opt_optimizer optimizer = attached_twins(OPT_RULE_SGD);
  int32_t count = 0;
  CHECK_OK(opt_attribute_count(&count));
  CHECK_EQ(count, 3);
  for (int32_t i = 0; i < count; ++i) {
    opt_option_info attribute = OPT_OPTION_INFO_INIT;
    double value = NAN;
    CHECK_OK(opt_attribute_at(i, &attribute));
    CHECK(attribute.doc != NULL && attribute.doc[0] != '\0');
    CHECK_OK(opt_get_attribute(optimizer, 1, attribute.name, &value));
    CHECK(value == attribute.default_value);
    CHECK_REFUSES(
        optimizer,
        opt_set_attribute(optimizer, 1, attribute.name, attribute.min - 1),
        OPT_ERR_VALUE, attribute.name);
    CHECK_REFUSES(optimizer,
                  opt_set_attribute(optimizer, 1, attribute.name, INFINITY),
                  OPT_ERR_VALUE, attribute.name);
    CHECK_REFUSES(optimizer,
                  opt_set_attribute(optimizer, 1, attribute.name, NAN),
                  OPT_ERR_VALUE, attribute.name);
  }
  CHECK_OK(opt_destroy(optimizer));
}

static void what_is_no_attribute_is_refused(void) {
  const opt_optimizer optimizer = attached_twins(OPT_RULE_SGD);
  double value = 7;
  CHECK_REFUSES(optimizer, opt_set_attribute(optimizer, 0, "lr_facter", 1),
                OPT_ERR_NAME, "'lr_factor'");
  CHECK_REFUSES(optimizer, opt_get_attribute(optimizer, 0, "lr", &value),
                OPT_ERR_NAME, "opt_attribute_at");
  CHECK_REFUSES(optimizer, opt_set_attribute(optimizer, 2, "frozen", 1),
                OPT_ERR_RANGE, "no tensor 2");
  CHECK_REFUSES(optimizer, opt_get_attribute(optimizer, -1, "frozen", &value),
                OPT_ERR_RANGE, "no tensor -1");
  CHECK_REFUSES(optimizer, opt_set_attribute(optimizer, 0, "frozen", 0.5),
                OPT_ERR_VALUE, "0 or 1");
  CHECK(value == 7);
  CHECK_OK(opt_destroy(optimizer));
}

void attribute_tests(void) {
  RUN(a_factor_multiplies_the_learning_rate);
  RUN(a_factor_multiplies_the_weight_decay);
  RUN(factors_of_one_change_no_bit);
  RUN(each_tensor_has_its_own_factors_in_one_step);
  RUN(an_attribute_may_change_at_any_time_and_back);
  RUN(a_new_tensor_has_the_defaults_that_are_told);
  RUN(what_is_no_attribute_is_refused);
}
