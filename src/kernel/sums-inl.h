// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Sums over the elements of a block that have the same bits on every SIMD
// target: in double, in a fixed number of lanes, folded in a fixed order.
// Compiled once per SIMD target.

#include <cstdint>
#include <cstring>

#include "hwy/cache_control.h"
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

// How many bytes ahead a loop over one or two arrays asks for memory, and one
// over more arrays.
constexpr size_t kFar = 4096;
constexpr size_t kNear = 2048;

// Asks for the line of memory so many bytes ahead; beyond the end of an array
// that does no harm. A loop should ask for one line of each of its arrays at a
// time: the CPU can wait for only a few at once, and many together would keep
// the loop from what it needs now.
template <size_t kBytes>
HWY_INLINE void FetchAhead(const void* from) {
  const auto line = reinterpret_cast<uintptr_t>(from) + kBytes;
  hwy::Prefetch(reinterpret_cast<const char*>(line));
}

// Makes the lanes zero, in stores as wide as the loads that follow: narrower
// ones would be waited for.
HWY_INLINE void ZeroLanes(double* lanes) {
  const hn::CappedTag<double, kRow> d;
  for (size_t i = 0; i < kRow; i += hn::Lanes(d)) {
    StoreU(Zero(d), d, lanes + i);
  }
}

// The sum of the lanes, whose contents are lost: the second half is added to
// the first, and so on. The last eight are added one by one, so that only one
// store has to be waited for.
HWY_INLINE double FoldLanes(double* lanes) {
  constexpr size_t kHalf = kRow / 2;
  const hn::CappedTag<double, kHalf> d;
  for (size_t i = 0; i < kHalf; i += hn::Lanes(d)) {
    StoreU(Add(LoadU(d, lanes + i), LoadU(d, lanes + i + kHalf)), d, lanes + i);
  }
  static_assert(kHalf == 8);
  const double even = (lanes[0] + lanes[4]) + (lanes[2] + lanes[6]);
  const double odd = (lanes[1] + lanes[5]) + (lanes[3] + lanes[7]);
  return even + odd;
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

// Adds the squares of a vector to as many lanes.
template <class D, class DD, class V = hn::Vec<DD>>
HWY_INLINE void AddSquaresOfVector(D /*d*/, DD dd, hn::Vec<D> v, V* sums) {
  if constexpr (hn::MaxLanes(D()) == hn::MaxLanes(DD())) {
    const V wide = ToDouble(dd, v);
    sums[0] = Add(sums[0], Mul(wide, wide));
  } else {
    const hn::Half<D> half;
    const V low = ToDouble(dd, LowerHalf(half, v));
    const V high = ToDouble(dd, UpperHalf(half, v));
    sums[0] = Add(sums[0], Mul(low, low));
    sums[1] = Add(sums[1], Mul(high, high));
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
  for (size_t r = 0; r < rows; ++r, x += kRow) {
    AddSquaresOfRow(d, x, totals);
  }
  for (size_t k = 0; k < kRow / kLanes; ++k) {
    StoreU(totals[k], d, sums + k * kLanes);
  }
}

#endif

// Adds the squares of two arrays to lanes of their own, faster than one after
// the other: sums of one array wait for each other.
#if OPT_SUMS_ARE_PLAIN
template <typename T>
HWY_INLINE void AddSquareRowsOfTwo(const T* x, const T* y, size_t rows,
                                   double* x_sums, double* y_sums) {
  AddSquareRows(x, rows, x_sums);
  AddSquareRows(y, rows, y_sums);
}
#else
template <typename T>
HWY_NOINLINE void AddSquareRowsOfTwo(const T* x, const T* y, size_t rows,
                                     double* x_sums, double* y_sums) {
  const hn::CappedTag<double, kRow> d;
  constexpr size_t kLanes = hn::MaxLanes(d);
  hn::Vec<decltype(d)> x_totals[kRow / kLanes];
  hn::Vec<decltype(d)> y_totals[kRow / kLanes];
  for (size_t k = 0; k < kRow / kLanes; ++k) {
    x_totals[k] = LoadU(d, x_sums + k * kLanes);
    y_totals[k] = LoadU(d, y_sums + k * kLanes);
  }
  for (size_t r = 0; r < rows; ++r, x += kRow, y += kRow) {
    FetchAhead<kFar>(x);
    FetchAhead<kFar>(y);
    AddSquaresOfRow(d, x, x_totals);
    AddSquaresOfRow(d, y, y_totals);
  }
  for (size_t k = 0; k < kRow / kLanes; ++k) {
    StoreU(x_totals[k], d, x_sums + k * kLanes);
    StoreU(y_totals[k], d, y_sums + k * kLanes);
  }
}
#endif

// Adds the squares of the first elements of a row to the lanes. Where a masked
// load touches only its own lanes, no copy has to be waited for.
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
template <typename T>
HWY_INLINE void AddSquaresOfRest(const T* x, size_t count, double* sums) {
  const hn::CappedTag<double, kRow> d;
  const hn::Rebind<T, decltype(d)> narrow;
  const size_t lanes = hn::Lanes(d);
  for (size_t i = 0; i < count; i += lanes) {
    const auto few = hn::FirstN(narrow, HWY_MIN(lanes, count - i));
    const auto v = ToDouble(d, hn::MaskedLoad(few, narrow, x + i));
    StoreU(Add(LoadU(d, sums + i), Mul(v, v)), d, sums + i);
  }
}
#else
template <typename T>
HWY_INLINE void AddSquaresOfRest(const T* x, size_t count, double* sums) {
  T last[kRow] = {};
  std::memcpy(last, x, count * sizeof(T));
  AddSquareRows(last, 1, sums);
}
#endif

// Adds the squares of x to the lanes. The last row is padded with zeros; a
// block that does not end with a whole row must be the last of its sum.
template <typename T>
HWY_INLINE void AddSquares(const T* x, size_t count, double* sums) {
  const size_t whole = count / kRow * kRow;
  AddSquareRows(x, whole / kRow, sums);
  if (whole != count) AddSquaresOfRest(x + whole, count - whole, sums);
}

// The same for two arrays.
template <typename T>
HWY_INLINE void AddSquaresOfTwo(const T* x, const T* y, size_t count,
                                double* x_sums, double* y_sums) {
  const size_t whole = count / kRow * kRow;
  AddSquareRowsOfTwo(x, y, whole / kRow, x_sums, y_sums);
  if (whole == count) return;
  AddSquares(x + whole, count - whole, x_sums);
  AddSquares(y + whole, count - whole, y_sums);
}

}  // namespace HWY_NAMESPACE
}  // namespace libopt
HWY_AFTER_NAMESPACE();

#endif  // OPT_SRC_KERNEL_SUMS_INL_H_
