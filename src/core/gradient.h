// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Gradient work outside of a step. Defined by the kernel layer.

#ifndef OPT_SRC_CORE_GRADIENT_H_
#define OPT_SRC_CORE_GRADIENT_H_

#include <cstdint>

#include "opt/opt_base.h"

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

}  // namespace opt

#endif  // OPT_SRC_CORE_GRADIENT_H_
