// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The average of an optimizer's parameters: when it is updated, and with what
// weights.

#ifndef OPT_SRC_OPTIMIZER_AVERAGING_H_
#define OPT_SRC_OPTIMIZER_AVERAGING_H_

#include <cstdint>

#include "opt/opt_average.h"
#include "src/rules/descriptor.h"

namespace libopt {

struct Averaging {
  int32_t kind = 0;  // OPT_AVERAGE_*; 0: no average is kept
  uint32_t flags = 0;
  double decay = 0;
  int64_t start = 0;
  int64_t period = 1;
  int64_t updates = 0;  // steps that updated it

  // Whether step `step` of the optimizer, 1 being the first, updates it.
  bool IsDue(int64_t step) const {
    return kind != 0 && step > start && (step - start - 1) % period == 0;
  }
};

// Throws OPT_ERR_ARGUMENT or OPT_ERR_VALUE if the configuration is invalid.
void CheckAveraging(const Averaging& averaging);

// The weights of the next update of an average that has had `updates` so far.
Average WeightsOf(const Averaging& averaging, int64_t updates);

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_AVERAGING_H_
