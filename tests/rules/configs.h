// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Which settings of a rule the matrix runs: made from its descriptor alone, so
// that a new rule is tested without an edit.

#ifndef OPT_TESTS_RULES_CONFIGS_H_
#define OPT_TESTS_RULES_CONFIGS_H_

#include <string>
#include <vector>

#include "opt/opt.h"
#include "tests/rules/data.h"

namespace opt_test {

// Whether an option may have a value, open ends considered.
bool InRange(const opt_option_info& option, double value);

// A few values of an option over its range, the ends among them.
std::vector<double> Values(const opt_option_info& option);

bool HasOption(const std::string& rule, const std::string& option);

// Whether a slot of the rule starts at the value of an option, as it is when a
// tensor is attached.
bool StartsASlot(const std::string& rule, const std::string& option);

// Every combination of the options that decide which state slots exist; {} if
// there are none. What a layout leaves out stays as the preset has it.
std::vector<Options> Layouts(const std::string& rule);

// Each layout, without and with weight decay, with each option varied alone.
std::vector<Options> OptionsAlone(const std::string& rule);

// Each layout with every pair of options varied.
std::vector<Options> OptionPairs(const std::string& rule);

// Cautious steps and lookahead, alone and together, with every layout and kind
// of weight decay.
std::vector<Options> OptionsOfAnyRule(const std::string& rule);

std::string Text(const Options& options);

}  // namespace opt_test

#endif  // OPT_TESTS_RULES_CONFIGS_H_
