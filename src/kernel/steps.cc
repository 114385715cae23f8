// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include <iterator>

#include "src/kernel/dispatch.h"
#include "src/kernel/kernels.h"

namespace libopt {

#define OPT_RULE(name, class) SelectFunction OPT_SELECT_FUNCTION(name);
#include "src/rules/rules.inc"
#undef OPT_RULE

namespace {

#define OPT_RULE(name, class) &OPT_SELECT_FUNCTION(name),
constexpr SelectFunction* kSelect[] = {
#include "src/rules/rules.inc"
};
#undef OPT_RULE

}  // namespace

ChunkFunction SelectStep(int rule, int target, opt_dtype param_dtype,
                         Layout layout) {
  return kSelect[rule](target, param_dtype, layout);
}

}  // namespace libopt
