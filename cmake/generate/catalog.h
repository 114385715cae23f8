// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// What the library tells about its rules and schedules, and the texts made of
// it.

#ifndef OPT_CMAKE_GENERATE_CATALOG_H_
#define OPT_CMAKE_GENERATE_CATALOG_H_

#include <cstddef>
#include <string>
#include <vector>

#include "opt/opt_describe.h"
#include "opt/opt_schedule.h"

namespace opt {

struct RuleEntry {
  opt_rule_info info;
  std::string class_name;  // of src/rules/rules.inc: "AdamW"
  std::vector<opt_option_info> options;
  std::vector<opt_slot_info> slots;
  std::vector<opt_preset_info> presets;
};

struct ScheduleEntry {
  opt_schedule_kind_info info;
  std::vector<opt_option_info> options;
};

struct Catalog {
  std::vector<RuleEntry> rules;
  std::vector<opt_alias_info> aliases;
  std::vector<ScheduleEntry> schedules;
  std::vector<opt_option_info> attributes;
};

// A file of the source tree.
struct TextFile {
  std::string path;  // from the root on
  std::string text;
};

// Throws std::runtime_error with the library's message if a call fails.
Catalog ReadCatalog();

// An alias as a rule of its own: its name, what it is, its options' defaults.
RuleEntry ReadAlias(const Catalog& catalog, const opt_alias_info& alias);

// A preset's value of an option; throws likewise.
double PresetValue(const char* rule, const char* preset, const char* option);

// The options of a rule, or of an alias with its own defaults; throws likewise.
std::vector<opt_option_info> OptionsOf(const char* rule);

// The names of an OPT_OPTION_CHOICE option's values 0, 1, ...
std::vector<std::string> Choices(const opt_option_info& option);

// The shortest decimal number that reads back as the same double.
std::string Number(double value);

// "weight_decay" as WeightDecay, and an alias as the class of its own that
// languages give it.
std::string UpperCamel(const std::string& name);

// What an option's documentation ends with: "in [0, inf), default 0.001".
std::string RangeAndDefault(const opt_option_info& option);

// A text in lines of at most `width` columns, each led by `lead`.
std::string Wrapped(const std::string& lead, const std::string& text,
                    size_t width);

// The text of include/opt/opt_names.h.
std::string NamesHeader(const Catalog& catalog);

// The text of include/opt/hpp/rules.hpp.
std::string CppRules(const Catalog& catalog);

// The text of bindings/rust/libopt/src/rules.rs.
std::string RustRules(const Catalog& catalog);
// The text of bindings/csharp/LibOpt/Rules.cs.
std::string CSharpRules(const Catalog& catalog);

// README's table of rules, and of each rule its formula and options.
std::string RulesTable(const Catalog& catalog);
std::string OptionsTables(const Catalog& catalog);

// README's table of schedules, and of each its formula and options.
std::string SchedulesTable(const Catalog& catalog);
std::string SchedulesOptions(const Catalog& catalog);

// The classes of Python.
std::vector<TextFile> PythonFiles(const Catalog& catalog);

// Java's typed classes and names.
std::vector<TextFile> JavaFiles(const Catalog& catalog);

}  // namespace opt

#endif  // OPT_CMAKE_GENERATE_CATALOG_H_
