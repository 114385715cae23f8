// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The update of an average of parameters, compiled once per SIMD target: for
// tensors that take the step (step.cc) and for those that do not (average.cc).

#include <cstddef>

#include "hwy/highway.h"
#include "src/rules/descriptor.h"

#if defined(OPT_SRC_KERNEL_AVERAGE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef OPT_SRC_KERNEL_AVERAGE_INL_H_
#undef OPT_SRC_KERNEL_AVERAGE_INL_H_
#else
#define OPT_SRC_KERNEL_AVERAGE_INL_H_
#endif

#include "src/kernel/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace libopt {
namespace HWY_NAMESPACE {

// Averages the vector at `param` into the one at `average`.
template <bool kIsCopy, class D, typename T>
HWY_INLINE void AverageVector(D d, const T* param, T* average,
                              const T* weights) {
  hn::Vec<D> fresh = LoadU(d, param);
  if constexpr (!kIsCopy) {
    fresh = MovingAverage(d, LoadU(d, average), fresh, weights);
  }
  StoreU(FlushSubnormal(d, fresh), d, average);
}

template <bool kIsCopy, typename T>
HWY_NOINLINE void AverageAll(const T* param, T* average, size_t count,
                             const T* given) {
  const T weights[2] = {given[0], given[1]};
  const hn::ScalableTag<T> d;
  const hn::CappedTag<T, 1> one;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    AverageVector<kIsCopy>(d, param + i, average + i, weights);
  }
  for (; i < count; ++i) {
    AverageVector<kIsCopy>(one, param + i, average + i, weights);
  }
}

template <typename T>
HWY_INLINE void AverageArrays(const T* param, T* average, size_t count,
                              const Average& weights) {
  const T rounded[2] = {static_cast<T>(weights.weight),
                        static_cast<T>(weights.from_old)};
  if (rounded[0] == 0 && rounded[1] == 0) {  // kCopy
    AverageAll<true>(param, average, count, rounded);
  } else {
    AverageAll<false>(param, average, count, rounded);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace libopt
HWY_AFTER_NAMESPACE();

#endif  // OPT_SRC_KERNEL_AVERAGE_INL_H_
