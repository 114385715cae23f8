// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Adding gradients to an accumulator, on every SIMD target.

#include <cstdint>

#include "src/kernel/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "src/kernel/accumulate.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace libopt {
namespace HWY_NAMESPACE {
namespace {

// These are plain loops, which the compiler vectorizes for each target. Each
// element takes one product and one sum, both rounded, so that the bits are the
// same for every vector width.
template <typename T, typename G>
void AccumulateArrays(const AccumulateChunk& chunk) {
  T* HWY_RESTRICT sum = static_cast<T*>(chunk.sum);
  G* HWY_RESTRICT grad = static_cast<G*>(chunk.grad);
  const T weight = static_cast<T>(chunk.weight);
  if (chunk.first) {
    for (int64_t i = 0; i < chunk.count; ++i) {
      sum[i] = weight * static_cast<T>(grad[i]);
    }
  } else {
    for (int64_t i = 0; i < chunk.count; ++i) {
      sum[i] = sum[i] + weight * static_cast<T>(grad[i]);
    }
  }
  if (chunk.zero_grad) {
    for (int64_t i = 0; i < chunk.count; ++i) grad[i] = 0;
  }
}

void AccumulateAny(const AccumulateChunk& chunk) {
  if (chunk.sum_dtype == OPT_F32) {
    chunk.grad_dtype == OPT_F32 ? AccumulateArrays<float, float>(chunk)
                                : AccumulateArrays<float, double>(chunk);
  } else {
    chunk.grad_dtype == OPT_F32 ? AccumulateArrays<double, float>(chunk)
                                : AccumulateArrays<double, double>(chunk);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace libopt
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include "src/kernel/dispatch.h"

namespace libopt {
namespace {

OPT_EXPORT(AccumulateAny);

}  // namespace

void Accumulate(int target, const AccumulateChunk& chunk) {
  OPT_DISPATCH(AccumulateAny, target)(chunk);
}

}  // namespace libopt

#endif  // HWY_ONCE
