// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/rules/registry.h"

#include <cmath>
#include <iterator>

#include "src/base/error.h"
#include "src/base/text.h"
#include "src/rules/rule_objects.h"

namespace libopt {
namespace {

#define OPT_RULE(name, class, kernel) &OPT_RULE_OBJECT(name),
constexpr const Rule* kRules[] = {
#include "src/rules/rules.inc"
};
#undef OPT_RULE

// Words of papers and of other libraries for an option that are no aliases,
// which the hint about an unknown name understands.
constexpr struct {
  std::string_view word;
  std::string_view option;
} kKnownWords[] = {
    {"l2", "weight_decay"}, {"decay_rate", "alpha"},
    {"betas", "beta1"},     {"eps_in_sqrt", "eps_placement"},
    {"etas", "eta_minus"},  {"step_sizes", "min_step_size"},
};

// Calls body() with each of the other names of an option until it returns true,
// and returns whether it did.
template <typename Body>
bool AnyAlias(const OptionDescriptor& option, const Body& body) {
  std::string_view rest = option.aliases == nullptr ? "" : option.aliases;
  while (!rest.empty()) {
    if (body(TakeItem(&rest, ','))) return true;
  }
  return false;
}

void OfferOption(const OptionDescriptor& option, NearestName* nearest) {
  nearest->Offer(option.name);
  AnyAlias(option, [&](std::string_view alias) {
    nearest->Offer(alias, option.name);
    return false;
  });
  for (const auto& known : kKnownWords) {
    if (known.option == option.name) nearest->Offer(known.word, option.name);
  }
}

// "0 (inside), 1 (outside) or 2 (hat)" of "inside,outside,hat".
Text NumberedChoices(std::string_view choices) {
  Text text;
  for (int32_t value = 0; !choices.empty(); ++value) {
    const std::string_view choice = TakeItem(&choices, ',');
    text.Append(value == 0 ? "" : choices.empty() ? " or " : ", ");
    text.Append(value);
    text.Append(Text(" (", choice, ")"));
  }
  return text;
}

}  // namespace

const Rule* const* Rules() { return kRules; }
int RuleCount() { return static_cast<int>(std::size(kRules)); }

NamedRule FindRule(std::string_view name) {
  for (int i = 0; i < RuleCount(); ++i) {
    const RuleDescriptor& rule = *Rules()[i]->descriptor;
    if (name == rule.name) return {Rules()[i], nullptr};
    for (int k = 0; k < rule.alias_count; ++k) {
      if (name == rule.aliases[k].name) return {Rules()[i], &rule.aliases[k]};
    }
  }
  NearestName nearest(name);
  for (const Rule* rule : kRules) {
    nearest.Offer(rule->descriptor->name);
    for (int k = 0; k < rule->descriptor->alias_count; ++k) {
      nearest.Offer(rule->descriptor->aliases[k].name);
    }
  }
  Fail(OPT_ERR_NAME, "there is no rule '", name, "'", nearest.Hint().view(),
       " (opt_rule_at lists them)");
}

int FindOption(const RuleDescriptor& rule, std::string_view name) {
  for (int i = 0; i < rule.option_count; ++i) {
    const OptionDescriptor& option = rule.options[i];
    if (name == option.name) return i;
    const bool found =
        AnyAlias(option, [&](std::string_view alias) { return name == alias; });
    if (found) return i;
  }
  NearestName nearest(name);
  for (int i = 0; i < rule.option_count; ++i) {
    OfferOption(rule.options[i], &nearest);
  }
  Fail(OPT_ERR_NAME, "rule '", rule.name, "' has no option '", name, "'",
       nearest.Hint().view(), " (opt_option_at lists them)");
}

const NamedValues& FindPreset(const RuleDescriptor& rule,
                              std::string_view name) {
  NearestName nearest(name);
  for (int i = 0; i < rule.preset_count; ++i) {
    if (name == rule.presets[i].name) return rule.presets[i];
    nearest.Offer(rule.presets[i].name);
  }
  Fail(OPT_ERR_NAME, "rule '", rule.name, "' has no preset '", name, "'",
       nearest.Hint().view(), " (opt_preset_at lists them)");
}

double ValueOf(const NamedRule& named, const NamedValues* preset, int option) {
  for (const NamedValues* from : {named.alias, preset}) {
    for (int i = 0; from != nullptr && i < from->count; ++i) {
      if (from->values[i].option == option) return from->values[i].value;
    }
  }
  return named.rule->descriptor->options[option].default_value;
}

void CheckValue(const OptionDescriptor& option, double value,
                const char* what) {
  const bool min_open = (option.flags & OPT_OPTION_MIN_OPEN) != 0;
  const bool max_open = (option.flags & OPT_OPTION_MAX_OPEN) != 0;
  const bool inside = (min_open ? value > option.min : value >= option.min) &&
                      (max_open ? value < option.max : value <= option.max);
  if ((option.flags & OPT_OPTION_BOOL) != 0 && value != 0 && value != 1) {
    Fail(OPT_ERR_VALUE, what, " '", option.name, "' cannot be ", value,
         ": it must be 0 or 1");
  }
  if ((option.flags & OPT_OPTION_CHOICE) != 0 &&
      (!inside || value != std::floor(value))) {
    Fail(OPT_ERR_VALUE, what, " '", option.name, "' cannot be ", value,
         ": it must be ", NumberedChoices(option.choices).view());
  }
  if (!inside) {
    Fail(OPT_ERR_VALUE, what, " '", option.name, "' cannot be ", value,
         ": it must be in ", min_open ? "(" : "[", option.min, ", ", option.max,
         max_open ? ")" : "]");
  }
  if ((option.flags & OPT_OPTION_INTEGER) != 0 && value != std::floor(value)) {
    Fail(OPT_ERR_VALUE, what, " '", option.name, "' cannot be ", value,
         ": it must be a whole number");
  }
}

}  // namespace libopt
