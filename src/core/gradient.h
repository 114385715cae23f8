// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Gradient work outside of the update's pass. Defined by the kernel layer.

#ifndef OPT_SRC_CORE_GRADIENT_H_
#define OPT_SRC_CORE_GRADIENT_H_

#include <cstdint>

#include "opt/opt_base.h"
#include "src/core/rule.h"

namespace opt {

// A contiguous piece of one tensor's accumulator and gradient.
struct AccumulateChunk {
  void* sum;
  void* grad;
  int64_t count;
  double weight;  // of this gradient in the sum
  opt_dtype sum_dtype;
  opt_dtype grad_dtype;
  bool first;      // sum = weight * grad; else sum = sum + weight * grad
  bool zero_grad;  // then grad = 0
};

void Accumulate(int target, const AccumulateChunk& chunk);

// Elements that are measured at a time, counted from the start of a tensor.
constexpr int64_t kMeasureBlock = 64 * 1024;

// A block of a gradient, which is measured in the parameter's type.
struct MeasureChunk {
  const void* grad;
  int64_t count;  // at most kMeasureBlock
  opt_dtype param_dtype;
  opt_dtype grad_dtype;
  GradEdit edit;  // with a clip by value, the sum is of what that leaves
  bool squares;   // false: only the maximum is wanted
};

struct GradMeasure {
  double sum;  // of squares, in double; element i in lane i % 16
  double max;  // of absolute values before the edit; NaN if there is one
};

GradMeasure Measure(int target, const MeasureChunk& chunk);

// A piece of a gradient, which is edited in place, in its own type.
struct EditChunk {
  void* grad;
  int64_t count;
  opt_dtype grad_dtype;
  GradEdit edit;
};

void Edit(int target, const EditChunk& chunk);

}  // namespace opt

#endif  // OPT_SRC_CORE_GRADIENT_H_
