// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Finds the function that was compiled for a SIMD target. Each context chooses
// its own target. Highway's own choice is never touched: it holds for the whole
// process, and other libraries of the host may share it.

#ifndef OPT_SRC_KERNEL_DISPATCH_H_
#define OPT_SRC_KERNEL_DISPATCH_H_

#include <cstddef>

#include "hwy/highway.h"
#include "src/kernel/kernels.h"

namespace libopt {

// The place of a target's function in the tables that OPT_EXPORT makes.
size_t DispatchIndex(int target);

// Defines, after HWY_ONCE, the table of a function that is compiled for each
// target. It is the table of HWY_EXPORT without its first entry, which makes
// Highway's own choice and would therefore need Highway's library.
#define OPT_EXPORT(function)                                                \
  static decltype(&HWY_STATIC_DISPATCH(function)) const HWY_DISPATCH_TABLE( \
      function)[HWY_MAX_DYNAMIC_TARGETS + 2] = {                            \
      nullptr, HWY_CHOOSE_TARGET_LIST(function),                            \
      HWY_CHOOSE_FALLBACK(function)}

#define OPT_DISPATCH(function, target) \
  (HWY_DISPATCH_TABLE(function)[::libopt::DispatchIndex(target)])

// The function that finds the RuleLoops of a rule; rule.cc defines it.
using LoopsFunction = const void*(int target, opt_dtype param_dtype,
                                  Layout layout);
#define OPT_LOOPS_CONCAT(name) FindLoops_##name
#define OPT_LOOPS_FUNCTION(name) OPT_LOOPS_CONCAT(name)

// The loops of the rule with this index.
const void* LoopsOfRule(int rule, int target, opt_dtype param_dtype,
                        Layout layout);

}  // namespace libopt

#endif  // OPT_SRC_KERNEL_DISPATCH_H_
