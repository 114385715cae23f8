// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/rules/configs.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <sstream>

#include "tests/rules/harness.h"

namespace opt_test {
namespace {

// `base` with more options; what `base` sets already stays.
Options With(Options base, const Options& more) {
  base.insert(more.begin(), more.end());
  return base;
}

bool IsOfAnyRule(const std::string& option) {
  return option.rfind("lookahead", 0) == 0 ||
         option.rfind("cautious", 0) == 0 ||
         option == "corrected_weight_decay" || option == "max_lr" ||
         option == "update_clipping";
}

// The options of a rule but those that any rule can bear, which configs of
// their own go through.
std::vector<opt_option_info> OwnOptions(const std::string& rule) {
  std::vector<opt_option_info> own;
  for (const opt_option_info& option : OptionInfos(rule)) {
    if (!IsOfAnyRule(option.name)) own.push_back(option);
  }
  return own;
}

// The first variance of a centered rule is zero but for roundings if both of
// its averages are corrected: without eps there is no result to expect.
bool DividesByRoundings(const Options& options) {
  const auto is = [&](const char* name, double value) {
    const auto found = options.find(name);
    return found != options.end() && found->second == value;
  };
  return is("centered", 1) && is("bias_correction", 1) && is("eps", 0);
}

}  // namespace

bool HasOption(const std::string& rule, const std::string& option) {
  const std::vector<opt_option_info> all = OptionInfos(rule);
  return std::any_of(all.begin(), all.end(), [&](const opt_option_info& one) {
    return option == one.name;
  });
}

bool StartsASlot(const std::string& rule, const std::string& option) {
  opt_rule_info info = OPT_RULE_INFO_INIT;
  Check(opt_rule_find(rule.c_str(), &info));
  for (int32_t i = 0; i < info.slot_count; ++i) {
    opt_slot_info slot = OPT_SLOT_INFO_INIT;
    Check(opt_slot_at(rule.c_str(), i, &slot));
    if (slot.initial_option != nullptr && option == slot.initial_option) {
      return true;
    }
  }
  return false;
}

bool InRange(const opt_option_info& option, double value) {
  const bool above = (option.flags & OPT_OPTION_MIN_OPEN) != 0
                         ? value > option.min
                         : value >= option.min;
  const bool below = (option.flags & OPT_OPTION_MAX_OPEN) != 0
                         ? value < option.max
                         : value <= option.max;
  return above && below;
}

std::vector<double> Values(const opt_option_info& option) {
  std::vector<double> candidates = {0, 0.1, 0.9};
  if ((option.flags & OPT_OPTION_INTEGER) != 0) candidates = {0, 1, 7};
  if ((option.flags & (OPT_OPTION_BOOL | OPT_OPTION_CHOICE)) != 0) {
    candidates.clear();
    for (double i = option.min; i <= option.max; ++i) candidates.push_back(i);
  } else {
    for (const double end : {option.min, option.max}) {
      const bool seen = std::count(candidates.begin(), candidates.end(), end);
      if (!seen && std::isfinite(end)) candidates.push_back(end);
    }
  }
  std::vector<double> values;
  for (const double candidate : candidates) {
    if (InRange(option, candidate)) values.push_back(candidate);
  }
  // A factor that makes larger.
  if (values.empty()) values.push_back(option.min + 0.25);
  return values;
}

std::vector<Options> Layouts(const std::string& rule) {
  std::vector<Options> layouts = {{}};
  for (const opt_option_info& option : OwnOptions(rule)) {
    if ((option.flags & OPT_OPTION_LAYOUT) == 0) continue;
    const std::vector<double> all = Values(option);
    const bool is_choice = (option.flags & OPT_OPTION_CHOICE) != 0;
    const std::vector<double> values =
        is_choice ? all : std::vector<double>{0, all.back()};
    std::vector<Options> longer;
    for (const Options& layout : layouts) {
      for (const double value : values) {
        longer.push_back(With(layout, {{option.name, value}}));
      }
    }
    layouts = longer;
  }
  return layouts;
}

std::vector<Options> OptionsAlone(const std::string& rule) {
  std::vector<Options> all;
  for (const Options& layout : Layouts(rule)) {
    for (const Options& base :
         {layout, With(layout, {{"weight_decay", 0.1}})}) {
      all.push_back(base);
      for (const opt_option_info& option : OwnOptions(rule)) {
        if (base.count(option.name) != 0) continue;
        for (const double value : Values(option)) {
          all.push_back(With(base, {{option.name, value}}));
        }
      }
    }
  }
  return all;
}

std::vector<Options> OptionPairs(const std::string& rule) {
  const std::vector<opt_option_info> options = OwnOptions(rule);
  std::vector<Options> all;
  for (const Options& layout : Layouts(rule)) {
    for (size_t i = 0; i < options.size(); ++i) {
      if (layout.count(options[i].name) != 0) continue;
      for (size_t j = i + 1; j < options.size(); ++j) {
        if (layout.count(options[j].name) != 0) continue;
        for (const double first : Values(options[i])) {
          for (const double second : Values(options[j])) {
            const Options pair = With(
                layout, {{options[i].name, first}, {options[j].name, second}});
            if (!DividesByRoundings(pair)) all.push_back(pair);
          }
        }
      }
    }
  }
  return all;
}

std::vector<Options> OptionsOfAnyRule(const std::string& rule) {
  std::vector<Options> all;
  std::vector<double> kinds;
  for (const opt_option_info& option : OptionInfos(rule)) {
    if (std::strcmp(option.name, OPT_WEIGHT_DECAY_KIND) == 0) {
      kinds = Values(option);
    }
  }
  for (const Options& layout : Layouts(rule)) {
    for (const double kind : kinds) {
      const Options base =
          With(layout, {{"weight_decay", 0.1}, {"weight_decay_kind", kind}});
      if (HasOption(rule, "cautious")) {
        all.push_back(With(base, {{"cautious", 1}}));
        all.push_back(With(base, {{"cautious", 2}, {"maximize", 1}}));
        all.push_back(With(base, {{"cautious_weight_decay", 1}}));
      }
      if (HasOption(rule, "corrected_weight_decay")) {
        all.push_back(With(base, {{"cautious_weight_decay", 1},
                                  {"cautious", 1},
                                  {"corrected_weight_decay", 2}}));
        all.push_back(
            With(base, {{"corrected_weight_decay", 1}, {"max_lr", 0.7}}));
        all.push_back(
            With(base, {{"corrected_weight_decay", 2}, {"max_lr", 0.7}}));
      }
      if (HasOption(rule, "update_clipping")) {
        all.push_back(With(base, {{"update_clipping", 0.25}}));
        all.push_back(With(base, {{"update_clipping", 1},
                                  {"cautious", 2},
                                  {"cautious_weight_decay", 1}}));
      }
      if (HasOption(rule, "lookahead")) {
        all.push_back(With(base, {{"lookahead", 1}}));
        all.push_back(With(base, {{"lookahead", 2}, {"lookahead_alpha", 0.9}}));
      }
      if (HasOption(rule, "cautious") && HasOption(rule, "lookahead")) {
        all.push_back(With(base, {{"cautious", 1}, {"lookahead", 2}}));
      }
    }
  }
  return all;
}

std::string Text(const Options& options) {
  std::ostringstream text;
  for (const auto& [name, value] : options) text << name << '=' << value << ' ';
  return text.str();
}

}  // namespace opt_test
