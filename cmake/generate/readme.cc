// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// README's generated parts, in Markdown.

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "cmake/generate/catalog.h"

namespace opt {
namespace {

std::string Code(const std::string& text) { return "`" + text + "`"; }

// Text for a cell of a table.
std::string Cell(const std::string& text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += c;
  }
  return cell;
}

std::string Row(const std::vector<std::string>& cells) {
  std::string row = "|";
  for (const std::string& cell : cells) row += " " + Cell(cell) + " |";
  return row + "\n";
}

// A table's first two lines.
std::string Head(const std::vector<std::string>& titles) {
  return Row(titles) + Row(std::vector<std::string>(titles.size(), "---"));
}

std::string Bound(double value) {
  return std::isinf(value) ? "∞" : Number(value);
}

std::string Value(const opt_option_info& option, double value) {
  const std::vector<std::string> choices = Choices(option);
  const auto index = static_cast<size_t>(value);
  return index < choices.size() ? Code(choices[index]) : Bound(value);
}

std::string Range(const opt_option_info& option) {
  if ((option.flags & OPT_OPTION_BOOL) != 0) return "0, 1";
  std::string range;
  for (const std::string& choice : Choices(option)) {
    range += (range.empty() ? "" : ", ") + Code(choice);
  }
  if (!range.empty()) return range;
  const bool min_open = (option.flags & OPT_OPTION_MIN_OPEN) != 0;
  const bool max_open = (option.flags & OPT_OPTION_MAX_OPEN) != 0;
  if ((option.flags & OPT_OPTION_INTEGER) != 0) {
    return Bound(option.min) + ", " + Bound(option.min + 1) + ", ...";
  }
  return (min_open ? "(" : "[") + Bound(option.min) + ", " + Bound(option.max) +
         (max_open ? ")" : "]");
}

std::string Slots(const RuleEntry& rule) {
  std::string slots;
  for (const opt_slot_info& slot : rule.slots) {
    slots += (slots.empty() ? "" : ", ") + Code(slot.name);
    if (slot.when_option != nullptr) {
      slots += " with " + Code(slot.when_option);
    }
  }
  return slots.empty() ? "none" : slots;
}

std::string Presets(const RuleEntry& rule) {
  std::string presets;
  for (const opt_preset_info& preset : rule.presets) {
    presets += (presets.empty() ? "" : ", ") + Code(preset.name);
  }
  return presets;
}

// The first preset is what a new optimizer has: the column of defaults.
std::string OptionsTable(const RuleEntry& rule) {
  std::vector<std::string> titles = {"Option", "Default"};
  for (size_t i = 1; i < rule.presets.size(); ++i) {
    titles.push_back(Code(rule.presets[i].name));
  }
  titles.insert(titles.end(), {"Range", "Meaning"});
  std::string table = Head(titles);
  for (const opt_option_info& option : rule.options) {
    std::string name = Code(option.name);
    if (option.alias != nullptr) name += ", " + Code(option.alias);
    std::vector<std::string> cells = {name,
                                      Value(option, option.default_value)};
    for (size_t i = 1; i < rule.presets.size(); ++i) {
      cells.push_back(Value(
          option,
          PresetValue(rule.info.name, rule.presets[i].name, option.name)));
    }
    cells.insert(cells.end(), {Range(option), option.doc});
    table += Row(cells);
  }
  return table;
}

std::string Default(const opt_option_info& option) {
  return (option.flags & OPT_OPTION_REQUIRED) != 0
             ? "required"
             : Value(option, option.default_value);
}

// All but the first option, `interval`, which every kind has.
std::string OptionsTable(const ScheduleEntry& schedule) {
  std::string table = Head({"Option", "Default", "Range", "Meaning"});
  for (size_t i = 1; i < schedule.options.size(); ++i) {
    const opt_option_info& option = schedule.options[i];
    table +=
        Row({Code(option.name), Default(option), Range(option), option.doc});
  }
  return table;
}

}  // namespace

std::string RulesTable(const Catalog& catalog) {
  std::string table =
      Head({"Rule", "Update", "State slots", "Presets", "Reference"});
  for (const RuleEntry& rule : catalog.rules) {
    table += Row({Code(rule.info.name), rule.info.summary, Slots(rule),
                  Presets(rule), rule.info.reference});
  }
  for (const opt_alias_info& alias : catalog.aliases) {
    table += Row({Code(alias.name), alias.doc, "", "", ""});
  }
  return table;
}

std::string OptionsTables(const Catalog& catalog) {
  std::string tables;
  for (const RuleEntry& rule : catalog.rules) {
    tables += (tables.empty() ? "" : "\n") + ("#### " + Code(rule.info.name)) +
              "\n\n```text\n" + rule.info.formula + "\n```\n\n" +
              OptionsTable(rule);
  }
  return tables;
}

std::string SchedulesTable(const Catalog& catalog) {
  std::string table = Head({"Schedule", "Value", "PyTorch", "Reference"});
  for (const ScheduleEntry& schedule : catalog.schedules) {
    const char* pytorch = schedule.info.pytorch;
    table +=
        Row({Code(schedule.info.name), schedule.info.summary,
             pytorch == nullptr ? "" : Code(pytorch), schedule.info.reference});
  }
  return table;
}

std::string SchedulesOptions(const Catalog& catalog) {
  std::string tables;
  for (const ScheduleEntry& schedule : catalog.schedules) {
    tables += (tables.empty() ? "" : "\n") +
              ("#### " + Code(schedule.info.name)) + "\n\n```text\n" +
              schedule.info.formula + "\n```\n\n" + OptionsTable(schedule);
  }
  return tables;
}

}  // namespace opt
