// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Compiled like plain.cc.

#include "tests/bench/training_loops.h"

namespace bench {

void ScaleGradient(const Arrays<float>& arrays, float factor) {
  float* grad = arrays.grad;
  for (int64_t i = 0; i < arrays.count; ++i) grad[i] *= factor;
}

void MoveAverage(const Arrays<float>& arrays, double decay) {
  const float* __restrict param = arrays.param;
  float* __restrict average = arrays.slots[2];
  const auto weight = static_cast<float>(1 - decay);
  for (int64_t i = 0; i < arrays.count; ++i) {
    average[i] += weight * (param[i] - average[i]);
  }
}

double SumOfSquares(const Arrays<float>& arrays) {
  const float* grad = arrays.grad;
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (int64_t i = 0; i < arrays.count; ++i) {
    sum += static_cast<double>(grad[i]) * grad[i];
  }
  return sum;
}

}  // namespace bench
