// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The loops of all rules, in the order of rules.inc.

#include "src/kernel/dispatch.h"

namespace libopt {

#define OPT_RULE(name, class, kernel) LoopsFunction OPT_LOOPS_FUNCTION(kernel);
#include "src/rules/rules.inc"
#undef OPT_RULE

namespace {

#define OPT_RULE(name, class, kernel) &OPT_LOOPS_FUNCTION(kernel),
constexpr LoopsFunction* kFindLoops[] = {
#include "src/rules/rules.inc"
};
#undef OPT_RULE

}  // namespace

const void* LoopsOfRule(int rule, int target, opt_dtype param_dtype,
                        Layout layout) {
  return kFindLoops[rule](target, param_dtype, layout);
}

}  // namespace libopt
