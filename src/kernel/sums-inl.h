// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Sums over the elements of a block that have the same bits on every SIMD
// target: in double, in a fixed number of lanes, folded in a fixed order.
// Compiled once per SIMD target.

#include <cstring>

#include "hwy/highway.h"
#include "src/kernel/lanes-inl.h"

#if defined(OPT_SRC_KERNEL_SUMS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef OPT_SRC_KERNEL_SUMS_INL_H_
#undef OPT_SRC_KERNEL_SUMS_INL_H_
#else
#define OPT_SRC_KERNEL_SUMS_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace libopt {
namespace HWY_NAMESPACE {

// The number of lanes in which a block is added up: elements i, i + 16, ... go
// into lane i on every target, so that the sum does not depend on the width of
// the target's vectors.
constexpr size_t kRow = 16;

// The sum of the lanes, whose contents are lost.
HWY_INLINE double FoldLanes(double* lanes) {
  for (size_t width = kRow / 2; width > 0; width /= 2) {
    for (size_t i = 0; i < width; ++i) lanes[i] += lanes[i + width];
  }
  return lanes[0];
}

// Converts a vector to doubles.
template <class D>
HWY_INLINE hn::Vec<D> ToDouble(D d, hn::Vec<hn::Rebind<float, D>> v) {
  return PromoteTo(d, v);
}
template <class D>
HWY_INLINE hn::Vec<D> ToDouble(D /*d*/, hn::Vec<D> v) {
  return v;
}

// Where the length of a vector is known only at run time, there are no arrays
// of vectors: plain loops make the same sums in the same order.
#undef OPT_SUMS_ARE_PLAIN
#if HWY_HAVE_SCALABLE || HWY_TARGET == HWY_SVE_256 || HWY_TARGET == HWY_SVE2_128
#define OPT_SUMS_ARE_PLAIN 1
#else
#define OPT_SUMS_ARE_PLAIN 0
#endif

#if OPT_SUMS_ARE_PLAIN

template <typename T>
HWY_NOINLINE void AddSquareRows(const T* x, size_t rows, double* sums) {
  for (size_t i = 0; i < rows * kRow; ++i) {
    const auto v = static_cast<double>(x[i]);
    sums[i % kRow] = sums[i % kRow] + v * v;
  }
}

#else

// Adds the squares of a row to the vectors sums[kFrom], sums[kFrom + 1], ...
// The recursion is an unrolled loop, which keeps them in registers.
template <size_t kFrom = 0, class D, typename T, class V>
HWY_INLINE void AddSquaresOfRow(D d, const T* x, V* sums) {
  constexpr size_t kLanes = hn::MaxLanes(D());
  if constexpr (kFrom < kRow / kLanes) {
    const hn::Rebind<T, D> narrow;
    const V v = ToDouble(d, LoadU(narrow, x + kFrom * kLanes));
    sums[kFrom] = Add(sums[kFrom], Mul(v, v));
    AddSquaresOfRow<kFrom + 1>(d, x, sums);
  }
}

template <typename T>
HWY_NOINLINE void AddSquareRows(const T* x, size_t rows, double* sums) {
  const hn::CappedTag<double, kRow> d;
  constexpr size_t kLanes = hn::MaxLanes(d);
  hn::Vec<decltype(d)> totals[kRow / kLanes];
  for (size_t k = 0; k < kRow / kLanes; ++k) {
    totals[k] = LoadU(d, sums + k * kLanes);
  }
  for (size_t r = 0; r < rows; ++r, x += kRow) AddSquaresOfRow(d, x, totals);
  for (size_t k = 0; k < kRow / kLanes; ++k) {
    StoreU(totals[k], d, sums + k * kLanes);
  }
}

#endif

// Adds the squares of x to the lanes. The last row is padded with zeros; a
// block that does not end with a whole row must be the last of its sum.
template <typename T>
HWY_INLINE void AddSquares(const T* x, size_t count, double* sums) {
  const size_t rows = count / kRow;
  AddSquareRows(x, rows, sums);
  if (count % kRow == 0) return;
  T last[kRow] = {};
  std::memcpy(last, x + rows * kRow, count % kRow * sizeof(T));
  AddSquareRows(last, 1, sums);
}

}  // namespace HWY_NAMESPACE
}  // namespace libopt
HWY_AFTER_NAMESPACE();

#endif  // OPT_SRC_KERNEL_SUMS_INL_H_
