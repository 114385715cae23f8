// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Work on a block of a gradient before it is used: conversion to the
// parameter's type, scaling, and clipping by value. Compiled once per SIMD
// target.

#include <cstdint>

#include "hwy/highway.h"
#include "src/kernel/kernels.h"
#include "src/kernel/lanes-inl.h"

#if defined(OPT_SRC_KERNEL_GRAD_EDIT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef OPT_SRC_KERNEL_GRAD_EDIT_INL_H_
#undef OPT_SRC_KERNEL_GRAD_EDIT_INL_H_
#else
#define OPT_SRC_KERNEL_GRAD_EDIT_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace libopt {
namespace HWY_NAMESPACE {

// Elements of a block: few enough to stay in the first-level cache.
constexpr int64_t kBlock = 1024;

// The factor by which the result of EditedGrad() must still be multiplied.
HWY_INLINE double FactorOf(const GradEdit& edit) {
  return edit.max_value > 0 ? edit.factor : edit.scale * edit.factor;
}

// Whether EditedGrad() returns another array than the gradient itself.
template <typename T, typename G>
HWY_INLINE bool NeedsEdit(const GradEdit& edit) {
  return !hwy::IsSame<T, G>() || edit.max_value > 0;
}

template <typename From, typename To>
HWY_INLINE void Convert(const From* from, int64_t count, To* to) {
  for (int64_t i = 0; i < count; ++i) to[i] = static_cast<To>(from[i]);
}

// scale * x, clipped to [-max_value, max_value]; NaN stays NaN.
template <class D, typename T, class V = hn::Vec<D>>
HWY_INLINE V ScaleAndClip(D d, T scale, T max_value, V x) {
  const V scaled = Mul(Set(d, scale), x);
  const V high = Set(d, max_value);
  const V low = Set(d, -max_value);
  const V capped = IfThenElse(Lt(high, scaled), high, scaled);
  return IfThenElse(Lt(capped, low), low, capped);
}

template <typename T>
HWY_INLINE void ScaleAndClipArray(const GradEdit& edit, const T* from,
                                  int64_t count, T* to) {
  const T scale = static_cast<T>(edit.scale);
  const T max_value = static_cast<T>(edit.max_value);
  const hn::ScalableTag<T> d;
  const hn::CappedTag<T, 1> one;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    StoreU(ScaleAndClip(d, scale, max_value, LoadU(d, from + i)), d, to + i);
  }
  for (; i < count; ++i) {
    StoreU(ScaleAndClip(one, scale, max_value, LoadU(one, from + i)), one,
           to + i);
  }
}

// Returns a block of the gradient in the parameter's type, scaled and clipped
// if there is a clip by value. It is the gradient itself if nothing is to be
// done, or else `room`, which is filled.
template <typename T, typename G>
HWY_INLINE const T* EditedGrad(const GradEdit& edit, const G* grad,
                               int64_t count, T* room) {
  const T* from = nullptr;
  if constexpr (hwy::IsSame<T, G>()) {
    from = grad;
  } else {
    Convert(grad, count, room);
    from = room;
  }
  if (!(edit.max_value > 0)) return from;
  ScaleAndClipArray(edit, from, count, room);
  return room;
}

}  // namespace HWY_NAMESPACE
}  // namespace libopt
HWY_AFTER_NAMESPACE();

#endif  // OPT_SRC_KERNEL_GRAD_EDIT_INL_H_
