// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The arithmetic of single factors, in double, which all SIMD targets share.

#ifndef OPT_SRC_KERNEL_FACTORS_H_
#define OPT_SRC_KERNEL_FACTORS_H_

#include <algorithm>
#include <cstdint>
#include <limits>

#include "src/kernel/kernels.h"

namespace libopt {

// The mean of a slice's row factors, by which is divided.
template <typename T>
double MeanOfRows(const T* rows, int64_t count, const FactorScalars& scalars) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += static_cast<double>(rows[i]);
  return std::max(sum / static_cast<double>(count), scalars.smallest_mean);
}

}  // namespace libopt

#endif  // OPT_SRC_KERNEL_FACTORS_H_
