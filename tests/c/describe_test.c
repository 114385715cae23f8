/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Introspection: everything is described, and nothing past the end.
 */

#include <math.h>
#include <string.h>

#include "fixture.h"

static void expect_text(const char* text) {
  CHECK(text != NULL && text[0] != '\0');
}

static void check_options(const opt_rule_info* rule) {
  for (int32_t i = 0; i < rule->option_count; ++i) {
    opt_option_info option = OPT_OPTION_INFO_INIT;
    CHECK_OK(opt_option_at(rule->name, i, &option));
    expect_text(option.name);
    expect_text(option.doc);
    CHECK(option.min < option.max);
    CHECK(option.default_value >= option.min);
    CHECK(option.default_value <= option.max);
    CHECK((option.flags & OPT_OPTION_CHOICE) == 0 || option.choices != NULL);
  }
}

static void check_slots(const opt_rule_info* rule) {
  for (int32_t i = 0; i < rule->slot_count; ++i) {
    opt_slot_info slot = OPT_SLOT_INFO_INIT;
    CHECK_OK(opt_slot_at(rule->name, i, &slot));
    expect_text(slot.name);
    expect_text(slot.doc);
    if (slot.when_option != NULL) {
      double value = NAN;
      CHECK_OK(opt_preset_value(rule->name, OPT_PRESET_TEXTBOOK,
                                slot.when_option, &value));
    }
  }
}

static void check_presets(const opt_rule_info* rule) {
  opt_preset_info preset = OPT_PRESET_INFO_INIT;
  CHECK_OK(opt_preset_at(rule->name, 0, &preset));
  CHECK_STR(preset.name, OPT_PRESET_TEXTBOOK);
  for (int32_t i = 0; i < rule->preset_count; ++i) {
    CHECK_OK(opt_preset_at(rule->name, i, &preset));
    expect_text(preset.name);
    expect_text(preset.doc);
    for (int32_t k = 0; k < rule->option_count; ++k) {
      opt_option_info option = OPT_OPTION_INFO_INIT;
      double value = NAN;
      CHECK_OK(opt_option_at(rule->name, k, &option));
      CHECK_OK(opt_preset_value(rule->name, preset.name, option.name, &value));
      CHECK(value >= option.min && value <= option.max);
      CHECK(i != 0 || value == option.default_value);
    }
  }
}

static void every_rule_is_described(void) {
  int32_t count = -1;
  CHECK_OK(opt_rule_count(&count));
  CHECK(count >= 5);
  for (int32_t i = 0; i < count; ++i) {
    opt_rule_info rule = OPT_RULE_INFO_INIT;
    opt_rule_info found = OPT_RULE_INFO_INIT;
    CHECK_OK(opt_rule_at(i, &rule));
    expect_text(rule.name);
    expect_text(rule.summary);
    expect_text(rule.formula);
    expect_text(rule.reference);
    CHECK_OK(opt_rule_find(rule.name, &found));
    CHECK(memcmp(&rule, &found, sizeof rule) == 0);
    check_options(&rule);
    check_slots(&rule);
    check_presets(&rule);
  }
}

static void an_alias_has_the_defaults_of_its_own(void) {
  int32_t count = -1;
  CHECK_OK(opt_alias_count(&count));
  CHECK(count >= 2);
  for (int32_t i = 0; i < count; ++i) {
    opt_alias_info alias = OPT_ALIAS_INFO_INIT;
    opt_rule_info rule = OPT_RULE_INFO_INIT;
    opt_optimizer optimizer = NULL;
    CHECK_OK(opt_alias_at(i, &alias));
    expect_text(alias.doc);
    CHECK_OK(opt_rule_find(alias.name, &rule));
    CHECK_STR(rule.name, alias.rule);
    CHECK_OK(opt_create(NULL, alias.name, &optimizer));
    for (int32_t k = 0; k < rule.option_count; ++k) {
      opt_option_info option = OPT_OPTION_INFO_INIT;
      double value = NAN;
      CHECK_OK(opt_option_at(alias.name, k, &option));
      CHECK_OK(opt_get(optimizer, 0, option.name, &value));
      CHECK(value == option.default_value);
    }
    CHECK_OK(opt_destroy(optimizer));
  }
}

/* By an index, each with room for what it fills. */
static opt_status rule_at(int32_t i) {
  opt_rule_info info = OPT_RULE_INFO_INIT;
  return opt_rule_at(i, &info);
}

static opt_status alias_at(int32_t i) {
  opt_alias_info info = OPT_ALIAS_INFO_INIT;
  return opt_alias_at(i, &info);
}

static opt_status option_at(int32_t i) {
  opt_option_info info = OPT_OPTION_INFO_INIT;
  return opt_option_at(OPT_RULE_ADAMW, i, &info);
}

static opt_status attribute_at(int32_t i) {
  opt_option_info info = OPT_OPTION_INFO_INIT;
  return opt_attribute_at(i, &info);
}

static opt_status slot_at(int32_t i) {
  opt_slot_info info = OPT_SLOT_INFO_INIT;
  return opt_slot_at(OPT_RULE_ADAMW, i, &info);
}

static opt_status preset_at(int32_t i) {
  opt_preset_info info = OPT_PRESET_INFO_INIT;
  return opt_preset_at(OPT_RULE_ADAMW, i, &info);
}

static opt_status target_at(int32_t i) {
  opt_target_info info = OPT_TARGET_INFO_INIT;
  return opt_target_at(i, &info);
}

static void expect_range(opt_status (*at)(int32_t index), int32_t count) {
  CHECK_OK(at(0));
  CHECK_OK(at(count - 1));
  CHECK_FAILS(at(count), OPT_ERR_RANGE, "indices");
  CHECK_FAILS(at(-1), OPT_ERR_RANGE, "indices");
  CHECK_FAILS(at(INT32_MAX), OPT_ERR_RANGE, "indices");
  CHECK_FAILS(at(INT32_MIN), OPT_ERR_RANGE, "indices");
}

static void an_index_past_the_end_is_refused(void) {
  opt_rule_info adamw = OPT_RULE_INFO_INIT;
  int32_t count = 0;
  CHECK_OK(opt_rule_find(OPT_RULE_ADAMW, &adamw));
  CHECK_OK(opt_rule_count(&count));
  expect_range(rule_at, count);
  CHECK_OK(opt_alias_count(&count));
  expect_range(alias_at, count);
  CHECK_OK(opt_target_count(&count));
  expect_range(target_at, count);
  CHECK_OK(opt_attribute_count(&count));
  expect_range(attribute_at, count);
  expect_range(option_at, adamw.option_count);
  expect_range(slot_at, adamw.slot_count);
  expect_range(preset_at, adamw.preset_count);
}

static void unknown_names_are_told_with_the_nearest(void) {
  opt_rule_info rule = OPT_RULE_INFO_INIT;
  opt_option_info option = OPT_OPTION_INFO_INIT;
  opt_slot_info slot = OPT_SLOT_INFO_INIT;
  opt_preset_info preset = OPT_PRESET_INFO_INIT;
  double value = 5;
  CHECK_FAILS(opt_rule_find("rmsporp", &rule), OPT_ERR_NAME, "rmsprop");
  CHECK_FAILS(opt_option_at("adm", 0, &option), OPT_ERR_NAME, "adam");
  CHECK_FAILS(opt_slot_at("sgdd", 0, &slot), OPT_ERR_NAME, "sgd");
  CHECK_FAILS(opt_preset_at("adamww", 0, &preset), OPT_ERR_NAME, "adamw");
  CHECK_FAILS(opt_preset_value("adamww", "textbook", "lr", &value),
              OPT_ERR_NAME, "adamw");
  CHECK_FAILS(opt_preset_value("adam", "textbok", "lr", &value), OPT_ERR_NAME,
              "textbook");
  CHECK_FAILS(opt_preset_value("adam", "textbook", "beta3", &value),
              OPT_ERR_NAME, "beta");
  CHECK(value == 5);
  CHECK(rule.name == NULL && option.name == NULL && slot.name == NULL);
}

static void the_version_is_that_of_the_headers(void) {
  CHECK_STR(opt_version(), "0.1.0");
  CHECK_EQ(opt_version_number(), 100);
  CHECK_EQ(opt_version_number(), OPT_VERSION_NUMBER);
  CHECK_CONTAINS(opt_build_info(), opt_version());
  CHECK(strchr(opt_build_info(), '\n') == NULL);
}

void describe_tests(void) {
  RUN(every_rule_is_described);
  RUN(an_alias_has_the_defaults_of_its_own);
  RUN(an_index_past_the_end_is_refused);
  RUN(unknown_names_are_told_with_the_nearest);
  RUN(the_version_is_that_of_the_headers);
}
