// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The catalogue: everything that opt_describe.h describes, as one JSON text.
// The generators of names, tables and typed classes read it.

#include <atomic>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "opt/opt_base.h"
#include "opt/opt_describe.h"
#include "opt/opt_schedule.h"
#include "src/api/guard.h"
#include "src/base/decimal.h"
#include "src/base/memory.h"
#include "src/base/pmr.h"
#include "src/kernel/kernels.h"
#include "src/optimizer/attributes.h"
#include "src/optimizer/tensor.h"
#include "src/rules/registry.h"
#include "src/schedules/kind.h"
#include "src/state/container/json.h"

namespace libopt {
namespace {

// The shortest decimal number that reads back as the same double: 0.0001, but
// 1e-05.
std::string NumberText(double value) {
  const double size = std::abs(value);
  const bool is_plain = size == 0 || (size >= 1e-4 && size < 1e16);
  return std::string(Decimal(value, is_plain ? Decimal::Notation::kFixed
                                             : Decimal::Notation::kScientific)
                         .view());
}

// Writes JSON without white space. The elements of a list have the key "".
class JsonWriter {
 public:
  explicit JsonWriter(pmr::String* json) : json_(json) {}

  void Text(std::string_view key, const char* text) {
    Start(key);
    if (text == nullptr) {
      *json_ += "null";
    } else {
      AppendJsonString(text, json_);
    }
  }
  void Text(std::string_view key, const std::string& text) {
    Text(key, text.c_str());
  }
  // Writes an infinity, which JSON lacks, as null.
  void Number(std::string_view key, double value) {
    Start(key);
    *json_ += std::isinf(value) ? "null" : NumberText(value);
  }
  void Bool(std::string_view key, bool value) {
    Start(key);
    *json_ += value ? "true" : "false";
  }
  template <typename Members>
  void Object(std::string_view key, const Members& write_members) {
    Start(key);
    *json_ += '{';
    write_members();
    *json_ += '}';
  }
  template <typename Element>
  void List(std::string_view key, int count, const Element& write_element) {
    Start(key);
    *json_ += '[';
    for (int i = 0; i < count; ++i) write_element(i);
    *json_ += ']';
  }
  template <typename Members>
  void Objects(std::string_view key, int count, const Members& write_members) {
    List(key, count, [&](int i) { Object("", [&] { write_members(i); }); });
  }

 private:
  void Start(std::string_view key) {
    if (!json_->empty() && json_->back() != '{' && json_->back() != '[') {
      *json_ += ',';
    }
    if (key.empty()) return;
    AppendJsonString(key, json_);
    *json_ += ':';
  }

  pmr::String* json_;
};

bool Has(const OptionDescriptor& option, uint32_t flag) {
  return (option.flags & flag) != 0;
}

// The names in a list with commas, or none of nullptr.
std::vector<std::string> Listed(const char* list) {
  std::vector<std::string> names;
  std::string_view rest = list == nullptr ? "" : list;
  while (!rest.empty()) names.emplace_back(TakeItem(&rest, ','));
  return names;
}

// The names of an OPT_OPTION_CHOICE option's values 0, 1, ...
std::vector<std::string> ChoicesOf(const OptionDescriptor& option) {
  return Listed(option.choices);
}

// A value in words: "true", "inside", "0.001".
std::string ValueText(const OptionDescriptor& option, double value) {
  if (Has(option, OPT_OPTION_BOOL)) return value != 0 ? "true" : "false";
  if (!Has(option, OPT_OPTION_CHOICE)) return NumberText(value);
  return ChoicesOf(option)[static_cast<size_t>(value)];
}

// The range in words: "at least 0 and below 1".
std::string RangeText(const OptionDescriptor& option) {
  if (Has(option, OPT_OPTION_BOOL)) return "0 or 1";
  std::string text;
  if (Has(option, OPT_OPTION_CHOICE)) {
    const std::vector<std::string> choices = ChoicesOf(option);
    for (size_t i = 0; i < choices.size(); ++i) {
      const bool is_last = i + 1 == choices.size();
      text += (i == 0 ? "" : is_last ? " or " : ", ") + choices[i];
    }
    return text;
  }
  const bool is_whole = Has(option, OPT_OPTION_INTEGER);
  const std::string min = NumberText(option.min);
  const std::string max = NumberText(option.max);
  const bool min_open = Has(option, OPT_OPTION_MIN_OPEN);
  const bool max_open = Has(option, OPT_OPTION_MAX_OPEN);
  const std::string lower = (min_open ? "above " : "at least ") + min;
  const std::string upper = (max_open ? "below " : "at most ") + max;
  const std::string kind = is_whole ? "a whole number, " : "";
  if (std::isinf(option.max) || (is_whole && option.max == kMaxCount)) {
    return std::isinf(option.min) ? "any number" : kind + lower;
  }
  if (std::isinf(option.min)) return kind + upper;
  if (!min_open && !max_open) return kind + "from " + min + " to " + max;
  return kind + lower + " and " + upper;
}

// The end of an option's documentation: "at least 0; default 0.001 (pytorch:
// 0.01)". The range of a bool or a choice is left out, since the type implies
// it.
std::string RangeAndDefaultText(const OptionDescriptor& option,
                                double default_value,
                                const RuleDescriptor* rule,
                                const double* preset_values) {
  const bool is_named = Has(option, OPT_OPTION_BOOL | OPT_OPTION_CHOICE);
  const std::string range = is_named ? "" : RangeText(option) + "; ";
  if (Has(option, OPT_OPTION_REQUIRED)) return range + "required";
  std::string presets;
  for (int i = 0; rule != nullptr && i < rule->preset_count; ++i) {
    if (preset_values[i] == default_value) continue;
    presets += (presets.empty() ? " (" : ", ") +
               std::string(rule->presets[i].name) + ": " +
               ValueText(option, preset_values[i]);
  }
  return range + "default " + ValueText(option, default_value) + presets +
         (presets.empty() ? "" : ")");
}

// By OPT_SHAPE_*.
constexpr const char* kShapeNames[] = {
    "param",         "rows",   "row_factor", "column_factor", "row_square",
    "column_square", "blocks", "number",     "group_number"};

const char* TypeOf(const OptionDescriptor& option) {
  if (Has(option, OPT_OPTION_BOOL)) return "bool";
  if (Has(option, OPT_OPTION_CHOICE)) return "choice";
  return Has(option, OPT_OPTION_INTEGER) ? "integer" : "number";
}

// Writes one option and, if it is a rule's, its value in each preset.
void WriteOption(const OptionDescriptor& option, double default_value,
                 const RuleDescriptor* rule, const double* preset_values,
                 JsonWriter* json) {
  const std::vector<std::string> choices = ChoicesOf(option);
  json->Text("name", option.name);
  const std::vector<std::string> aliases = Listed(option.aliases);
  json->List("aliases", static_cast<int>(aliases.size()),
             [&](int i) { json->Text("", aliases[static_cast<size_t>(i)]); });
  json->Text("doc", option.doc);
  json->Text("type", TypeOf(option));
  json->List("choices", static_cast<int>(choices.size()),
             [&](int i) { json->Text("", choices[static_cast<size_t>(i)]); });
  if (Has(option, OPT_OPTION_REQUIRED)) {
    json->Text("default_value", nullptr);
  } else {
    json->Number("default_value", default_value);
  }
  json->Number("min", option.min);
  json->Number("max", option.max);
  json->Bool("min_open", Has(option, OPT_OPTION_MIN_OPEN));
  json->Bool("max_open", Has(option, OPT_OPTION_MAX_OPEN));
  json->Bool("layout", Has(option, OPT_OPTION_LAYOUT));
  json->Object("presets", [&] {
    for (int i = 0; rule != nullptr && i < rule->preset_count; ++i) {
      json->Number(rule->presets[i].name, preset_values[i]);
    }
  });
  json->Text("range", RangeText(option));
  json->Text("range_and_default",
             RangeAndDefaultText(option, default_value, rule, preset_values));
}

void WriteOptions(const OptionDescriptor* options, int count,
                  std::string_view key, JsonWriter* json) {
  json->Objects(key, count, [&](int i) {
    WriteOption(options[i], options[i].default_value, nullptr, nullptr, json);
  });
}

// Writes a rule, or an alias as a rule with its own defaults.
void WriteRule(const NamedRule& named, JsonWriter* json) {
  const RuleDescriptor& rule = *named.rule->descriptor;
  const NamedValues* alias = named.alias;
  json->Text("name", alias != nullptr ? alias->name : rule.name);
  json->Text("rule", rule.name);
  json->Text("summary", alias != nullptr ? alias->doc : rule.summary);
  json->Text("formula", rule.formula);
  json->Text("reference", rule.reference);
  json->Objects("options", rule.option_count, [&](int option) {
    std::vector<double> values(static_cast<size_t>(rule.preset_count));
    for (int i = 0; i < rule.preset_count; ++i) {
      values[static_cast<size_t>(i)] = ValueOf(named, &rule.presets[i], option);
    }
    WriteOption(rule.options[option], ValueOf(named, nullptr, option), &rule,
                values.data(), json);
  });
  json->Objects("slots", rule.slot_count, [&](int i) {
    const SlotDescriptor& slot = rule.slots[i];
    json->Text("name", slot.name);
    json->Text("doc", slot.doc);
    json->Text("when_option", slot.when_option == kAlways
                                  ? nullptr
                                  : rule.options[slot.when_option].name);
    json->Text("initial_option",
               slot.initial_option >= 0 ? rule.options[slot.initial_option].name
               : slot.initial_option == kParamCopy ? OPT_INITIAL_PARAM
                                                   : nullptr);
    json->Text("shape", kShapeNames[slot.shape]);
    json->Text("dtype",
               slot.dtype == OPT_DTYPE_PARAM ? nullptr : DtypeName(slot.dtype));
  });
  json->Objects("presets", rule.preset_count, [&](int i) {
    json->Text("name", rule.presets[i].name);
    json->Text("doc", rule.presets[i].doc);
  });
}

void WriteKind(const ScheduleKind& kind, JsonWriter* json) {
  json->Text("name", kind.name);
  json->Text("summary", kind.summary);
  json->Text("formula", kind.formula);
  json->Text("reference", kind.reference);
  json->Text("pytorch", kind.pytorch);
  json->Bool("has_milestones", (kind.flags & OPT_SCHEDULE_HAS_MILESTONES) != 0);
  json->Bool("has_metric", (kind.flags & OPT_SCHEDULE_HAS_METRIC) != 0);
  WriteOptions(kind.options, kind.option_count, "options", json);
}

// Writes the slots that a tensor of any rule may have.
void WriteCommonSlots(JsonWriter* json) {
  const struct {
    std::string_view name;
    const char* doc;
  } slots[] = {
      {kAccumulatorSlot, "sum of the gradients accumulated for the next step"},
      {kAverageSlot, "average of the parameter"},
  };
  json->Objects("slots", static_cast<int>(std::size(slots)), [&](int i) {
    json->Text("name", std::string(slots[i].name));
    json->Text("doc", slots[i].doc);
  });
}

void WriteCatalog(JsonWriter* json) {
  json->Text("version", kVersion);
  json->Objects("rules", RuleCount(), [&](int i) {
    json->Text("class_name", Rules()[i]->class_name);
    WriteRule({Rules()[i], nullptr}, json);
  });
  std::vector<NamedRule> aliases;
  for (int i = 0; i < RuleCount(); ++i) {
    const RuleDescriptor& rule = *Rules()[i]->descriptor;
    for (int k = 0; k < rule.alias_count; ++k) {
      aliases.push_back({Rules()[i], &rule.aliases[k]});
    }
  }
  json->Objects("aliases", static_cast<int>(aliases.size()), [&](int i) {
    WriteRule(aliases[static_cast<size_t>(i)], json);
  });
  WriteCommonSlots(json);
  WriteOptions(kAttributes, kAttributeCount, "attributes", json);
  json->Objects("schedules", ScheduleKindCount(),
                [&](int i) { WriteKind(*ScheduleKinds()[i], json); });
  json->Objects("targets", TargetCount(), [&](int i) {
    json->Text("name", TargetName(i));
    json->Bool("supported", TargetSupported(i));
  });
}

// The text, which the first call makes. There is no lock, since a fork could
// leave it locked: if two threads make the text at once, one of them discards
// its own. The memory never comes from the host.
class Catalog {
 public:
  ~Catalog() { delete text_.load(std::memory_order_relaxed); }

  const char* Text() {
    const pmr::String* text = text_.load(std::memory_order_acquire);
    if (text != nullptr) return text->c_str();
    auto made = std::make_unique<pmr::String>(ProcessMemory());
    JsonWriter json(made.get());
    json.Object("", [&] { WriteCatalog(&json); });
    if (text_.compare_exchange_strong(text, made.get(),
                                      std::memory_order_acq_rel)) {
      text = made.release();
    }
    return text->c_str();
  }

 private:
  std::atomic<const pmr::String*> text_{nullptr};
};

Catalog catalog;

}  // namespace
}  // namespace libopt

extern "C" {

const char* opt_catalog(void) {
  const char* text = nullptr;
  libopt::Guard([&] { text = libopt::catalog.Text(); });
  return text;
}

}  // extern "C"
