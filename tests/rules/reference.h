// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The Reference that every rule file brings along, for all rules of the
// registry alike, in the form in which the oracle answers.

#ifndef OPT_TESTS_RULES_REFERENCE_H_
#define OPT_TESTS_RULES_REFERENCE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "opt/opt.h"
#include "src/rules/descriptor.h"
#include "tests/rules/harness.h"
#include "tests/rules/measure.h"
#include "tests/rules/oracle.h"

namespace opt_test {

const libopt::Rule& FindRule(const std::string& name);

// Option values in the order of the descriptor.
std::vector<double> InOrder(const libopt::Rule& rule, const Options& options);

// Whether what an element becomes depends on all elements of its tensor.
bool StepsAsAWhole(const std::string& rule, const Options& options);

// Makes a step by the rule's Reference. It is plain double and does not know
// the size of its terms. They are those of the oracle's answer for the same
// step; or, if that is nullptr, found by moving each input x a little: the
// result f moves as if it had a term of the size x * df/dx, and what is added
// up on the way is, in most formulas, no larger than all of these together.
After ReferenceStep(const libopt::Rule& rule, const Options& options,
                    int64_t step, opt_dtype dtype, const Before& before,
                    const After* oracle);

// A tensor of any shape, in f64, that only the Reference steps.
class ReferenceTensor {
 public:
  // As an attached tensor is before its first step.
  ReferenceTensor(const Optimizer& optimizer, const Tensor& tensor,
                  const std::vector<int64_t>& shape);
  ReferenceTensor(const ReferenceTensor&) = delete;
  ReferenceTensor& operator=(const ReferenceTensor&) = delete;

  void Step(const Array& grad);
  // How far the tensor and its slots are from this one: the largest error, in
  // units of the largest element of its array.
  double DistanceOf(const Optimizer& optimizer, const Tensor& tensor) const;

 private:
  const libopt::Rule& rule_;
  std::vector<double> options_;
  std::vector<int64_t> shape_;
  std::vector<double> param_;
  std::vector<double> grad_;
  std::vector<std::vector<double>> slots_;
  int64_t step_ = 0;
};

// The Reference rounds in double itself: beside an f64 result it may be off by
// as much.
Tolerance ReferenceTolerance(opt_dtype dtype);

}  // namespace opt_test

#endif  // OPT_TESTS_RULES_REFERENCE_H_
