// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The work of a program before and after a step, one loop for each thing.

#ifndef OPT_TESTS_BENCH_TRAINING_LOOPS_H_
#define OPT_TESTS_BENCH_TRAINING_LOOPS_H_

#include "tests/bench/buffers.h"

namespace bench {

// Multiplies the gradient.
void ScaleGradient(const Arrays<float>& arrays, float factor);

// The sum of the gradient's squares, in double.
double SumOfSquares(const Arrays<float>& arrays);

// Moves the average, slot 2, towards the parameters.
void MoveAverage(const Arrays<float>& arrays, double decay);

}  // namespace bench

#endif  // OPT_TESTS_BENCH_TRAINING_LOOPS_H_
