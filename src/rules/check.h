// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Checks of a rule's descriptor that a compiler can make.

#ifndef OPT_SRC_RULES_CHECK_H_
#define OPT_SRC_RULES_CHECK_H_

#include <string_view>

#include "src/base/text.h"
#include "src/rules/descriptor.h"

namespace libopt {

// Element types that a slot can have so far. Quantized ones will need scales
// beside them and loops that convert.
constexpr bool HasUsableType(const SlotDescriptor& slot) {
  if (slot.is_like_param()) return slot.dtype == OPT_DTYPE_PARAM;
  if (slot.is_tensor_number() || slot.is_group_number()) {
    return slot.dtype == OPT_F64;
  }
  return slot.dtype == OPT_DTYPE_PARAM || slot.dtype == OPT_F32 ||
         slot.dtype == OPT_F64;
}

// The slots that are like the parameter come first, since the loops over
// elements count them from 0.
constexpr bool HasValidSlots(const RuleDescriptor& rule) {
  if (rule.slot_count > kMaxSlots) return false;
  for (int i = 0; i < rule.slot_count; ++i) {
    const SlotDescriptor& slot = rule.slots[i];
    if (slot.when_option < kAlways || slot.when_option >= rule.option_count ||
        slot.initial_option < kParamCopy ||
        slot.initial_option >= rule.option_count || !HasUsableType(slot)) {
      return false;
    }
    if (slot.initial_option == kParamCopy && !slot.is_like_param()) {
      return false;
    }
    const bool follows_like_param = i == 0 || rule.slots[i - 1].is_like_param();
    if (slot.is_like_param() && !follows_like_param) return false;
  }
  return true;
}

// The options that every rule has are at their places, and every value is in
// its range.
constexpr bool HasValidOptions(const RuleDescriptor& rule) {
  if (rule.option_count < kFirstRuleOption || rule.option_count > kMaxOptions) {
    return false;
  }
  for (int i = 0; i < rule.option_count; ++i) {
    const OptionDescriptor& option = rule.options[i];
    if (option.default_value < option.min ||
        option.default_value > option.max) {
      return false;
    }
    const bool is_choice = (option.flags & OPT_OPTION_CHOICE) != 0;
    if (is_choice != (option.choices != nullptr)) return false;
  }
  return rule.factor_option >= kAlways &&
         rule.factor_option < rule.option_count && rule.eval_slot >= kNone &&
         rule.eval_slot < rule.slot_count;
}

constexpr bool HasValidValues(const RuleDescriptor& rule,
                              const NamedValues& named) {
  for (int i = 0; i < named.count; ++i) {
    const OptionValue& value = named.values[i];
    if (value.option < 0 || value.option >= rule.option_count ||
        value.value < rule.options[value.option].min ||
        value.value > rule.options[value.option].max) {
      return false;
    }
  }
  return true;
}

// Whether `name` is one of the names in a list with commas, nullptr: none.
constexpr bool IsListed(std::string_view name, const char* list) {
  std::string_view rest = list == nullptr ? "" : list;
  while (!rest.empty()) {
    if (TakeItem(&rest, ',') == name) return true;
  }
  return false;
}

// Whether a name means this option and no other one of the rule.
constexpr bool MeansOnly(const RuleDescriptor& rule, int option,
                         std::string_view name) {
  if (name.empty()) return false;
  for (int i = 0; i < rule.option_count; ++i) {
    const OptionDescriptor& other = rule.options[i];
    if (i != option && name == other.name) return false;
    if (i != option && IsListed(name, other.aliases)) return false;
  }
  return true;
}

// Every name of an option, aliases included, means one option.
constexpr bool HasUnambiguousNames(const RuleDescriptor& rule) {
  for (int i = 0; i < rule.option_count; ++i) {
    const OptionDescriptor& option = rule.options[i];
    if (!MeansOnly(rule, i, option.name)) return false;
    if (option.aliases == nullptr) continue;
    std::string_view rest = option.aliases;
    if (rest.empty() || rest.back() == ',') return false;
    while (!rest.empty()) {
      const std::string_view alias = TakeItem(&rest, ',');
      if (alias == option.name || !MeansOnly(rule, i, alias)) return false;
      if (IsListed(alias, rest.data())) return false;
    }
  }
  return true;
}

// `own` is the rule as its file describes it, whose slots the loops know;
// `rule` is the same with the shared options, which presets and aliases may
// set.
constexpr bool IsValid(const RuleDescriptor& own, const RuleDescriptor& rule) {
  for (int i = 0; i < rule.preset_count; ++i) {
    if (!HasValidValues(rule, rule.presets[i])) return false;
  }
  for (int i = 0; i < rule.alias_count; ++i) {
    if (!HasValidValues(rule, rule.aliases[i])) return false;
  }
  return HasValidSlots(own) && HasValidOptions(rule) &&
         HasUnambiguousNames(rule);
}

}  // namespace libopt

#endif  // OPT_SRC_RULES_CHECK_H_
