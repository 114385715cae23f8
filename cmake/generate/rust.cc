// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The text of bindings/rust/libopt/src/rules.rs: a type of typed options for
// each rule and alias.

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
// Generated from the rules' descriptors: do not edit, but build the target
// "generate".

//! The options of each rule, typed. A value that was not given is left alone.
//!
//! ```
//! use libopt::{rules::AdamW, Optimizer};
//! let optimizer = Optimizer::new(AdamW::new().lr(3e-4).weight_decay(0.1))?;
//! # Ok::<(), libopt::Error>(())
//! ```

use crate::options::{Options, Rule};
)";

// Text of a documentation comment: what looks like a link or code is neither.
std::string Plain(const std::string& text) {
  std::string plain;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == '<' || c == '>' || c == '*') plain += '\\';
    plain += c;
  }
  return plain;
}

std::string EnumName(const std::string& class_name, const std::string& option) {
  return class_name + UpperCamel(option);
}

std::string Enum(const std::string& class_name, const opt_option_info& option) {
  const std::vector<std::string> choices = Choices(option);
  if (choices.empty()) return "";
  std::string text = "\n" + Wrapped("///", Plain(option.doc), kWidth) +
                     "#[derive(Clone, Copy, Debug, PartialEq, Eq)]\npub enum " +
                     EnumName(class_name, option.name) + " {\n";
  for (const std::string& choice : choices) {
    text += "    /// `" + choice + "`\n    " + UpperCamel(choice) + ",\n";
  }
  return text + "}\n";
}

std::string Setter(const std::string& class_name,
                   const opt_option_info& option) {
  const std::string name = option.name;
  std::string type = "f64";
  std::string value = "value";
  if (!Choices(option).empty()) {
    type = EnumName(class_name, name);
    value = "value as u8 as f64";
  } else if ((option.flags & OPT_OPTION_BOOL) != 0) {
    type = "bool";
    value = "value as u8 as f64";
  }
  return "\n" +
         Wrapped("    ///",
                 Plain(option.doc + ("; " + RangeAndDefault(option))), kWidth) +
         "    pub fn " + name + "(mut self, value: " + type +
         ") -> Self {\n        self.options.put(\"" + name + "\", " + value +
         ");\n        self\n    }\n";
}

std::string Type(const std::string& class_name, const std::string& doc,
                 const std::string& rule, const std::string& base,
                 const std::vector<opt_option_info>& options) {
  std::string text;
  for (const opt_option_info& option : options) {
    text += Enum(class_name, option);
  }
  text +=
      "\n" + Wrapped("///", Plain(doc), kWidth) +
      "#[derive(Clone, Debug, Default, PartialEq)]\npub struct " + class_name +
      " {\n    options: Options,\n}\n\nimpl " + class_name +
      " {\n    /// Leaves every option as it is: as the library has it by " +
      "default.\n    pub fn new() -> Self {\n        Self::default()\n" +
      "    }\n\n    /// Sets every option to a preset's values, before " +
      "those that are given.\n    pub fn preset(mut self, preset: " +
      "&'static str) -> Self {\n        self.options.set_preset(preset);" +
      "\n        self\n    }\n";
  for (const opt_option_info& option : options) {
    text += Setter(class_name, option);
  }
  return text + "}\n\nimpl Rule for " + class_name +
         " {\n    const NAME: &'static str = \"" + rule +
         "\";\n    const BASE: &'static str = \"" + base +
         "\";\n\n    fn options(&self) -> &Options {\n        &self.options\n" +
         "    }\n}\n";
}

}  // namespace

std::string RustRules(const Catalog& catalog) {
  std::string text = kHead;
  for (const RuleEntry& rule : catalog.rules) {
    const std::string name = rule.info.name;
    text += Type(rule.class_name,
                 name + ": " + rule.info.summary + ". " + rule.info.reference,
                 name, name, rule.options);
  }
  for (const opt_alias_info& alias : catalog.aliases) {
    const std::string name = alias.name;
    text += Type(UpperCamel(alias.name), name + ": " + alias.doc, name,
                 alias.rule, OptionsOf(alias.name));
  }
  return text;
}

}  // namespace opt
