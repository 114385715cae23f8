/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The catalogue is JSON, and tells what the functions of introspection tell.
 */

#include <jansson.h>
#include <math.h>
#include <string.h>

#include "fixture.h"

static json_t* parsed(void) {
  json_error_t error;
  json_t* catalog = json_loads(opt_catalog(), JSON_REJECT_DUPLICATES, &error);
  if (catalog == NULL) check_fail(__FILE__, __LINE__, "JSON", error.text);
  return catalog;
}

/* Element `index` of the list `key`, of which there are `count`. */
static const json_t* element(const json_t* object, const char* key,
                             int32_t index, int32_t count) {
  const json_t* list = json_object_get(object, key);
  CHECK_EQ(json_array_size(list), count);
  return json_array_get(list, (size_t)index);
}

static void expect_text(const json_t* object, const char* key,
                        const char* expected) {
  const json_t* text = json_object_get(object, key);
  if (expected == NULL) {
    CHECK(json_is_null(text));
  } else {
    CHECK(json_is_string(text));
    CHECK_STR(json_string_value(text), expected);
  }
}

/* An infinity is null. */
static void expect_number(const json_t* object, const char* key,
                          double expected) {
  const json_t* number = json_object_get(object, key);
  CHECK(isinf(expected) ? json_is_null(number) : json_is_number(number));
  CHECK(isinf(expected) || json_number_value(number) == expected);
}

static void expect_flag(const json_t* object, const char* key,
                        uint32_t expected) {
  CHECK(json_is_boolean(json_object_get(object, key)));
  CHECK_EQ(json_is_true(json_object_get(object, key)), expected != 0);
}

/* A list of strings, of which `expected` has those that commas separate. */
static void expect_list(const json_t* object, const char* key,
                        const char* expected) {
  char joined[256] = "";
  size_t index;
  const json_t* text;
  const json_t* list = json_object_get(object, key);
  CHECK(json_is_array(list));
  json_array_foreach(list, index, text) {
    if (index > 0) strcat(joined, ",");
    strcat(joined, json_string_value(text));
  }
  CHECK_STR(joined, expected == NULL ? "" : expected);
}

static const char* type_of(const opt_option_info* option) {
  if ((option->flags & OPT_OPTION_BOOL) != 0) return "bool";
  if ((option->flags & OPT_OPTION_CHOICE) != 0) return "choice";
  return (option->flags & OPT_OPTION_INTEGER) != 0 ? "integer" : "number";
}

static void expect_option(const json_t* found, const opt_option_info* option) {
  const int is_required = (option->flags & OPT_OPTION_REQUIRED) != 0;
  expect_text(found, "name", option->name);
  expect_text(found, "doc", option->doc);
  expect_text(found, "type", type_of(option));
  expect_list(found, "aliases", option->aliases);
  expect_list(found, "choices", option->choices);
  expect_number(found, "default_value",
                is_required ? INFINITY : option->default_value);
  expect_number(found, "min", option->min);
  expect_number(found, "max", option->max);
  expect_flag(found, "min_open", option->flags & OPT_OPTION_MIN_OPEN);
  expect_flag(found, "max_open", option->flags & OPT_OPTION_MAX_OPEN);
  expect_flag(found, "layout", option->flags & OPT_OPTION_LAYOUT);
}

static void expect_options(const json_t* found, const char* rule,
                           const opt_rule_info* info) {
  for (int32_t i = 0; i < info->option_count; ++i) {
    const json_t* of = element(found, "options", i, info->option_count);
    opt_option_info option = OPT_OPTION_INFO_INIT;
    CHECK_OK(opt_option_at(rule, i, &option));
    expect_option(of, &option);
    CHECK_EQ(json_object_size(json_object_get(of, "presets")),
             info->preset_count);
    for (int32_t k = 0; k < info->preset_count; ++k) {
      opt_preset_info preset = OPT_PRESET_INFO_INIT;
      double value = NAN;
      CHECK_OK(opt_preset_at(rule, k, &preset));
      CHECK_OK(opt_preset_value(rule, preset.name, option.name, &value));
      expect_number(json_object_get(of, "presets"), preset.name, value);
    }
  }
}

/* `rule` may be an alias, which has a summary of its own. */
static void expect_rule(const json_t* found, const char* rule,
                        const char* summary) {
  opt_rule_info info = OPT_RULE_INFO_INIT;
  CHECK_OK(opt_rule_find(rule, &info));
  expect_text(found, "name", rule);
  expect_text(found, "rule", info.name);
  expect_text(found, "summary", summary == NULL ? info.summary : summary);
  expect_text(found, "formula", info.formula);
  expect_text(found, "reference", info.reference);
  expect_options(found, rule, &info);
  for (int32_t i = 0; i < info.slot_count; ++i) {
    const json_t* of = element(found, "slots", i, info.slot_count);
    opt_slot_info slot = OPT_SLOT_INFO_INIT;
    CHECK_OK(opt_slot_at(rule, i, &slot));
    expect_text(of, "name", slot.name);
    expect_text(of, "doc", slot.doc);
    expect_text(of, "when_option", slot.when_option);
  }
  for (int32_t i = 0; i < info.preset_count; ++i) {
    const json_t* of = element(found, "presets", i, info.preset_count);
    opt_preset_info preset = OPT_PRESET_INFO_INIT;
    CHECK_OK(opt_preset_at(rule, i, &preset));
    expect_text(of, "name", preset.name);
    expect_text(of, "doc", preset.doc);
  }
}

static void it_has_every_rule(void) {
  json_t* catalog = parsed();
  int32_t count = 0;
  CHECK_OK(opt_rule_count(&count));
  for (int32_t i = 0; i < count; ++i) {
    opt_rule_info rule = OPT_RULE_INFO_INIT;
    CHECK_OK(opt_rule_at(i, &rule));
    expect_rule(element(catalog, "rules", i, count), rule.name, NULL);
  }
  json_decref(catalog);
}

static void it_has_every_alias_as_a_rule_of_its_own(void) {
  json_t* catalog = parsed();
  int32_t count = 0;
  CHECK_OK(opt_alias_count(&count));
  for (int32_t i = 0; i < count; ++i) {
    opt_alias_info alias = OPT_ALIAS_INFO_INIT;
    CHECK_OK(opt_alias_at(i, &alias));
    expect_rule(element(catalog, "aliases", i, count), alias.name, alias.doc);
  }
  json_decref(catalog);
}

static void it_has_every_attribute_and_target(void) {
  json_t* catalog = parsed();
  int32_t count = 0;
  CHECK_OK(opt_attribute_count(&count));
  for (int32_t i = 0; i < count; ++i) {
    opt_option_info attribute = OPT_OPTION_INFO_INIT;
    CHECK_OK(opt_attribute_at(i, &attribute));
    expect_option(element(catalog, "attributes", i, count), &attribute);
  }
  CHECK_OK(opt_target_count(&count));
  for (int32_t i = 0; i < count; ++i) {
    opt_target_info target = OPT_TARGET_INFO_INIT;
    const json_t* of = element(catalog, "targets", i, count);
    CHECK_OK(opt_target_at(i, &target));
    expect_text(of, "name", target.name);
    expect_flag(of, "supported", (uint32_t)target.supported);
  }
  json_decref(catalog);
}

static void it_has_every_kind_of_schedule(void) {
  json_t* catalog = parsed();
  int32_t count = 0;
  CHECK_OK(opt_schedule_kind_count(&count));
  for (int32_t i = 0; i < count; ++i) {
    const json_t* of = element(catalog, "schedules", i, count);
    opt_schedule_kind_info kind = OPT_SCHEDULE_KIND_INFO_INIT;
    CHECK_OK(opt_schedule_kind_at(i, &kind));
    expect_text(of, "name", kind.name);
    expect_text(of, "summary", kind.summary);
    expect_text(of, "formula", kind.formula);
    expect_text(of, "reference", kind.reference);
    expect_text(of, "pytorch", kind.pytorch);
    expect_flag(of, "has_milestones", kind.flags & OPT_SCHEDULE_HAS_MILESTONES);
    expect_flag(of, "has_metric", kind.flags & OPT_SCHEDULE_HAS_METRIC);
    for (int32_t k = 0; k < kind.option_count; ++k) {
      opt_option_info option = OPT_OPTION_INFO_INIT;
      CHECK_OK(opt_schedule_option_at(kind.name, k, &option));
      expect_option(element(of, "options", k, kind.option_count), &option);
    }
  }
  json_decref(catalog);
}

/* The member `key` of an option of a rule or schedule. */
static void expect_words(const char* list, const char* of, const char* option,
                         const char* key, const char* expected) {
  json_t* catalog = parsed();
  size_t i;
  size_t k;
  const json_t* owner;
  const json_t* found;
  const char* text = "nowhere";
  json_array_foreach(json_object_get(catalog, list), i, owner) {
    if (strcmp(json_string_value(json_object_get(owner, "name")), of) != 0) {
      continue;
    }
    json_array_foreach(json_object_get(owner, "options"), k, found) {
      if (strcmp(json_string_value(json_object_get(found, "name")), option) ==
          0) {
        text = json_string_value(json_object_get(found, key));
      }
    }
  }
  CHECK_STR(text, expected);
  json_decref(catalog);
}

static void ranges_and_defaults_are_told_in_words(void) {
  expect_words("rules", "adamw", "beta1", "range", "at least 0 and below 1");
  expect_words("rules", "sgd", "dampening", "range", "from 0 to 1");
  expect_words("rules", "adam", "bias_correction", "range", "0 or 1");
  expect_words("rules", "adam", "eps_placement", "range",
               "inside, outside or hat");
  expect_words("schedules", "one_cycle", "div_factor", "range", "above 0");
  expect_words("rules", "lion", "lr", "range_and_default",
               "at least 0; default 0.0001 (keras: 0.001)");
  expect_words("rules", "adagrad", "eps", "range_and_default",
               "at least 0; default 1e-08 (pytorch: 1e-10, keras: 1e-07, "
               "optax: 1e-07)");
  expect_words("rules", "sgd", "first_step_dampened", "range_and_default",
               "default true (pytorch: false)");
  expect_words("aliases", "momentum", "momentum", "range_and_default",
               "at least 0; default 0.9");
  expect_words("schedules", "cosine", "t_max", "range_and_default",
               "a whole number, at least 1; required");
}

static void it_is_made_once(void) {
  const char* text = opt_catalog();
  CHECK(text != NULL);
  CHECK(opt_catalog() == text);
  CHECK_STR(opt_last_error(), "");
}

void catalog_tests(void) {
  RUN(it_has_every_rule);
  RUN(it_has_every_alias_as_a_rule_of_its_own);
  RUN(it_has_every_attribute_and_target);
  RUN(it_has_every_kind_of_schedule);
  RUN(ranges_and_defaults_are_told_in_words);
  RUN(it_is_made_once);
}
