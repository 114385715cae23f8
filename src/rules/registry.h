// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The rules of rules.inc, and how to find them and their parts by name.

#ifndef OPT_SRC_RULES_REGISTRY_H_
#define OPT_SRC_RULES_REGISTRY_H_

#include <string_view>

#include "src/rules/descriptor.h"

namespace libopt {

const Rule* const* Rules();
int RuleCount();

// A rule that was found by its own name or by an alias, in which case `alias`
// is set.
struct NamedRule {
  const Rule* rule;
  const NamedValues* alias;
};

// These throw OPT_ERR_NAME with a hint at the nearest name.
NamedRule FindRule(std::string_view name);
int FindOption(const RuleDescriptor& rule, std::string_view name);
const NamedValues& FindPreset(const RuleDescriptor& rule,
                              std::string_view name);

// The value of an option with a preset and under an alias, either of which may
// be nullptr: the alias's value, or else the preset's, or else the default.
double ValueOf(const NamedRule& named, const NamedValues* preset, int option);

// Checks a value against an option's type and range; throws OPT_ERR_VALUE,
// whose message calls the option `what`.
void CheckValue(const OptionDescriptor& option, double value,
                const char* what = "option");

}  // namespace libopt

#endif  // OPT_SRC_RULES_REGISTRY_H_
