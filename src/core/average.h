// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The average of an optimizer's parameters: when it is updated, and with what
// weights. The arithmetic is defined by the kernel layer.

#ifndef OPT_SRC_CORE_AVERAGE_H_
#define OPT_SRC_CORE_AVERAGE_H_

#include <cstdint>

#include "opt/opt_average.h"
#include "src/core/rule.h"

namespace opt {

struct Averaging {
  int32_t kind = 0;  // OPT_AVERAGE_*; 0: no average is kept
  uint32_t flags = 0;
  double decay = 0;
  int64_t start = 0;
  int64_t period = 1;
  int64_t updates = 0;  // steps that updated it
  bool swapped = false;

  // Whether step `step` of the optimizer, 1 being the first, updates it.
  bool IsDue(int64_t step) const {
    return kind != 0 && step > start && (step - start - 1) % period == 0;
  }
};

// Throws unless this can be a configuration.
void CheckAveraging(const Averaging& averaging);

// How to update the average of a tensor that has had `updates` before.
Average WeightsOf(const Averaging& averaging, int64_t updates);

// A contiguous piece of one tensor's parameters and average.
struct AverageChunk {
  const void* param;
  void* average;
  int64_t count;
  Average weights;
  opt_dtype dtype;
};

void UpdateAverage(int target, const AverageChunk& chunk);

}  // namespace opt

#endif  // OPT_SRC_CORE_AVERAGE_H_
