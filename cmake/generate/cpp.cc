// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The text of include/opt/hpp/rules.hpp: a class of typed options for each
// rule and alias.

#include <cstddef>
#include <string>
#include <vector>

#include "cmake/generate/catalog.h"

namespace opt {
namespace {

constexpr size_t kWidth = 80;

constexpr char kHead[] =
    R"(// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The options of each rule, typed: opt::AdamW().lr(3e-4).weight_decay(0.1). A
// value that was not given is left alone. Include <opt/opt.hpp>.
// Generated from the rules' descriptors: do not edit, but build the target
// "generate".
#ifndef OPT_HPP_RULES_HPP_
#define OPT_HPP_RULES_HPP_

#include "opt/hpp/error.hpp"
#include "opt/hpp/options.hpp"
#include "opt/opt.h"

// clang-format off

namespace opt {
inline namespace OPT_HPP_NAMESPACE {
)";

constexpr char kTail[] = R"(
}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

// clang-format on

#endif  // OPT_HPP_RULES_HPP_
)";

// A number of an option as C++ takes it: double, bool or an enumeration.
std::string Setter(const std::string& class_name,
                   const opt_option_info& option) {
  const std::string name = option.name;
  std::string text =
      "\n" +
      Wrapped("  //", option.doc + ("; " + RangeAndDefault(option)), kWidth);
  std::string type = "double";
  std::string value = "value";
  const std::vector<std::string> choices = Choices(option);
  if (!choices.empty()) {
    type = UpperCamel(name);
    value = "static_cast<double>(value)";
    text += "  enum class " + type + " {";
    for (size_t i = 0; i < choices.size(); ++i) {
      text += (i == 0 ? " k" : ", k") + UpperCamel(choices[i]) + " = " +
              std::to_string(i);
    }
    text += " };\n";
  } else if ((option.flags & OPT_OPTION_BOOL) != 0) {
    type = "bool";
    value = "value ? 1 : 0";
  }
  return text + "  " + class_name + "& " + name + "(" + type +
         " value) {\n    return Put(\"" + name + "\", " + value + ");\n  }\n";
}

std::string Class(const std::string& class_name, const std::string& doc,
                  const std::string& rule, const std::string& base,
                  const std::vector<opt_option_info>& options) {
  std::string text = "\n" + Wrapped("//", doc, kWidth) + "class " + class_name +
                     " : public RuleOptions<" + class_name + ", " +
                     std::to_string(options.size()) + "> {\n public:\n" +
                     "  static constexpr const char* kRule = \"" + rule +
                     "\";\n" + "  static constexpr const char* kBaseRule = \"" +
                     base + "\";\n";
  for (const opt_option_info& option : options) {
    text += Setter(class_name, option);
  }
  return text + "};\n";
}

}  // namespace

std::string CppRules(const Catalog& catalog) {
  std::string text = kHead;
  for (const RuleEntry& rule : catalog.rules) {
    const std::string name = rule.info.name;
    text += Class(rule.class_name,
                  name + ": " + rule.info.summary + ". " + rule.info.reference,
                  name, name, rule.options);
  }
  for (const opt_alias_info& alias : catalog.aliases) {
    const std::string name = alias.name;
    text += Class(UpperCamel(alias.name), name + ": " + alias.doc, name,
                  alias.rule, OptionsOf(alias.name));
  }
  return text + kTail;
}

}  // namespace opt
