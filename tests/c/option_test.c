/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Options: names, ranges, kinds, presets, and what fixes the state layout.
 */

#include <math.h>
#include <string.h>

#include "fixture.h"

static double value_of(opt_optimizer optimizer, const char* option) {
  double value = NAN;
  CHECK_OK(opt_get(optimizer, 0, option, &value));
  return value;
}

static void a_new_optimizer_has_the_default_values(void) {
  opt_rule_info rule = OPT_RULE_INFO_INIT;
  int32_t rules = 0;
  CHECK_OK(opt_rule_count(&rules));
  for (int32_t r = 0; r < rules; ++r) {
    CHECK_OK(opt_rule_at(r, &rule));
    const opt_optimizer optimizer = new_optimizer(rule.name);
    for (int32_t i = 0; i < rule.option_count; ++i) {
      opt_option_info option = OPT_OPTION_INFO_INIT;
      CHECK_OK(opt_option_at(rule.name, i, &option));
      CHECK(value_of(optimizer, option.name) == option.default_value);
    }
    CHECK_OK(opt_destroy(optimizer));
  }
}

static void a_set_value_is_read_back_exactly(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAMW);
  CHECK_OK(opt_set(optimizer, 0, OPT_LR, 0.1));
  CHECK(value_of(optimizer, OPT_LR) == 0.1);
  CHECK_OK(opt_set(optimizer, 0, OPT_LR, 0));
  CHECK(value_of(optimizer, OPT_LR) == 0);
  CHECK_OK(opt_set(optimizer, 0, OPT_EPS, 5e-324));
  CHECK(value_of(optimizer, OPT_EPS) == 5e-324);
  CHECK_OK(opt_destroy(optimizer));
}

static void an_unknown_option_is_named_with_the_nearest(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  double value = 7;
  CHECK_REFUSES(optimizer, opt_set(optimizer, 0, "wieght_decay", 0),
                OPT_ERR_NAME, "wieght_decay");
  CHECK_FAILS(opt_set(optimizer, 0, "wieght_decay", 0), OPT_ERR_NAME,
              "weight_decay");
  CHECK_FAILS(opt_get(optimizer, 0, "beta_1_", &value), OPT_ERR_NAME, "beta1");
  CHECK(value == 7);
  CHECK_FAILS(opt_set(optimizer, 0, "", 0), OPT_ERR_NAME, "adam");
  CHECK_FAILS(opt_set(optimizer, 0, "LR", 0), OPT_ERR_NAME, "lr");
  CHECK_FAILS(opt_set(optimizer, 0, OPT_MOMENTUM, 0), OPT_ERR_NAME,
              OPT_MOMENTUM);
  CHECK_OK(opt_destroy(optimizer));
}

/* Fails to set an option, and expects this suggestion. */
static void expect_hint(const char* rule, const char* option,
                        const char* hint) {
  const opt_optimizer optimizer = new_optimizer(rule);
  CHECK_FAILS(opt_set(optimizer, 0, option, 1), OPT_ERR_NAME, hint);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_word_of_other_libraries_suggests_the_option(void) {
  expect_hint(OPT_RULE_ADAM, "learning_rat", "did you mean 'lr'?");
  expect_hint(OPT_RULE_SGD, "LearningRate", "did you mean 'lr'?");
  expect_hint(OPT_RULE_ADAM, "epsilom", "did you mean 'eps'?");
  expect_hint(OPT_RULE_ADAM, "l2", "did you mean 'weight_decay'?");
  expect_hint(OPT_RULE_ADAM, "weightDecay", "did you mean 'weight_decay'?");
  expect_hint(OPT_RULE_ADAM, "betas", "did you mean 'beta");
  expect_hint(OPT_RULE_RMSPROP, "eps_in_sqrt", "did you mean 'eps_placement'?");
}

/* Sets an option by an alias, and expects its own name in all that is told. */
static void expect_alias(const char* rule, const char* alias,
                         const char* option) {
  const opt_optimizer optimizer = new_optimizer(rule);
  CHECK_OK(opt_set(optimizer, 0, alias, 0.75));
  CHECK(value_of(optimizer, option) == 0.75);
  CHECK(value_of(optimizer, alias) == 0.75);
  CHECK_FAILS(opt_set(optimizer, 0, alias, -1), OPT_ERR_VALUE, option);
  CHECK(value_of(optimizer, option) == 0.75);
  CHECK_OK(opt_destroy(optimizer));
}

static void names_of_other_libraries_are_taken_and_the_own_one_is_told(void) {
  expect_alias(OPT_RULE_ADAM, "b1", OPT_BETA1);
  expect_alias(OPT_RULE_ADAM, "beta_2", OPT_BETA2);
  expect_alias(OPT_RULE_ADAMW, "learning_rate", OPT_LR);
  expect_alias(OPT_RULE_ADAMW, "lambda", OPT_WEIGHT_DECAY);
  expect_alias(OPT_RULE_SGD, "eta", OPT_LR);
  expect_alias(OPT_RULE_SGD, "rho", OPT_MOMENTUM);
  expect_alias(OPT_RULE_RMSPROP, "rho", OPT_ALPHA);
  expect_alias(OPT_RULE_ADAFACTOR, "d", OPT_CLIP_THRESHOLD);
}

static void a_name_that_means_two_things_in_a_rule_is_no_alias(void) {
  const opt_optimizer lars = new_optimizer(OPT_RULE_LARS);
  const opt_optimizer asgd = new_optimizer(OPT_RULE_ASGD);
  CHECK_FAILS(opt_set(lars, 0, "eta", 0.1), OPT_ERR_NAME, "eta");
  CHECK_FAILS(opt_set(asgd, 0, "lambda", 0.1), OPT_ERR_NAME, "lambda");
  CHECK_OK(opt_destroy(lars));
  CHECK_OK(opt_destroy(asgd));
}

static void ranger_and_lambc_are_rules_with_options_of_their_own(void) {
  const opt_optimizer ranger = new_optimizer("ranger");
  const opt_optimizer lambc = new_optimizer("lambc");
  CHECK(value_of(ranger, OPT_LOOKAHEAD) == 6);
  CHECK(value_of(ranger, OPT_LOOKAHEAD_ALPHA) == 0.5);
  CHECK_OK(opt_set_preset(ranger, 0, OPT_PRESET_PYTORCH));
  CHECK(value_of(ranger, OPT_LOOKAHEAD) == 6);
  CHECK(value_of(lambc, OPT_TRUST_MAX) == 1);
  CHECK_OK(opt_destroy(ranger));
  CHECK_OK(opt_destroy(lambc));
}

static void a_rule_in_another_spelling_is_suggested(void) {
  opt_optimizer optimizer = NULL;
  CHECK_FAILS(opt_create(NULL, "AdamW", &optimizer), OPT_ERR_NAME,
              "did you mean 'adamw'?");
  CHECK_FAILS(opt_create(NULL, "RMSProp", &optimizer), OPT_ERR_NAME,
              "did you mean 'rmsprop'?");
  CHECK_FAILS(opt_create(NULL, "SDG", &optimizer), OPT_ERR_NAME,
              "did you mean 'sgd'?");
}

static void a_name_of_one_or_two_letters_gets_no_suggestion(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  CHECK_FAILS(opt_set(optimizer, 0, "x", 0), OPT_ERR_NAME, "'x'");
  CHECK(strstr(opt_last_error(), "did you mean") == NULL);
  CHECK_FAILS(opt_set(optimizer, 0, "tx", 0), OPT_ERR_NAME, "'tx'");
  CHECK(strstr(opt_last_error(), "did you mean") == NULL);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_name_far_from_all_gets_no_suggestion(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  CHECK_FAILS(opt_set(optimizer, 0, "xyzzyxyzzyxyzzy", 0), OPT_ERR_NAME,
              "xyzzyxyzzyxyzzy");
  CHECK(strstr(opt_last_error(), "did you mean") == NULL);
  CHECK_OK(opt_destroy(optimizer));
}

/* Sets the value and expects it to be refused, the option named. */
static void expect_out_of_range(opt_optimizer optimizer,
                                const opt_option_info* option, double value) {
  CHECK_REFUSES(optimizer, opt_set(optimizer, 0, option->name, value),
                OPT_ERR_VALUE, option->name);
}

static void expect_range(opt_optimizer optimizer,
                         const opt_option_info* option) {
  const int min_open = (option->flags & OPT_OPTION_MIN_OPEN) != 0;
  const int max_open = (option->flags & OPT_OPTION_MAX_OPEN) != 0;
  expect_out_of_range(optimizer, option, nextafter(option->min, -INFINITY));
  expect_out_of_range(optimizer, option, -INFINITY);
  expect_out_of_range(optimizer, option, NAN);
  if (isfinite(option->max)) {
    expect_out_of_range(optimizer, option, nextafter(option->max, INFINITY));
    expect_out_of_range(optimizer, option, INFINITY);
  }
  if (min_open) expect_out_of_range(optimizer, option, option->min);
  if (max_open) expect_out_of_range(optimizer, option, option->max);
  if (!min_open) CHECK_OK(opt_set(optimizer, 0, option->name, option->min));
  if (!max_open) CHECK_OK(opt_set(optimizer, 0, option->name, option->max));
  if ((option->flags & (OPT_OPTION_BOOL | OPT_OPTION_CHOICE)) != 0) {
    expect_out_of_range(optimizer, option, 0.5);
    CHECK(option->min == 0);
  }
  if ((option->flags & OPT_OPTION_BOOL) != 0) CHECK(option->max == 1);
}

static void every_option_of_every_rule_holds_its_range(void) {
  opt_rule_info rule = OPT_RULE_INFO_INIT;
  int32_t rules = 0;
  CHECK_OK(opt_rule_count(&rules));
  for (int32_t r = 0; r < rules; ++r) {
    CHECK_OK(opt_rule_at(r, &rule));
    const opt_optimizer optimizer = new_optimizer(rule.name);
    for (int32_t i = 0; i < rule.option_count; ++i) {
      opt_option_info option = OPT_OPTION_INFO_INIT;
      CHECK_OK(opt_option_at(rule.name, i, &option));
      expect_range(optimizer, &option);
    }
    CHECK_OK(opt_destroy(optimizer));
  }
}

static void a_refused_value_is_told_with_its_bounds(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  CHECK_FAILS(opt_set(optimizer, 0, OPT_BETA2, 1.5), OPT_ERR_VALUE, "1.5");
  CHECK_CONTAINS(opt_last_error(), "beta2");
  CHECK_CONTAINS(opt_last_error(), "[0, 1)");
  CHECK_FAILS(opt_set(optimizer, 0, OPT_LR, -0.25), OPT_ERR_VALUE, "-0.25");
  CHECK_OK(opt_destroy(optimizer));
}

static void a_refused_switch_or_choice_is_told_with_its_values(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  CHECK_REFUSES(optimizer, opt_set(optimizer, 0, OPT_FROZEN, 2), OPT_ERR_VALUE,
                "cannot be 2: it must be 0 or 1");
  CHECK_REFUSES(optimizer, opt_set(optimizer, 0, OPT_EPS_PLACEMENT, 7),
                OPT_ERR_VALUE,
                "cannot be 7: it must be 0 (inside), 1 (outside) or 2 (hat)");
  CHECK_OK(opt_destroy(optimizer));
}

static void rmsprop_takes_beta_for_alpha(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_RMSPROP);
  CHECK_OK(opt_set(optimizer, 0, "beta", 0.75));
  CHECK(value_of(optimizer, OPT_ALPHA) == 0.75);
  CHECK(value_of(optimizer, "beta") == 0.75);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_preset_sets_every_option(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_RMSPROP);
  CHECK_OK(opt_set(optimizer, 0, OPT_WEIGHT_DECAY, 0.5));
  CHECK_OK(opt_set(optimizer, 0, OPT_CENTERED, 1));
  CHECK_OK(opt_set_preset(optimizer, 0, OPT_PRESET_PYTORCH));
  CHECK(value_of(optimizer, OPT_LR) == 1e-2);
  CHECK(value_of(optimizer, OPT_ALPHA) == 0.99);
  CHECK(value_of(optimizer, OPT_WEIGHT_DECAY) == 0);
  CHECK(value_of(optimizer, OPT_CENTERED) == 0);
  CHECK_OK(opt_set_preset(optimizer, 0, OPT_PRESET_TEXTBOOK));
  CHECK(value_of(optimizer, OPT_LR) == 1e-3);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_preset_leaves_alone_what_an_alias_sets(void) {
  const opt_optimizer optimizer = new_optimizer("momentum");
  CHECK_OK(opt_set(optimizer, 0, OPT_MOMENTUM, 0.5));
  CHECK_OK(opt_set_preset(optimizer, 0, OPT_PRESET_PYTORCH));
  CHECK(value_of(optimizer, OPT_MOMENTUM) == 0.9);
  CHECK_OK(opt_destroy(optimizer));
}

static void an_unknown_preset_is_named_with_the_nearest(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  CHECK_REFUSES(optimizer, opt_set_preset(optimizer, 0, "pytorhc"),
                OPT_ERR_NAME, "pytorch");
  CHECK_FAILS(opt_set_preset(optimizer, 0, "pytorhc"), OPT_ERR_NAME, "pytorhc");
  CHECK_OK(opt_destroy(optimizer));
}

static void the_layout_is_free_before_attach_and_fixed_after(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  const opt_tensor tensor = tensor_of("w", NULL, NULL, 4);
  CHECK_OK(opt_set(optimizer, 0, OPT_AMSGRAD, 1));
  CHECK_OK(opt_set(optimizer, 0, OPT_AMSGRAD, 0));
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_REFUSES(optimizer, opt_set(optimizer, 0, OPT_AMSGRAD, 1), OPT_ERR_STATE,
                OPT_AMSGRAD);
  CHECK_REFUSES(optimizer, opt_set(optimizer, OPT_ALL_GROUPS, OPT_AMSGRAD, 1),
                OPT_ERR_STATE, OPT_AMSGRAD);
  CHECK_OK(opt_set(optimizer, 0, OPT_AMSGRAD, 0));
  CHECK_OK(opt_detach(optimizer, 0));
  CHECK_OK(opt_set(optimizer, 0, OPT_AMSGRAD, 1));
  CHECK_OK(opt_destroy(optimizer));
}

static void a_layout_option_may_change_but_not_to_or_from_zero(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  const opt_tensor tensor = tensor_of("w", NULL, NULL, 4);
  CHECK_OK(opt_set(optimizer, 0, OPT_MOMENTUM, 0.5));
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_OK(opt_set(optimizer, 0, OPT_MOMENTUM, 0.9));
  CHECK_REFUSES(optimizer, opt_set(optimizer, 0, OPT_MOMENTUM, 0),
                OPT_ERR_STATE, OPT_MOMENTUM);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_preset_that_changes_the_layout_is_refused_whole(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  const opt_tensor tensor = tensor_of("w", NULL, NULL, 4);
  CHECK_OK(opt_set(optimizer, 0, OPT_AMSGRAD, 1));
  CHECK_OK(opt_set(optimizer, 0, OPT_LR, 0.5));
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_REFUSES(optimizer, opt_set_preset(optimizer, 0, OPT_PRESET_PYTORCH),
                OPT_ERR_STATE, OPT_AMSGRAD);
  CHECK_OK(opt_destroy(optimizer));
}

void option_tests(void) {
  RUN(a_new_optimizer_has_the_default_values);
  RUN(a_set_value_is_read_back_exactly);
  RUN(an_unknown_option_is_named_with_the_nearest);
  RUN(a_word_of_other_libraries_suggests_the_option);
  RUN(names_of_other_libraries_are_taken_and_the_own_one_is_told);
  RUN(a_name_that_means_two_things_in_a_rule_is_no_alias);
  RUN(ranger_and_lambc_are_rules_with_options_of_their_own);
  RUN(a_rule_in_another_spelling_is_suggested);
  RUN(a_name_of_one_or_two_letters_gets_no_suggestion);
  RUN(a_name_far_from_all_gets_no_suggestion);
  RUN(every_option_of_every_rule_holds_its_range);
  RUN(a_refused_value_is_told_with_its_bounds);
  RUN(a_refused_switch_or_choice_is_told_with_its_values);
  RUN(rmsprop_takes_beta_for_alpha);
  RUN(a_preset_sets_every_option);
  RUN(a_preset_leaves_alone_what_an_alias_sets);
  RUN(an_unknown_preset_is_named_with_the_nearest);
  RUN(the_layout_is_free_before_attach_and_fixed_after);
  RUN(a_layout_option_may_change_but_not_to_or_from_zero);
  RUN(a_preset_that_changes_the_layout_is_refused_whole);
}
