// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The rules of rules.inc, and how to find them and their parts by name.

#ifndef OPT_SRC_RULES_REGISTRY_H_
#define OPT_SRC_RULES_REGISTRY_H_

#include <string_view>

#include "src/rules/descriptor.h"

namespace libopt {

// The object of a rule, and its index, by its name in rules.inc.
#define OPT_RULE_CONCAT(prefix, name) prefix##name
#define OPT_RULE_OBJECT(name) OPT_RULE_CONCAT(kRule_, name)
#define OPT_RULE_INDEX(name) OPT_RULE_CONCAT(kIndex_, name)

enum RuleIndex {
#define OPT_RULE(name, class, kernel) OPT_RULE_INDEX(name),
#include "src/rules/rules.inc"
#undef OPT_RULE
};

#define OPT_RULE(name, class, kernel) extern const Rule OPT_RULE_OBJECT(name);
#include "src/rules/rules.inc"
#undef OPT_RULE

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
