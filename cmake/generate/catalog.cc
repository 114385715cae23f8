// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "cmake/generate/catalog.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "opt/opt_base.h"
#include "opt/opt_describe.h"
#include "opt/opt_schedule.h"

namespace opt {
namespace {

// What rules.inc calls the rules, in the order of opt_rule_at().
constexpr const char* kClassNames[] = {
#define OPT_RULE(name, class) #class,
#include "src/rules/rules.inc"
#undef OPT_RULE
};

void Check(opt_status status) {
  if (status != OPT_OK) throw std::runtime_error(opt_last_error());
}

// Fills `count` descriptions with `describe(index, &info)`.
template <typename Info, typename Describe>
std::vector<Info> ReadAll(int32_t count, Info initial, Describe describe) {
  std::vector<Info> all(static_cast<size_t>(count), initial);
  for (int32_t i = 0; i < count; ++i) {
    Check(describe(i, &all[static_cast<size_t>(i)]));
  }
  return all;
}

RuleEntry ReadRule(int32_t index) {
  RuleEntry rule{OPT_RULE_INFO_INIT, kClassNames[index], {}, {}, {}};
  Check(opt_rule_at(index, &rule.info));
  const char* name = rule.info.name;
  rule.options = OptionsOf(name);
  rule.slots = ReadAll<opt_slot_info>(
      rule.info.slot_count, OPT_SLOT_INFO_INIT,
      [name](int32_t i, auto* info) { return opt_slot_at(name, i, info); });
  rule.presets = ReadAll<opt_preset_info>(
      rule.info.preset_count, OPT_PRESET_INFO_INIT,
      [name](int32_t i, auto* info) { return opt_preset_at(name, i, info); });
  return rule;
}

ScheduleEntry ReadSchedule(int32_t index) {
  ScheduleEntry schedule{OPT_SCHEDULE_KIND_INFO_INIT, {}};
  Check(opt_schedule_kind_at(index, &schedule.info));
  const char* name = schedule.info.name;
  schedule.options =
      ReadAll<opt_option_info>(schedule.info.option_count, OPT_OPTION_INFO_INIT,
                               [name](int32_t i, auto* info) {
                                 return opt_schedule_option_at(name, i, info);
                               });
  return schedule;
}

}  // namespace

Catalog ReadCatalog() {
  Catalog catalog;
  int32_t rule_count = 0;
  Check(opt_rule_count(&rule_count));
  for (int32_t i = 0; i < rule_count; ++i) {
    catalog.rules.push_back(ReadRule(i));
  }
  int32_t alias_count = 0;
  Check(opt_alias_count(&alias_count));
  catalog.aliases =
      ReadAll<opt_alias_info>(alias_count, OPT_ALIAS_INFO_INIT, opt_alias_at);
  int32_t kind_count = 0;
  Check(opt_schedule_kind_count(&kind_count));
  for (int32_t i = 0; i < kind_count; ++i) {
    catalog.schedules.push_back(ReadSchedule(i));
  }
  int32_t attribute_count = 0;
  Check(opt_attribute_count(&attribute_count));
  catalog.attributes = ReadAll<opt_option_info>(
      attribute_count, OPT_OPTION_INFO_INIT, opt_attribute_at);
  return catalog;
}

RuleEntry ReadAlias(const Catalog& catalog, const opt_alias_info& alias) {
  for (RuleEntry rule : catalog.rules) {
    if (std::string(rule.info.name) != alias.rule) continue;
    rule.class_name = UpperCamel(alias.name);
    rule.info.name = alias.name;
    rule.info.summary = alias.doc;
    rule.options = OptionsOf(alias.name);
    return rule;
  }
  throw std::runtime_error(std::string(alias.name) + ": alias of no rule");
}

double PresetValue(const char* rule, const char* preset, const char* option) {
  double value = 0;
  Check(opt_preset_value(rule, preset, option, &value));
  return value;
}

std::vector<opt_option_info> OptionsOf(const char* rule) {
  opt_rule_info info = OPT_RULE_INFO_INIT;
  Check(opt_rule_find(rule, &info));
  return ReadAll<opt_option_info>(info.option_count, OPT_OPTION_INFO_INIT,
                                  [rule](int32_t i, auto* option) {
                                    return opt_option_at(rule, i, option);
                                  });
}

std::string Number(double value) {
  std::array<char, 32> text{};
  const auto result =
      std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), result.ptr};
}

std::string UpperCamel(const std::string& name) {
  std::string camel;
  bool start = true;
  for (const char c : name) {
    if (c != '_') {
      const bool raise = start && c >= 'a' && c <= 'z';
      camel += raise ? static_cast<char>(c - 'a' + 'A') : c;
    }
    start = c == '_';
  }
  return camel;
}

std::vector<std::string> Choices(const opt_option_info& option) {
  std::vector<std::string> names;
  if ((option.flags & OPT_OPTION_CHOICE) == 0) return names;
  std::istringstream list(option.choices);
  for (std::string name; std::getline(list, name, ',');) names.push_back(name);
  return names;
}

std::string RangeAndDefault(const opt_option_info& option) {
  if ((option.flags & OPT_OPTION_BOOL) != 0) {
    return option.default_value != 0 ? "default true" : "default false";
  }
  const std::vector<std::string> choices = Choices(option);
  const auto index = static_cast<size_t>(option.default_value);
  if (index < choices.size()) return "default " + choices[index];
  const bool min_open = (option.flags & OPT_OPTION_MIN_OPEN) != 0;
  const bool max_open =
      (option.flags & OPT_OPTION_MAX_OPEN) != 0 || std::isinf(option.max);
  return std::string("in ") + (min_open ? "(" : "[") + Number(option.min) +
         ", " + Number(option.max) + (max_open ? ")" : "]") + ", default " +
         Number(option.default_value);
}

std::string Wrapped(const std::string& lead, const std::string& text,
                    size_t width) {
  std::string wrapped;
  std::string line = lead;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (line.size() + 1 + word.size() > width) {
      wrapped += line + "\n";
      line = lead;
    }
    line += " " + word;
  }
  return wrapped + line + "\n";
}

}  // namespace opt
