// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "opt/opt_describe.h"
#include "opt/opt_schedule.h"
#include "src/api/guard.h"
#include "src/core/attributes.h"
#include "src/core/registry.h"
#include "src/core/schedule_kind.h"
#include "src/core/struct_size.h"
#include "src/core/target.h"

namespace {

void CheckIndex(int32_t index, int32_t count, const char* what) {
  if (index < 0 || index >= count) {
    opt::Fail(OPT_ERR_RANGE, "there is no ", what, " ", index,
              ": indices are 0 to ", count - 1);
  }
}

opt::NamedRule FindRule(const char* rule) {
  opt::CheckPointer(rule, "opt_describe.h", "rule");
  return opt::FindRule(rule);
}

// The alias at an index, over the rules in turn; `count` receives how many
// there are in all.
const opt::NamedValues* AliasAt(int32_t index, const opt::Rule** rule,
                                int32_t* count) {
  const opt::NamedValues* found = nullptr;
  *count = 0;
  for (int i = 0; i < opt::RuleCount(); ++i) {
    const opt::RuleDescriptor& descriptor = *opt::Rules()[i]->descriptor;
    if (index >= *count && index - *count < descriptor.alias_count) {
      found = &descriptor.aliases[index - *count];
      *rule = opt::Rules()[i];
    }
    *count += descriptor.alias_count;
  }
  return found;
}

void WriteRule(const opt::RuleDescriptor& rule, opt_rule_info* info) {
  opt_rule_info value = {};
  value.option_count = rule.option_count;
  value.slot_count = rule.slot_count;
  value.preset_count = rule.preset_count;
  value.name = rule.name;
  value.summary = rule.summary;
  value.formula = rule.formula;
  value.reference = rule.reference;
  opt::WriteStruct(value, sizeof(value), "opt_rule_info", info);
}

void WriteOption(const opt::OptionDescriptor& option, double default_value,
                 opt_option_info* info) {
  opt_option_info value = {};
  value.flags = option.flags;
  value.default_value = default_value;
  value.min = option.min;
  value.max = option.max;
  value.name = option.name;
  value.alias = option.alias;
  value.doc = option.doc;
  value.choices = option.choices;
  opt::WriteStruct(value, sizeof(value), "opt_option_info", info);
}

const opt::ScheduleKind& FindKind(const char* kind) {
  opt::CheckPointer(kind, "opt_schedule.h", "kind");
  return opt::FindScheduleKind(kind);
}

void WriteKind(const opt::ScheduleKind& kind, opt_schedule_kind_info* info) {
  opt_schedule_kind_info value = {};
  value.option_count = kind.option_count;
  value.flags = kind.flags;
  value.name = kind.name;
  value.summary = kind.summary;
  value.formula = kind.formula;
  value.reference = kind.reference;
  value.pytorch = kind.pytorch;
  opt::WriteStruct(value, sizeof(value), "opt_schedule_kind_info", info);
}

void Write(int32_t value, const char* function, int32_t* out) {
  opt::CheckPointer(out, function, "count");
  *out = value;
}

}  // namespace

extern "C" {

opt_status opt_rule_count(int32_t* count) {
  return opt::Guard([&] { Write(opt::RuleCount(), "opt_rule_count", count); });
}

opt_status opt_rule_at(int32_t index, opt_rule_info* info) {
  return opt::Guard([&] {
    CheckIndex(index, opt::RuleCount(), "rule");
    WriteRule(*opt::Rules()[index]->descriptor, info);
  });
}

opt_status opt_rule_find(const char* rule, opt_rule_info* info) {
  return opt::Guard([&] { WriteRule(*FindRule(rule).rule->descriptor, info); });
}

opt_status opt_alias_count(int32_t* count) {
  return opt::Guard([&] {
    const opt::Rule* rule = nullptr;
    int32_t aliases = 0;
    AliasAt(0, &rule, &aliases);
    Write(aliases, "opt_alias_count", count);
  });
}

opt_status opt_alias_at(int32_t index, opt_alias_info* info) {
  return opt::Guard([&] {
    const opt::Rule* rule = nullptr;
    int32_t count = 0;
    const opt::NamedValues* alias = AliasAt(index, &rule, &count);
    CheckIndex(index, count, "alias");
    opt_alias_info value = {};
    value.name = alias->name;
    value.rule = rule->descriptor->name;
    value.doc = alias->doc;
    opt::WriteStruct(value, sizeof(value), "opt_alias_info", info);
  });
}

opt_status opt_attribute_count(int32_t* count) {
  return opt::Guard(
      [&] { Write(opt::kAttributeCount, "opt_attribute_count", count); });
}

opt_status opt_attribute_at(int32_t index, opt_option_info* info) {
  return opt::Guard([&] {
    CheckIndex(index, opt::kAttributeCount, "attribute");
    const opt::OptionDescriptor& attribute = opt::kAttributes[index];
    WriteOption(attribute, attribute.default_value, info);
  });
}

opt_status opt_option_at(const char* rule, int32_t index,
                         opt_option_info* info) {
  return opt::Guard([&] {
    const opt::NamedRule named = FindRule(rule);
    const opt::RuleDescriptor& descriptor = *named.rule->descriptor;
    CheckIndex(index, descriptor.option_count, "option");
    const opt::OptionDescriptor& option = descriptor.options[index];
    WriteOption(option, opt::ValueOf(named, nullptr, index), info);
  });
}

opt_status opt_slot_at(const char* rule, int32_t index, opt_slot_info* info) {
  return opt::Guard([&] {
    const opt::RuleDescriptor& descriptor = *FindRule(rule).rule->descriptor;
    CheckIndex(index, descriptor.slot_count, "slot");
    const opt::SlotDescriptor& slot = descriptor.slots[index];
    opt_slot_info value = {};
    value.name = slot.name;
    value.doc = slot.doc;
    if (slot.when_option != opt::kAlways) {
      value.when_option = descriptor.options[slot.when_option].name;
    }
    opt::WriteStruct(value, sizeof(value), "opt_slot_info", info);
  });
}

opt_status opt_preset_at(const char* rule, int32_t index,
                         opt_preset_info* info) {
  return opt::Guard([&] {
    const opt::RuleDescriptor& descriptor = *FindRule(rule).rule->descriptor;
    CheckIndex(index, descriptor.preset_count, "preset");
    opt_preset_info value = {};
    value.name = descriptor.presets[index].name;
    value.doc = descriptor.presets[index].doc;
    opt::WriteStruct(value, sizeof(value), "opt_preset_info", info);
  });
}

opt_status opt_preset_value(const char* rule, const char* preset,
                            const char* option, double* value) {
  return opt::Guard([&] {
    opt::CheckPointer(preset, "opt_preset_value", "preset");
    opt::CheckPointer(option, "opt_preset_value", "option");
    opt::CheckPointer(value, "opt_preset_value", "value");
    const opt::NamedRule named = FindRule(rule);
    const opt::RuleDescriptor& descriptor = *named.rule->descriptor;
    const opt::NamedValues& values = opt::FindPreset(descriptor, preset);
    *value = opt::ValueOf(named, &values, opt::FindOption(descriptor, option));
  });
}

opt_status opt_schedule_kind_count(int32_t* count) {
  return opt::Guard([&] {
    Write(opt::ScheduleKindCount(), "opt_schedule_kind_count", count);
  });
}

opt_status opt_schedule_kind_at(int32_t index, opt_schedule_kind_info* info) {
  return opt::Guard([&] {
    CheckIndex(index, opt::ScheduleKindCount(), "schedule");
    WriteKind(*opt::ScheduleKinds()[index], info);
  });
}

opt_status opt_schedule_kind_find(const char* kind,
                                  opt_schedule_kind_info* info) {
  return opt::Guard([&] { WriteKind(FindKind(kind), info); });
}

opt_status opt_schedule_option_at(const char* kind, int32_t index,
                                  opt_option_info* info) {
  return opt::Guard([&] {
    const opt::ScheduleKind& found = FindKind(kind);
    CheckIndex(index, found.option_count, "option");
    WriteOption(found.options[index], found.options[index].default_value, info);
  });
}

opt_status opt_target_count(int32_t* count) {
  return opt::Guard(
      [&] { Write(opt::TargetCount(), "opt_target_count", count); });
}

opt_status opt_target_at(int32_t index, opt_target_info* info) {
  return opt::Guard([&] {
    CheckIndex(index, opt::TargetCount(), "target");
    opt_target_info value = {};
    value.supported = opt::TargetSupported(index) ? 1 : 0;
    value.name = opt::TargetName(index);
    opt::WriteStruct(value, sizeof(value), "opt_target_info", info);
  });
}

}  // extern "C"
