// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The rules and what they are called. The list itself is defined by the kernel
// layer, from rules.inc.

#ifndef OPT_SRC_CORE_REGISTRY_H_
#define OPT_SRC_CORE_REGISTRY_H_

#include <string_view>

#include "src/core/rule.h"

namespace opt {

const Rule* const* Rules();
int RuleCount();

// A rule by its name or an alias; then `alias` is set.
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
// be nullptr: the preset's, or else the alias', or else the default.
double ValueOf(const NamedRule& named, const NamedValues* preset, int option);

// Checks a value against an option's type and range; throws OPT_ERR_VALUE.
// `what` is the kind of thing that it is.
void CheckValue(const OptionDescriptor& option, double value,
                const char* what = "option");

}  // namespace opt

#endif  // OPT_SRC_CORE_REGISTRY_H_
