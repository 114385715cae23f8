// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/core/registry.h"

#include "src/kernel/dispatch.h"

namespace opt {

#define OPT_RULE(name, class) extern const Rule OPT_RULE_OBJECT(name);
#include "src/rules/rules.inc"
#undef OPT_RULE

namespace {

#define OPT_RULE(name, class) &OPT_RULE_OBJECT(name),
constexpr const Rule* kRules[] = {
#include "src/rules/rules.inc"
};
#undef OPT_RULE

}  // namespace

const Rule* const* Rules() { return kRules; }
int RuleCount() { return static_cast<int>(std::size(kRules)); }

}  // namespace opt
