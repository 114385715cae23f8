// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The text of include/opt/opt_names.h.

#include <cstddef>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "cmake/generate/catalog.h"

namespace opt {
namespace {

constexpr size_t kLineLength = 80;

constexpr char kHead[] =
    R"(/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Names as constants, so that a typo is a compile error. Include <opt/opt.h>.
 * Generated from the descriptors of rules and schedules: do not edit, but build
 * the target "generate".
 */
#ifndef OPT_OPT_NAMES_H_
#define OPT_OPT_NAMES_H_
)";

constexpr char kTail[] = R"(
#endif /* OPT_OPT_NAMES_H_ */
)";

std::string Upper(std::string name) {
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

// A C comment, wrapped.
std::string Comment(const std::string& text) {
  std::string comment;
  std::string line = "/*";
  std::istringstream words(text + " */");
  for (std::string word; words >> word;) {
    if (line.size() + 1 + word.size() > kLineLength) {
      comment += line + "\n";
      line = " *";
    }
    line += " " + word;
  }
  return comment + line + "\n";
}

// One kind of name, in order of first appearance and without repetition.
class Section {
 public:
  Section(const std::string& title, std::string prefix)
      : prefix_(std::move(prefix)) {
    text_ = "\n/* " + title + " */\n";
  }

  void Add(const std::string& name, const std::string& doc) {
    if (names_.insert(name).second) {
      text_ += "\n" + Comment(doc) + Define(name, "\"" + name + "\"");
    }
  }

  // Leaves a name out, which another section has.
  void Exclude(const std::string& name) { names_.insert(name); }

  // Values of an option, in the order of the numbers that they stand for.
  void AddChoices(const std::string& option,
                  const std::vector<std::string>& choices) {
    for (size_t i = 0; i < choices.size(); ++i) {
      text_ += Define(option + "_" + choices[i], std::to_string(i));
    }
  }

  const std::string& text() const { return text_; }

 private:
  std::string Define(const std::string& name, const std::string& value) const {
    return "#define " + prefix_ + Upper(name) + " " + value + "\n";
  }

  std::string prefix_;
  std::string text_;
  std::set<std::string> names_;
};

std::string Rules(const Catalog& catalog) {
  Section section("Rules and their aliases.", "OPT_RULE_");
  for (const RuleEntry& rule : catalog.rules) {
    section.Add(rule.info.name, rule.info.summary);
  }
  for (const opt_alias_info& alias : catalog.aliases) {
    section.Add(alias.name, alias.doc);
  }
  return section.text();
}

// The longest list of choices that any rule has for an option of this name.
// The same choice must stand for the same number in every rule.
std::vector<std::string> AllChoices(const Catalog& catalog,
                                    const std::string& name) {
  std::vector<std::string> all;
  for (const RuleEntry& rule : catalog.rules) {
    for (const opt_option_info& option : rule.options) {
      if (option.name != name) continue;
      const std::vector<std::string> choices = Choices(option);
      for (size_t i = 0; i < choices.size(); ++i) {
        if (i == all.size()) all.push_back(choices[i]);
        if (all[i] != choices[i]) {
          throw std::runtime_error("rules disagree on what " +
                                   std::to_string(i) + " means for option '" +
                                   name + "'");
        }
      }
    }
  }
  return all;
}

std::string Options(const Catalog& catalog) {
  std::set<std::string> seen;
  Section section("Options, and the values of those that are a choice.",
                  "OPT_");
  for (const RuleEntry& rule : catalog.rules) {
    for (const opt_option_info& option : rule.options) {
      if (!seen.insert(option.name).second) continue;
      section.Add(option.name, option.doc);
      section.AddChoices(option.name, AllChoices(catalog, option.name));
    }
  }
  return section.text();
}

std::string Attributes(const Catalog& catalog) {
  Section section("Attributes of a tensor.", "OPT_TENSOR_");
  for (const opt_option_info& attribute : catalog.attributes) {
    section.Add(attribute.name, attribute.doc);
  }
  return section.text();
}

// A preset reproduces something else in each rule, so its comment tells the
// rules that have it.
std::string Presets(const Catalog& catalog) {
  std::vector<std::string> names;
  std::map<std::string, std::string> rules_of;
  for (const RuleEntry& rule : catalog.rules) {
    for (const opt_preset_info& preset : rule.presets) {
      std::string& rules = rules_of[preset.name];
      if (rules.empty()) names.emplace_back(preset.name);
      rules += (rules.empty() ? "of " : ", ") + std::string(rule.info.name);
    }
  }
  Section section("Presets.", "OPT_PRESET_");
  for (const std::string& name : names) section.Add(name, rules_of[name]);
  return section.text();
}

std::string Slots(const Catalog& catalog) {
  Section section("State slots.", "OPT_SLOT_");
  section.Add("grad_accumulator", "what opt_accumulate() has added up");
  section.Add("param_average", "what opt_average_start() keeps");
  for (const RuleEntry& rule : catalog.rules) {
    for (const opt_slot_info& slot : rule.slots) {
      section.Add(slot.name, slot.doc);
    }
  }
  return section.text();
}

std::string Schedules(const Catalog& catalog) {
  Section section("Kinds of schedules.", "OPT_SCHEDULE_");
  for (const ScheduleEntry& schedule : catalog.schedules) {
    section.Add(schedule.info.name, schedule.info.summary);
  }
  return section.text();
}

// Those that rules have too are above. Two kinds may have another choice by the
// same name, so that the constants of values name the kind.
std::string ScheduleOptions(const Catalog& catalog) {
  Section section("Options of schedules.", "OPT_");
  for (const RuleEntry& rule : catalog.rules) {
    for (const opt_option_info& option : rule.options) {
      section.Exclude(option.name);
    }
  }
  for (const ScheduleEntry& schedule : catalog.schedules) {
    for (const opt_option_info& option : schedule.options) {
      section.Add(option.name, option.doc);
    }
  }
  Section choices("Values of those that are a choice.", "OPT_SCHEDULE_");
  for (const ScheduleEntry& schedule : catalog.schedules) {
    for (const opt_option_info& option : schedule.options) {
      choices.AddChoices(std::string(schedule.info.name) + "_" + option.name,
                         Choices(option));
    }
  }
  return section.text() + choices.text();
}

}  // namespace

std::string NamesHeader(const Catalog& catalog) {
  return kHead + Rules(catalog) + Options(catalog) + Attributes(catalog) +
         Presets(catalog) + Slots(catalog) + Schedules(catalog) +
         ScheduleOptions(catalog) + kTail;
}

}  // namespace opt
