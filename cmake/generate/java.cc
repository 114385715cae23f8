// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Java's typed classes: one for each rule and alias, with a builder that has a
// method for each option; and the names as constants.

#include <cctype>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "cmake/generate/catalog.h"
#include "opt/opt_describe.h"

namespace opt {
namespace {

constexpr char kFolder[] = "bindings/java/src/main/java/org/libopt/";

constexpr char kHead[] =
    R"(// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
// Generated from the rules' descriptors: do not edit, but build the target "generate".

package org.libopt;

)";

constexpr size_t kLineLength = 100;

// Text as HTML, which Javadoc is.
std::string Html(const std::string& text) {
  std::string html;
  for (const char c : text) {
    if (c == '<') {
      html += "&lt;";
    } else if (c == '>') {
      html += "&gt;";
    } else if (c == '&') {
      html += "&amp;";
    } else {
      html += c;
    }
  }
  return html;
}

std::string Capitalized(std::string text) {
  text[0] =
      static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text;
}

// "weight_decay" as weightDecay.
std::string LowerCamel(const std::string& name) {
  std::string camel = UpperCamel(name);
  camel[0] =
      static_cast<char>(std::tolower(static_cast<unsigned char>(camel[0])));
  return camel;
}

std::string Upper(std::string name) {
  for (char& c : name) {
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

// A number as prose: default and bounds.
std::string Prose(double value) {
  return std::isinf(value) ? "infinity" : Number(value);
}

bool Has(const opt_option_info& option, uint32_t flag) {
  return (option.flags & flag) != 0;
}

// "Default 0.001; 0 or more." and what a preset makes of it.
std::string Values(const RuleEntry& rule, const opt_option_info& option) {
  const std::vector<std::string> choices = Choices(option);
  const auto text = [&](double value) {
    if (Has(option, OPT_OPTION_BOOL)) {
      return std::string(value != 0 ? "true" : "false");
    }
    const auto index = static_cast<size_t>(value);
    return index < choices.size() ? Upper(choices[index]) : Prose(value);
  };
  std::string values = "Default: " + text(option.default_value);
  for (size_t i = 1; i < rule.presets.size(); ++i) {
    const char* preset = rule.presets[i].name;
    const double value = PresetValue(rule.info.name, preset, option.name);
    values += "; preset " + std::string(preset) + ": " + text(value);
  }
  if (!Has(option, OPT_OPTION_BOOL) && choices.empty()) {
    values += "; range: ";
    values += Has(option, OPT_OPTION_MIN_OPEN) ? "(" : "[";
    values += Prose(option.min) + ", " + Prose(option.max);
    values +=
        Has(option, OPT_OPTION_MAX_OPEN) || std::isinf(option.max) ? ")" : "]";
  }
  return values + ".";
}

// An enum for an option that is a choice.
std::string Enum(const opt_option_info& option) {
  std::string text = "\n  /** Values of the option {@code " +
                     std::string(option.name) + "}. */\n  public enum " +
                     UpperCamel(option.name) + " {\n";
  const std::vector<std::string> choices = Choices(option);
  for (size_t i = 0; i < choices.size(); ++i) {
    text += "    /** {@code " + choices[i] + "}. */\n    " + Upper(choices[i]) +
            (i + 1 < choices.size() ? ",\n" : "\n");
  }
  return text + "  }\n";
}

std::string Setter(const RuleEntry& rule, const opt_option_info& option,
                   const std::string& name) {
  const std::string method = LowerCamel(name);
  std::string type = "double";
  std::string value = method;
  if (Has(option, OPT_OPTION_BOOL)) {
    type = "boolean";
    value += " ? 1 : 0";
  } else if (Has(option, OPT_OPTION_CHOICE)) {
    type = UpperCamel(option.name);
    value += ".ordinal()";
  }
  return "\n    /**\n" +
         Wrapped(
             "     *",
             Html(Capitalized(option.doc)) + ". " + Html(Values(rule, option)),
             kLineLength) +
         "     *\n     * @param " + method + " the option {@code " + name +
         "}\n     * @return this builder\n     */\n    public Builder " +
         method + "(" + type + " " + method + ") {\n      return set(\"" +
         name + "\", " + value + ");\n    }\n";
}

// The class of a rule or alias.
TextFile RuleClass(const RuleEntry& rule) {
  const std::string& class_name = rule.class_name;
  const std::string name = rule.info.name;
  std::string doc =
      "/**\n" +
      Wrapped(" *", Html(Capitalized(rule.info.summary)) + ".", kLineLength) +
      " *\n * <pre>{@code\n";
  std::istringstream formula(rule.info.formula);
  for (std::string line; std::getline(formula, line);) {
    doc += " * " + line + "\n";
  }
  doc += " * }</pre>\n *\n";
  std::string slots;
  for (const opt_slot_info& slot : rule.slots) {
    slots += (slots.empty() ? "" : ", ") +
             ("{@code " + std::string(slot.name)) + "} (" + Html(slot.doc) +
             (slot.when_option != nullptr
                  ? ", with {@code " + std::string(slot.when_option) + "}"
                  : "") +
             ")";
  }
  doc += Wrapped(" *",
                 "<p>State: " + (slots.empty() ? "none" : slots) +
                     ". Reference: " + Html(rule.info.reference) + ".",
                 kLineLength);
  doc += " */\n";

  std::string enums;
  std::string setters;
  for (const opt_option_info& option : rule.options) {
    if (Has(option, OPT_OPTION_CHOICE)) enums += Enum(option);
    setters += Setter(rule, option, option.name);
    if (option.alias != nullptr) setters += Setter(rule, option, option.alias);
  }
  return {kFolder + class_name + ".java",
          kHead + doc + "public final class " + class_name + " {\n  private " +
              class_name +
              "() {}\n\n  /**\n   * Starts the description of an optimizer.\n"
              "   *\n   * @return a builder with the defaults\n   */\n"
              "  public static Builder builder() {\n"
              "    return new Builder();\n  }\n" +
              enums +
              "\n  /** Describes an optimizer. */\n"
              "  public static final class Builder extends "
              "RuleBuilder<Builder> {\n"
              "    private Builder() {\n      super(\"" +
              name +
              "\");\n    }\n\n    @Override\n    Builder self() {\n"
              "      return this;\n    }\n" +
              setters + "  }\n}\n"};
}

// Constants of one kind of name, each once.
class Constants {
 public:
  explicit Constants(std::string prefix) : prefix_(std::move(prefix)) {}
  void Add(const std::string& name, const std::string& doc) {
    if (!seen_.insert(name).second) return;
    text_ += "\n  /**\n" +
             Wrapped("   *", Html(Capitalized(doc)) + ".", kLineLength) +
             "   */\n  public static final String " + prefix_ + Upper(name) +
             " = \"" + name + "\";\n";
  }
  const std::string& text() const { return text_; }

 private:
  std::string prefix_;
  std::string text_;
  std::set<std::string> seen_;
};

TextFile NamesClass(const Catalog& catalog) {
  Constants rules("RULE_");
  Constants options("");
  Constants presets("PRESET_");
  Constants slots("SLOT_");
  slots.Add("grad_accumulator", "what was accumulated since the last step");
  slots.Add("param_average", "the average of the parameters");
  Constants attributes("TENSOR_");
  for (const opt_option_info& attribute : catalog.attributes) {
    attributes.Add(attribute.name, attribute.doc);
  }
  for (const RuleEntry& rule : catalog.rules) {
    rules.Add(rule.info.name, rule.info.summary);
    for (const auto& option : rule.options) {
      options.Add(option.name, option.doc);
    }
    for (const auto& preset : rule.presets) {
      presets.Add(preset.name, "a preset of several rules");
    }
    for (const auto& slot : rule.slots) slots.Add(slot.name, slot.doc);
  }
  Constants schedules("SCHEDULE_");
  for (const ScheduleEntry& schedule : catalog.schedules) {
    schedules.Add(schedule.info.name, schedule.info.summary);
    for (const auto& option : schedule.options) {
      options.Add(option.name, option.doc);
    }
  }
  for (const auto& alias : catalog.aliases) rules.Add(alias.name, alias.doc);
  return {std::string(kFolder) + "Names.java",
          std::string(kHead) +
              "/** Names as constants, so that a typo is a compile error. */\n"
              "public final class Names {\n  private Names() {}\n" +
              rules.text() + options.text() + presets.text() + slots.text() +
              schedules.text() + attributes.text() + "}\n"};
}

}  // namespace

std::vector<TextFile> JavaFiles(const Catalog& catalog) {
  std::vector<TextFile> files = {NamesClass(catalog)};
  for (const RuleEntry& rule : catalog.rules) files.push_back(RuleClass(rule));
  for (const opt_alias_info& alias : catalog.aliases) {
    files.push_back(RuleClass(ReadAlias(catalog, alias)));
  }
  return files;
}

}  // namespace opt
