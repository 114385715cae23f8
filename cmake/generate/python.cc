// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The classes of Python: libopt.AdamW and so on, and those of libopt.torch,
// each in a module and in its stub.

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "cmake/generate/catalog.h"

namespace opt {
namespace {

constexpr size_t kLineLength = 79;

constexpr char kHead[] =
    R"(# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
# Generated from the rules' descriptors: do not edit, but build the target
# "generate".
)";

// A class to write: a rule, or an alias of one.
struct Class {
  std::string name;     // "AdamW"
  std::string rule;     // "adamw"
  std::string summary;  // one sentence
  const RuleEntry* entry;
};

// The two modules differ in how they take parameters.
struct Flavor {
  std::string imports;
  std::vector<std::string> parameters;  // before the options
  std::vector<std::string> forwarded;   // to the base class
  std::string see;
  bool betas_alone;  // in place of beta1 and beta2
  bool lr_by_place;  // as the second argument
};

// The names that users of PyTorch know.
std::string ClassName(const std::string& name) {
  static const std::map<std::string, std::string> pytorch = {
      {"Sgd", "SGD"},
      {"Gd", "GD"},
      {"AdaGrad", "Adagrad"},
      {"RmsProp", "RMSprop"}};
  const auto found = pytorch.find(name);
  return found != pytorch.end() ? found->second : name;
}

std::vector<Class> Classes(const Catalog& catalog) {
  std::vector<Class> classes;
  for (const RuleEntry& rule : catalog.rules) {
    classes.push_back(
        {ClassName(rule.class_name), rule.info.name, rule.info.summary, &rule});
  }
  for (const opt_alias_info& alias : catalog.aliases) {
    for (const RuleEntry& rule : catalog.rules) {
      if (rule.info.name != std::string(alias.rule)) continue;
      classes.push_back(
          {ClassName(UpperCamel(alias.name)), alias.name, alias.doc, &rule});
    }
  }
  return classes;
}

// `text` in lines, each after `indent`, the first after `first`.
std::string Wrap(const std::string& first, const std::string& indent,
                 const std::string& text) {
  std::string wrapped;
  std::string line = first;
  bool empty = true;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!empty && line.size() + 1 + word.size() > kLineLength) {
      wrapped += line + "\n";
      line = indent;
      empty = true;
    }
    line += (empty ? "" : " ") + word;
    empty = false;
  }
  return wrapped + line + "\n";
}

std::string Value(const opt_option_info& option, double value) {
  if ((option.flags & OPT_OPTION_BOOL) != 0) {
    return value != 0 ? "True" : "False";
  }
  const std::vector<std::string> choices = Choices(option);
  const auto index = static_cast<size_t>(value);
  return index < choices.size() ? "'" + choices[index] + "'" : Number(value);
}

std::string Range(const opt_option_info& option) {
  const bool plain = (option.flags & OPT_OPTION_BOOL) == 0;
  if (!plain || option.choices != nullptr) return "";
  return std::string("; in ") +
         ((option.flags & OPT_OPTION_MIN_OPEN) != 0 ? "(" : "[") +
         Number(option.min) + ", " + Number(option.max) +
         ((option.flags & OPT_OPTION_MAX_OPEN) != 0 ? ")" : "]");
}

std::string Type(const opt_option_info& option) {
  if ((option.flags & OPT_OPTION_BOOL) != 0) return "bool";
  std::string list;
  for (const std::string& choice : Choices(option)) {
    list += (list.empty() ? "'" : ", '") + choice + "'";
  }
  return list.empty() ? "float" : "Literal[" + list + "]";
}

// The first preset is what a new optimizer has, of an alias its own values.
std::string Defaults(const Class& made, const opt_option_info& option) {
  std::string text;
  for (size_t i = 0; i < made.entry->presets.size(); ++i) {
    const char* preset = made.entry->presets[i].name;
    const std::string value =
        Value(option, PresetValue(made.rule.c_str(), preset, option.name));
    if (i == 0) {
      text = value;
    } else if (value != text) {
      text += " ('" + std::string(preset) + "': " + value + ")";
    }
  }
  return text;
}

bool HasBetas(const Class& made) {
  int found = 0;
  for (const opt_option_info& option : made.entry->options) {
    const std::string name = option.name;
    found += name == "beta1" || name == "beta2" ? 1 : 0;
  }
  return found == 2;
}

std::string ArgumentName(const opt_option_info& option, const Flavor& flavor) {
  const std::string name = option.name;
  const bool torch = flavor.betas_alone && name == "initial_accumulator";
  return torch ? name + "_value" : name;
}

// Options that are arguments: their names and types.
std::vector<std::pair<std::string, std::string>> Arguments(
    const Class& made, const Flavor& flavor) {
  std::vector<std::pair<std::string, std::string>> arguments;
  const bool betas = HasBetas(made);
  for (const opt_option_info& option : made.entry->options) {
    const std::string name = option.name;
    const bool beta = name == "beta1" || name == "beta2";
    if (!beta || !betas || !flavor.betas_alone) {
      arguments.emplace_back(ArgumentName(option, flavor), Type(option));
    }
    if (betas && name == "beta2") {
      arguments.emplace_back("betas", "tuple[float, float]");
    }
  }
  return arguments;
}

std::string Documentation(const Class& made, const Flavor& flavor) {
  std::string text = Wrap(R"(    """)", "    ", made.summary + ".");
  text += "\n    Of each element, at each step::\n\n";
  std::istringstream formula(made.entry->info.formula);
  for (std::string line; std::getline(formula, line);) {
    text += "        " + line + "\n";
  }
  text += "\n" +
          Wrap("    ", "    ", std::string(made.entry->info.reference) + ".");
  text += "\n    Options, with their defaults:\n\n";
  for (const opt_option_info& option : made.entry->options) {
    text += "    " + ArgumentName(option, flavor) + ": " +
            Defaults(made, option) + "\n" +
            Wrap("        ", "        ", option.doc + Range(option));
  }
  if (HasBetas(made)) {
    text += "    betas:\n        both beta1 and beta2, as PyTorch has them\n";
  }
  if (!made.entry->slots.empty()) text += "\n    State of a parameter:\n\n";
  for (const opt_slot_info& slot : made.entry->slots) {
    text += std::string("    ") + slot.name + "\n        " + slot.doc;
    if (slot.when_option != nullptr) {
      text += std::string(" (with ") + slot.when_option + ")";
    }
    text += "\n";
  }
  return text + "\n" + Wrap("    ", "    ", flavor.see) + "    \"\"\"\n";
}

std::string Signature(const Class& made, const Flavor& flavor) {
  std::string text = "    def __init__(\n        self,\n";
  for (const std::string& parameter : flavor.parameters) {
    text += "        " + parameter + ",\n";
  }
  if (!flavor.lr_by_place) text += "        *,\n";
  for (const auto& [name, type] : Arguments(made, flavor)) {
    text.append("        ").append(name).append(": ").append(type);
    text += " | None = None,\n";
    if (flavor.lr_by_place && name == "lr") text += "        *,\n";
  }
  std::string presets;
  for (const opt_preset_info& preset : made.entry->presets) {
    presets += (presets.empty() ? "'" : ", '") + std::string(preset.name) + "'";
  }
  return text + "        preset: Literal[" + presets + "] | None = None,\n" +
         "        context: Context | None = None,\n    ) -> None:";
}

std::string Module(const Catalog& catalog, const Flavor& flavor, bool stub) {
  std::string text = kHead;
  if (!stub) text += "\"\"\"The update rules, one class each.\"\"\"\n";
  text +=
      "\nfrom __future__ import annotations\n\nfrom typing import Literal\n\n" +
      flavor.imports;
  text += "\n__all__ = [\n";
  for (const Class& made : Classes(catalog)) {
    text += "    '" + made.name + "',\n";
  }
  text += "]\n";
  for (const Class& made : Classes(catalog)) {
    text += "\n\nclass " + made.name + "(Optimizer):\n";
    if (!stub) text += Documentation(made, flavor) + "\n";
    text += Signature(made, flavor);
    if (stub) {
      text += " ...\n";
      continue;
    }
    text += "\n        super().__init__(\n            '" + made.rule + "', ";
    for (const std::string& name : flavor.forwarded) text += name + ", ";
    text += "preset=preset, context=context";
    for (const auto& argument : Arguments(made, flavor)) {
      text += ",\n            " + argument.first + "=" + argument.first;
    }
    text += ")\n";
  }
  return text;
}

}  // namespace

std::vector<TextFile> PythonFiles(const Catalog& catalog) {
  const Flavor arrays = {
      "from ._context import Context\n"
      "from ._optimizer import Optimizer\n"
      "from ._params import Grads, Params\n",
      {"params: Params = ()", "grads: Grads = None"},
      {"params", "grads"},
      "``Optimizer`` tells of params, grads, preset and context.",
      false,
      false};
  const Flavor torch = {
      "from .._context import Context\n"
      "from ._optimizer import Optimizer, Params\n",
      {"params: Params"},
      {"params"},
      "``libopt.torch.Optimizer`` tells of params, preset and context.",
      true,
      true};
  const std::string folder = "bindings/python/libopt/";
  return {{folder + "_rules.py", Module(catalog, arrays, false)},
          {folder + "_rules.pyi", Module(catalog, arrays, true)},
          {folder + "torch/_rules.py", Module(catalog, torch, false)},
          {folder + "torch/_rules.pyi", Module(catalog, torch, true)}};
}

}  // namespace opt
