// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The kernels of one rule on every SIMD target. Compiled once for each line of
// rules.inc, with OPT_RULE_NAME, OPT_RULE_CLASS and OPT_RULE_HEADER defined.

#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "src/kernel/rule.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "src/kernel/average-inl.h"
#include "src/kernel/grad_edit-inl.h"
#include "src/kernel/kernels.h"
#include "src/kernel/lanes-inl.h"
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

#include "src/kernel/driver-inl.h"

HWY_BEFORE_NAMESPACE();
namespace libopt {
namespace HWY_NAMESPACE {
namespace {

ChunkFunction SelectChunkFunction(opt_dtype param_dtype, Layout layout) {
  return param_dtype == OPT_F32 ? SelectFrom<OPT_RULE_CLASS, float>(layout)
                                : SelectFrom<OPT_RULE_CLASS, double>(layout);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace libopt
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include "src/kernel/dispatch.h"

namespace libopt {
namespace {

OPT_EXPORT(SelectChunkFunction);

}  // namespace

SelectFunction OPT_SELECT_FUNCTION(OPT_RULE_NAME);
ChunkFunction OPT_SELECT_FUNCTION(OPT_RULE_NAME)(int target,
                                                 opt_dtype param_dtype,
                                                 Layout layout) {
  return OPT_DISPATCH(SelectChunkFunction, target)(param_dtype, layout);
}

}  // namespace libopt

#endif  // HWY_ONCE
