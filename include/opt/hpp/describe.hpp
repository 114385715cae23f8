// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Introspection: the rules, options, slots, presets and SIMD targets, as lists.
// The strings live as long as the library. Include <opt/opt.hpp>.
#ifndef OPT_HPP_DESCRIBE_HPP_
#define OPT_HPP_DESCRIBE_HPP_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "opt/hpp/error.hpp"
#include "opt/opt.h"

namespace opt {
inline namespace OPT_HPP_NAMESPACE {

// Descriptions; opt_describe.h says what is in them.
using Rule = opt_rule_info;
using Alias = opt_alias_info;
using Option = opt_option_info;
using Slot = opt_slot_info;
using Preset = opt_preset_info;
using SimdTarget = opt_target_info;

namespace internal {

// `count` infos, each filled by describe(index, &info).
template <typename Info, typename Describe>
Returned<std::vector<Info>> List(opt_status status, int32_t count, Info initial,
                                 const Describe& describe) {
  std::vector<Info> infos(static_cast<size_t>(count), initial);
  for (int32_t i = 0; status == OPT_OK && i < count; ++i) {
    status = describe(i, &infos[static_cast<size_t>(i)]);
  }
  return Finish(status, std::move(infos));
}

}  // namespace internal

// All rules, in the order of the registry; aliases not included.
inline Returned<std::vector<Rule>> Rules() {
  int32_t count = 0;
  const opt_status status = opt_rule_count(&count);
  return internal::List<Rule>(status, count, OPT_RULE_INFO_INIT, opt_rule_at);
}

// The rule of a name or alias.
inline Returned<Rule> FindRule(const std::string& rule) {
  Rule info = OPT_RULE_INFO_INIT;
  const opt_status status = opt_rule_find(rule.c_str(), &info);
  return internal::Finish(status, info);
}

inline Returned<std::vector<Alias>> Aliases() {
  int32_t count = 0;
  const opt_status status = opt_alias_count(&count);
  return internal::List<Alias>(status, count, OPT_ALIAS_INFO_INIT,
                               opt_alias_at);
}

// The options of a rule, or with the defaults of an alias.
inline Returned<std::vector<Option>> OptionsOf(const std::string& rule) {
  Rule info = OPT_RULE_INFO_INIT;
  const opt_status status = opt_rule_find(rule.c_str(), &info);
  return internal::List<Option>(status, info.option_count, OPT_OPTION_INFO_INIT,
                                [&](int32_t i, Option* option) {
                                  return opt_option_at(rule.c_str(), i, option);
                                });
}

// The attributes that a tensor has, described as options are.
inline Returned<std::vector<Option>> Attributes() {
  int32_t count = 0;
  const opt_status status = opt_attribute_count(&count);
  return internal::List<Option>(status, count, OPT_OPTION_INFO_INIT,
                                opt_attribute_at);
}

inline Returned<std::vector<Slot>> SlotsOf(const std::string& rule) {
  Rule info = OPT_RULE_INFO_INIT;
  const opt_status status = opt_rule_find(rule.c_str(), &info);
  return internal::List<Slot>(status, info.slot_count, OPT_SLOT_INFO_INIT,
                              [&](int32_t i, Slot* slot) {
                                return opt_slot_at(rule.c_str(), i, slot);
                              });
}

inline Returned<std::vector<Preset>> PresetsOf(const std::string& rule) {
  Rule info = OPT_RULE_INFO_INIT;
  const opt_status status = opt_rule_find(rule.c_str(), &info);
  return internal::List<Preset>(status, info.preset_count, OPT_PRESET_INFO_INIT,
                                [&](int32_t i, Preset* preset) {
                                  return opt_preset_at(rule.c_str(), i, preset);
                                });
}

// The value to which a preset of a rule sets an option.
inline Returned<double> PresetValue(const std::string& rule,
                                    const std::string& preset,
                                    const std::string& option) {
  double value = 0;
  const opt_status status =
      opt_preset_value(rule.c_str(), preset.c_str(), option.c_str(), &value);
  return internal::Finish(status, value);
}

// The SIMD targets that were compiled in, best first.
inline Returned<std::vector<SimdTarget>> Targets() {
  int32_t count = 0;
  const opt_status status = opt_target_count(&count);
  return internal::List<SimdTarget>(status, count, OPT_TARGET_INFO_INIT,
                                    opt_target_at);
}

// The name of a status: "OPT_ERR_BUSY".
inline const char* StatusName(Status status) { return opt_status_name(status); }

// All of the above, and the kinds of schedules, as one JSON object.
inline Returned<const char*> Catalog() {
  const char* text = opt_catalog();
  return internal::Finish(text != nullptr ? OPT_OK : OPT_ERR_MEMORY, text);
}

// The library's version, the same as a number that grows from release to
// release (10203 is 1.2.3), and a line about it for bug reports.
inline const char* Version() { return opt_version(); }
inline int32_t VersionNumber() { return opt_version_number(); }
inline const char* BuildInfo() { return opt_build_info(); }

}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_DESCRIBE_HPP_
