// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// RAdam's rectification: how much a step must shrink while few gradients have
// entered the second moment.

#ifndef OPT_SRC_RULES_RECTIFICATION_H_
#define OPT_SRC_RULES_RECTIFICATION_H_

#include <cmath>
#include <cstdint>

#include "src/rules/descriptor.h"

namespace libopt {

// How many gradients the second moment is worth after a step.
inline double MomentLength(double beta2, int64_t step) {
  const double power = PowerOfStep(beta2, step);
  const double most = 2 / (1 - beta2) - 1;
  return most - 2 * static_cast<double>(step) * power / (1 - power);
}

// The factor of a step at a length above 4, which only a beta2 above 2/3 ever
// reaches.
inline double Rectification(double beta2, double length) {
  const double most = 2 / (1 - beta2) - 1;
  return std::sqrt((length - 4) * (length - 2) * most /
                   ((most - 4) * (most - 2) * length));
}

}  // namespace libopt

#endif  // OPT_SRC_RULES_RECTIFICATION_H_
