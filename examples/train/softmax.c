/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/softmax.h"

#include <math.h>

#include "examples/train/idx.h"

/* e to the x for x <= 0, to some 1e-9: 2^n times a Taylor series in the rest.
 * The C library's exp() gives other last bits on other CPUs. */
static double exp_of_negative(double x) {
  static const double kLog2E = 1.4426950408889634;
  static const double kLn2 = 0.6931471805599453;
  if (!(x > -700.0)) return x != x ? x : 0.0;
  const double n = floor(x * kLog2E + 0.5);
  const double r = x - n * kLn2;
  double series = 1.0;
  for (int i = 9; i >= 1; --i) series = 1.0 + series * r / i;
  return ldexp(series, (int)n);
}

double softmax(float* logits, int label) {
  float max = logits[0];
  for (int c = 1; c < kClasses; ++c) {
    if (logits[c] > max) max = logits[c];
  }
  double weight[kClasses];
  double sum = 0.0;
  for (int c = 0; c < kClasses; ++c) {
    weight[c] = exp_of_negative((double)logits[c] - max);
    sum += weight[c];
  }
  const double loss = log(sum) - ((double)logits[label] - max);
  for (int c = 0; c < kClasses; ++c) logits[c] = (float)(weight[c] / sum);
  return loss;
}
