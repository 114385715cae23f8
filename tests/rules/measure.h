// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// How far the library may be from what a formula says, and whether it is.

#ifndef OPT_TESTS_RULES_MEASURE_H_
#define OPT_TESTS_RULES_MEASURE_H_

#include <cstdint>
#include <string>

#include "opt/opt.h"
#include "tests/rules/harness.h"
#include "tests/rules/oracle.h"

namespace opt_test {

// Errors allowed, in ulp of the Tracked scale: see tracked.h.
struct Tolerance {
  double state_ulps;   // each state slot, and what it inherited
  double update_ulps;  // what was added to the parameter, all in all
  double param_ulps;   // and, for storing the sum, ulp of the parameter
};

// The precision that the library promises for one step from the same state.
constexpr Tolerance kStepTolerance = {2, 4, 0.5};

// The distance between two numbers of a dtype next to one of this size; that
// of the smallest normal numbers for everything below them.
long double Ulp(opt_dtype dtype, long double size);

double SmallestNormal(opt_dtype dtype);

// Copies an attached tensor's parameters, gradient and state. The gradient is
// rounded to the parameter's dtype, in which the library computes.
Before TakeBefore(const Optimizer& optimizer, const Tensor& tensor);

// Compares a tensor and its state with what was expected. Returns "" or a
// sentence about the first element that is out of tolerance. State smaller
// than the smallest normal number has to be zero.
std::string Compare(const Optimizer& optimizer, const Tensor& tensor,
                    const Before& before, const After& expected,
                    const Tolerance& tolerance);

}  // namespace opt_test

#endif  // OPT_TESTS_RULES_MEASURE_H_
