// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "opt/opt_describe.h"
#include "opt/opt_schedule.h"
#include "src/api/guard.h"
#include "src/base/struct_size.h"
#include "src/kernel/kernels.h"
#include "src/optimizer/attributes.h"
#include "src/rules/registry.h"
#include "src/schedules/kind.h"

namespace {

void CheckIndex(int32_t index, int32_t count, const char* what) {
  if (index < 0 || index >= count) {
    libopt::Fail(OPT_ERR_RANGE, "there is no ", what, " ", index,
                 ": indices are 0 to ", count - 1);
  }
}

libopt::NamedRule FindRule(const char* rule, const char* function) {
  libopt::CheckPointer(rule, function, "rule");
  return libopt::FindRule(rule);
}

// The alias at an index, counted over all rules in their order; `count`
// receives the number of all aliases.
const libopt::NamedValues* AliasAt(int32_t index, const libopt::Rule** rule,
                                   int32_t* count) {
  const libopt::NamedValues* found = nullptr;
  *count = 0;
  for (int i = 0; i < libopt::RuleCount(); ++i) {
    const libopt::RuleDescriptor& descriptor = *libopt::Rules()[i]->descriptor;
    if (index >= *count && index - *count < descriptor.alias_count) {
      found = &descriptor.aliases[index - *count];
      *rule = libopt::Rules()[i];
    }
    *count += descriptor.alias_count;
  }
  return found;
}

void WriteRule(const libopt::RuleDescriptor& rule, opt_rule_info* info) {
  opt_rule_info value = {};
  value.option_count = rule.option_count;
  value.slot_count = rule.slot_count;
  value.preset_count = rule.preset_count;
  value.name = rule.name;
  value.summary = rule.summary;
  value.formula = rule.formula;
  value.reference = rule.reference;
  libopt::WriteStruct(value, sizeof(value), "opt_rule_info", info);
}

void WriteOption(const libopt::OptionDescriptor& option, double default_value,
                 opt_option_info* info) {
  opt_option_info value = {};
  value.flags = option.flags;
  value.default_value = default_value;
  value.min = option.min;
  value.max = option.max;
  value.name = option.name;
  value.aliases = option.aliases;
  value.doc = option.doc;
  value.choices = option.choices;
  libopt::WriteStruct(value, sizeof(value), "opt_option_info", info);
}

const libopt::ScheduleKind& FindKind(const char* kind, const char* function) {
  libopt::CheckPointer(kind, function, "kind");
  return libopt::FindScheduleKind(kind);
}

void WriteKind(const libopt::ScheduleKind& kind, opt_schedule_kind_info* info) {
  opt_schedule_kind_info value = {};
  value.option_count = kind.option_count;
  value.flags = kind.flags;
  value.name = kind.name;
  value.summary = kind.summary;
  value.formula = kind.formula;
  value.reference = kind.reference;
  value.pytorch = kind.pytorch;
  libopt::WriteStruct(value, sizeof(value), "opt_schedule_kind_info", info);
}

void Write(int32_t value, const char* function, int32_t* out) {
  libopt::CheckPointer(out, function, "count");
  *out = value;
}

}  // namespace

extern "C" {

opt_status opt_rule_count(int32_t* count) {
  return libopt::Guard(
      [&] { Write(libopt::RuleCount(), "opt_rule_count", count); });
}

opt_status opt_rule_at(int32_t index, opt_rule_info* info) {
  return libopt::Guard([&] {
    CheckIndex(index, libopt::RuleCount(), "rule");
    WriteRule(*libopt::Rules()[index]->descriptor, info);
  });
}

opt_status opt_rule_find(const char* rule, opt_rule_info* info) {
  return libopt::Guard([&] {
    WriteRule(*FindRule(rule, "opt_rule_find").rule->descriptor, info);
  });
}

opt_status opt_alias_count(int32_t* count) {
  return libopt::Guard([&] {
    const libopt::Rule* rule = nullptr;
    int32_t aliases = 0;
    AliasAt(0, &rule, &aliases);
    Write(aliases, "opt_alias_count", count);
  });
}

opt_status opt_alias_at(int32_t index, opt_alias_info* info) {
  return libopt::Guard([&] {
    const libopt::Rule* rule = nullptr;
    int32_t count = 0;
    const libopt::NamedValues* alias = AliasAt(index, &rule, &count);
    CheckIndex(index, count, "alias");
    opt_alias_info value = {};
    value.name = alias->name;
    value.rule = rule->descriptor->name;
    value.doc = alias->doc;
    libopt::WriteStruct(value, sizeof(value), "opt_alias_info", info);
  });
}

opt_status opt_attribute_count(int32_t* count) {
  return libopt::Guard(
      [&] { Write(libopt::kAttributeCount, "opt_attribute_count", count); });
}

opt_status opt_attribute_at(int32_t index, opt_option_info* info) {
  return libopt::Guard([&] {
    CheckIndex(index, libopt::kAttributeCount, "attribute");
    const libopt::OptionDescriptor& attribute = libopt::kAttributes[index];
    WriteOption(attribute, attribute.default_value, info);
  });
}

opt_status opt_option_at(const char* rule, int32_t index,
                         opt_option_info* info) {
  return libopt::Guard([&] {
    const libopt::NamedRule named = FindRule(rule, "opt_option_at");
    const libopt::RuleDescriptor& descriptor = *named.rule->descriptor;
    CheckIndex(index, descriptor.option_count, "option");
    const libopt::OptionDescriptor& option = descriptor.options[index];
    WriteOption(option, libopt::ValueOf(named, nullptr, index), info);
  });
}

opt_status opt_slot_at(const char* rule, int32_t index, opt_slot_info* info) {
  return libopt::Guard([&] {
    const libopt::RuleDescriptor& descriptor =
        *FindRule(rule, "opt_slot_at").rule->descriptor;
    CheckIndex(index, descriptor.slot_count, "slot");
    const libopt::SlotDescriptor& slot = descriptor.slots[index];
    opt_slot_info value = {};
    value.shape = slot.shape;
    value.dtype = slot.dtype;
    value.name = slot.name;
    value.doc = slot.doc;
    if (slot.when_option != libopt::kAlways) {
      value.when_option = descriptor.options[slot.when_option].name;
    }
    if (slot.initial_option >= 0) {
      value.initial_option = descriptor.options[slot.initial_option].name;
    } else if (slot.initial_option == libopt::kParamCopy) {
      value.initial_option = OPT_INITIAL_PARAM;
    }
    libopt::WriteStruct(value, sizeof(value), "opt_slot_info", info);
  });
}

opt_status opt_preset_at(const char* rule, int32_t index,
                         opt_preset_info* info) {
  return libopt::Guard([&] {
    const libopt::RuleDescriptor& descriptor =
        *FindRule(rule, "opt_preset_at").rule->descriptor;
    CheckIndex(index, descriptor.preset_count, "preset");
    opt_preset_info value = {};
    value.name = descriptor.presets[index].name;
    value.doc = descriptor.presets[index].doc;
    libopt::WriteStruct(value, sizeof(value), "opt_preset_info", info);
  });
}

opt_status opt_preset_value(const char* rule, const char* preset,
                            const char* option, double* value) {
  return libopt::Guard([&] {
    libopt::CheckPointer(preset, "opt_preset_value", "preset");
    libopt::CheckPointer(option, "opt_preset_value", "option");
    libopt::CheckPointer(value, "opt_preset_value", "value");
    const libopt::NamedRule named = FindRule(rule, "opt_preset_value");
    const libopt::RuleDescriptor& descriptor = *named.rule->descriptor;
    const libopt::NamedValues& values = libopt::FindPreset(descriptor, preset);
    *value =
        libopt::ValueOf(named, &values, libopt::FindOption(descriptor, option));
  });
}

opt_status opt_schedule_kind_count(int32_t* count) {
  return libopt::Guard([&] {
    Write(libopt::ScheduleKindCount(), "opt_schedule_kind_count", count);
  });
}

opt_status opt_schedule_kind_at(int32_t index, opt_schedule_kind_info* info) {
  return libopt::Guard([&] {
    CheckIndex(index, libopt::ScheduleKindCount(), "schedule");
    WriteKind(*libopt::ScheduleKinds()[index], info);
  });
}

opt_status opt_schedule_kind_find(const char* kind,
                                  opt_schedule_kind_info* info) {
  return libopt::Guard(
      [&] { WriteKind(FindKind(kind, "opt_schedule_kind_find"), info); });
}

opt_status opt_schedule_option_at(const char* kind, int32_t index,
                                  opt_option_info* info) {
  return libopt::Guard([&] {
    const libopt::ScheduleKind& found =
        FindKind(kind, "opt_schedule_option_at");
    CheckIndex(index, found.option_count, "option");
    WriteOption(found.options[index], found.options[index].default_value, info);
  });
}

opt_status opt_target_count(int32_t* count) {
  return libopt::Guard(
      [&] { Write(libopt::TargetCount(), "opt_target_count", count); });
}

opt_status opt_target_at(int32_t index, opt_target_info* info) {
  return libopt::Guard([&] {
    CheckIndex(index, libopt::TargetCount(), "target");
    opt_target_info value = {};
    value.supported = libopt::TargetSupported(index) ? 1 : 0;
    value.name = libopt::TargetName(index);
    libopt::WriteStruct(value, sizeof(value), "opt_target_info", info);
  });
}

}  // extern "C"
