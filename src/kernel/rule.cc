// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The loops of one rule on every SIMD target. This file is compiled once for
// each line of rules.inc whose rule has kernels of its own, with OPT_RULE_NAME,
// OPT_RULE_CLASS and OPT_RULE_HEADER defined.

#include <cmath>
#include <limits>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "src/kernel/rule.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "src/kernel/block-inl.h"
#include "src/kernel/lanes-inl.h"
#include "src/kernel/loops.h"
#include "src/kernel/sums-inl.h"
#include OPT_RULE_HEADER

HWY_BEFORE_NAMESPACE();
namespace libopt {
namespace HWY_NAMESPACE {
namespace {
#define OPT_RULE_VECTOR_PART
#include OPT_RULE_HEADER
#undef OPT_RULE_VECTOR_PART
}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace libopt
HWY_AFTER_NAMESPACE();

#include "src/kernel/rule_loops-inl.h"

HWY_BEFORE_NAMESPACE();
namespace libopt {
namespace HWY_NAMESPACE {
namespace {

const void* FindLoopsOfRule(opt_dtype param_dtype, Layout layout) {
  return param_dtype == OPT_F32 ? FindLoops<OPT_RULE_CLASS, float>(layout)
                                : FindLoops<OPT_RULE_CLASS, double>(layout);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace libopt
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include "src/kernel/dispatch.h"

namespace libopt {
namespace {

OPT_EXPORT(FindLoopsOfRule);

}  // namespace

LoopsFunction OPT_LOOPS_FUNCTION(OPT_RULE_NAME);
const void* OPT_LOOPS_FUNCTION(OPT_RULE_NAME)(int target, opt_dtype param_dtype,
                                              Layout layout) {
  return OPT_DISPATCH(FindLoopsOfRule, target)(param_dtype, layout);
}

}  // namespace libopt

#endif  // HWY_ONCE
