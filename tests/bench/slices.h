// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Threads for the contestants that are not libopt: OpenMP, as in PyTorch.

#ifndef OPT_TESTS_BENCH_SLICES_H_
#define OPT_TESTS_BENCH_SLICES_H_

#include <omp.h>

#include <algorithm>

#include "tests/bench/buffers.h"

namespace bench {

// Calls loop(slice) for equal contiguous slices, cut at multiples of 64 bytes,
// in one parallel region.
template <class T, class Function>
void ForSlices(int threads, const Arrays<T>& arrays, const Function& loop) {
  if (threads == 1) {
    loop(arrays);
    return;
  }
#pragma omp parallel num_threads(threads)
  {
    constexpr int64_t kUnit = 64 / sizeof(T);
    const int64_t units = (arrays.count + kUnit - 1) / kUnit;
    const int64_t share = (units + threads - 1) / threads * kUnit;
    const int64_t begin = std::min(arrays.count, omp_get_thread_num() * share);
    const int64_t end = std::min(arrays.count, begin + share);
    loop(arrays.Slice(begin, end));
  }
}

}  // namespace bench

#endif  // OPT_TESTS_BENCH_SLICES_H_
