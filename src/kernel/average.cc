// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Averaging parameters that the step does not change, on every SIMD target.

#include <limits>

#include "src/kernel/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "src/kernel/average.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "src/kernel/average-inl.h"

HWY_BEFORE_NAMESPACE();
namespace libopt {
namespace HWY_NAMESPACE {
namespace {

template <typename T>
void AverageChunkOf(const AverageChunk& chunk) {
  AverageArrays(static_cast<const T*>(chunk.param),
                static_cast<T*>(chunk.average),
                static_cast<size_t>(chunk.count), chunk.weights);
}

void AverageAny(const AverageChunk& chunk) {
  chunk.dtype == OPT_F32 ? AverageChunkOf<float>(chunk)
                         : AverageChunkOf<double>(chunk);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace libopt
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include "src/kernel/dispatch.h"

namespace libopt {
namespace {

OPT_EXPORT(AverageAny);

}  // namespace

void UpdateAverage(int target, const AverageChunk& chunk) {
  OPT_DISPATCH(AverageAny, target)(chunk);
}

}  // namespace libopt

#endif  // HWY_ONCE
