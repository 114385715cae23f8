// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Sums of squares and maxima of gradients, and work on gradients in place, on
// every SIMD target.

#include <cstdint>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "src/kernel/measure.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "src/kernel/grad_edit-inl.h"
#include "src/kernel/kernels.h"
#include "src/kernel/lanes-inl.h"
#include "src/kernel/sums-inl.h"

HWY_BEFORE_NAMESPACE();
namespace libopt {
namespace HWY_NAMESPACE {
namespace {

// The bits of an absolute value as an integer. Their order is that of the
// values, with Inf and then NaN at the end.
template <typename T>
using Bits = hwy::MakeSigned<T>;

template <typename T>
struct Totals {
  double sums[kRow] = {};
  Bits<T> max = 0;
};

template <typename T>
double FromBits(Bits<T> bits) {
  T value;
  std::memcpy(&value, &bits, sizeof(value));
  return static_cast<double>(value);
}

#if OPT_SUMS_ARE_PLAIN

template <bool kSquares, bool kClips, typename T>
HWY_NOINLINE void AddRows(const GradEdit& edit, const T* from, size_t rows,
                          Totals<T>* totals) {
  const T scale = static_cast<T>(edit.scale);
  const T high = static_cast<T>(edit.max_value);
  for (size_t r = 0; r < rows; ++r, from += kRow) {
    for (size_t i = 0; kSquares && i < kRow; ++i) {
      T x = from[i];
      if constexpr (kClips) {  // as ScaleAndClip()
        x = scale * x;
        x = high < x ? high : x;
        x = x < -high ? -high : x;
      }
      const double v = x;
      totals->sums[i] = totals->sums[i] + v * v;
    }
    for (size_t i = 0; i < kRow; ++i) {
      Bits<T> bits = 0;
      std::memcpy(&bits, from + i, sizeof(bits));
      bits &= hwy::LimitsMax<Bits<T>>();
      totals->max = HWY_MAX(totals->max, bits);
    }
  }
}

#else

// Adds the squares of a row to the vectors sums[kFrom], sums[kFrom + 1], ...
// The recursion is an unrolled loop, which keeps them in registers.
template <bool kClips, size_t kFrom = 0, class D, typename T, class V>
HWY_INLINE void AddSquares(D d, T scale, T max_value, const T* row, V* sums) {
  constexpr size_t kLanes = hn::MaxLanes(D());
  if constexpr (kFrom < kRow / kLanes) {
    const hn::Rebind<T, D> narrow;
    auto x = LoadU(narrow, row + kFrom * kLanes);
    if constexpr (kClips) x = ScaleAndClip(narrow, scale, max_value, x);
    const V v = ToDouble(d, x);
    sums[kFrom] = Add(sums[kFrom], Mul(v, v));
    AddSquares<kClips, kFrom + 1>(d, scale, max_value, row, sums);
  }
}

template <class D, typename T, class V>
HWY_INLINE V MaxOfRow(D d, const T* row, V max) {
  const hn::RebindToSigned<D> bits;
  for (size_t i = 0; i < kRow; i += hn::MaxLanes(D())) {
    max = hn::Max(max, BitCast(bits, Abs(LoadU(d, row + i))));
  }
  return max;
}

// Adds `rows` rows to the totals.
template <bool kSquares, bool kClips, typename T>
HWY_NOINLINE void AddRows(const GradEdit& edit, const T* from, size_t rows,
                          Totals<T>* totals) {
  const hn::CappedTag<double, kRow> d;
  const hn::CappedTag<T, kRow> dt;
  const hn::RebindToSigned<decltype(dt)> bits;
  constexpr size_t kLanes = hn::MaxLanes(d);
  const T scale = static_cast<T>(edit.scale);
  const T max_value = static_cast<T>(edit.max_value);
  hn::Vec<decltype(d)> sums[kRow / kLanes];
  for (size_t k = 0; k < kRow / kLanes; ++k) {
    sums[k] = LoadU(d, totals->sums + k * kLanes);
  }
  auto max = Set(bits, totals->max);
  for (size_t r = 0; r < rows; ++r, from += kRow) {
    if constexpr (kSquares) {
      AddSquares<kClips>(d, scale, max_value, from, sums);
    }
    max = MaxOfRow(dt, from, max);
  }
  for (size_t k = 0; k < kRow / kLanes; ++k) {
    StoreU(sums[k], d, totals->sums + k * kLanes);
  }
  Bits<T> maxima[kRow];
  StoreU(max, bits, maxima);
  for (size_t i = 0; i < hn::MaxLanes(bits); ++i) {
    totals->max = HWY_MAX(totals->max, maxima[i]);
  }
}

#endif

// Adds elements, in the parameter's type, to the totals. The last row is padded
// with zeros.
template <bool kSquares, bool kClips, typename T>
HWY_INLINE void AddElements(const GradEdit& edit, const T* from, size_t count,
                            Totals<T>* totals) {
  const size_t rows = count / kRow;
  AddRows<kSquares, kClips>(edit, from, rows, totals);
  if (count % kRow == 0) return;
  T last[kRow] = {};
  std::memcpy(last, from + rows * kRow, count % kRow * sizeof(T));
  AddRows<kSquares, kClips>(edit, last, 1, totals);
}

template <bool kSquares, bool kClips, typename T, typename G>
HWY_NOINLINE GradMeasure MeasureAs(const MeasureChunk& chunk) {
  const G* grad = static_cast<const G*>(chunk.grad);
  Totals<T> totals;
  if constexpr (hwy::IsSame<T, G>()) {
    AddElements<kSquares, kClips>(chunk.edit, grad,
                                  static_cast<size_t>(chunk.count), &totals);
  } else {
    T converted[kBlock];
    for (int64_t begin = 0; begin < chunk.count; begin += kBlock) {
      const int64_t count = HWY_MIN(kBlock, chunk.count - begin);
      Convert(grad + begin, count, converted);
      AddElements<kSquares, kClips>(chunk.edit, converted,
                                    static_cast<size_t>(count), &totals);
    }
  }
  return {FoldLanes(totals.sums), FromBits<T>(totals.max)};
}

template <typename T, typename G>
GradMeasure MeasureFrom(const MeasureChunk& chunk) {
  if (!chunk.squares) return MeasureAs<false, false, T, G>(chunk);
  return chunk.edit.max_value > 0 ? MeasureAs<true, true, T, G>(chunk)
                                  : MeasureAs<true, false, T, G>(chunk);
}

GradMeasure MeasureAny(const MeasureChunk& chunk) {
  if (chunk.param_dtype == OPT_F32) {
    return chunk.grad_dtype == OPT_F32 ? MeasureFrom<float, float>(chunk)
                                       : MeasureFrom<float, double>(chunk);
  }
  return chunk.grad_dtype == OPT_F32 ? MeasureFrom<double, float>(chunk)
                                     : MeasureFrom<double, double>(chunk);
}

// Turns a gradient into what the update would see: scaled and clipped if there
// is a clip by value, and multiplied by the factor that remains.
template <typename T>
void EditArray(const EditChunk& chunk) {
  T* grad = static_cast<T*>(chunk.grad);
  if (chunk.edit.max_value > 0) {
    ScaleAndClipArray(chunk.edit, grad, chunk.count, grad);
  }
  const T factor = static_cast<T>(FactorOf(chunk.edit));
  if (factor == 1) return;
  for (int64_t i = 0; i < chunk.count; ++i) grad[i] = factor * grad[i];
}

void EditAny(const EditChunk& chunk) {
  chunk.grad_dtype == OPT_F32 ? EditArray<float>(chunk)
                              : EditArray<double>(chunk);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace libopt
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include "src/kernel/dispatch.h"

namespace libopt {
namespace {

OPT_EXPORT(MeasureAny);
OPT_EXPORT(EditAny);

}  // namespace

GradMeasure Measure(int target, const MeasureChunk& chunk) {
  return OPT_DISPATCH(MeasureAny, target)(chunk);
}

void Edit(int target, const EditChunk& chunk) {
  OPT_DISPATCH(EditAny, target)(chunk);
}

}  // namespace libopt

#endif  // HWY_ONCE
