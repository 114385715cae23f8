// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Second moments that are kept in factors: the sums that the factors are made
// of, and the second moment of a block. Compiled once per SIMD target.

#include <cstdint>
#include <cstring>

#include "hwy/highway.h"
#include "src/kernel/factors.h"
#include "src/kernel/grad_edit-inl.h"
#include "src/kernel/kernels.h"
#include "src/kernel/sums-inl.h"

#if defined(OPT_SRC_KERNEL_FACTORS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef OPT_SRC_KERNEL_FACTORS_INL_H_
#undef OPT_SRC_KERNEL_FACTORS_INL_H_
#else
#define OPT_SRC_KERNEL_FACTORS_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace libopt {
namespace HWY_NAMESPACE {

#if OPT_SUMS_ARE_PLAIN

template <typename T>
HWY_NOINLINE void AddFactors(const T* x, size_t count, double* sums,
                             double* columns) {
  for (size_t i = 0; i < count; ++i) {
    const auto v = static_cast<double>(x[i]);
    const double square = v * v;
    sums[i % kRow] = sums[i % kRow] + square;
    columns[i] = columns[i] + square;
  }
}

#else

// As AddSquaresOfRow(), but each square is also added to its column.
template <size_t kFrom = 0, class D, typename T, class V>
HWY_INLINE void AddFactorRow(D d, const T* x, V* sums, double* columns) {
  constexpr size_t kLanes = hn::MaxLanes(D());
  if constexpr (kFrom < kRow / kLanes) {
    const hn::Rebind<T, D> narrow;
    const V v = ToDouble(d, LoadU(narrow, x + kFrom * kLanes));
    const V square = Mul(v, v);
    double* const column = columns + kFrom * kLanes;
    sums[kFrom] = Add(sums[kFrom], square);
    StoreU(Add(LoadU(d, column), square), d, column);
    AddFactorRow<kFrom + 1>(d, x, sums, columns);
  }
}

// The same of the first elements of a row. Where a masked load touches only its
// own lanes, no copy has to be waited for.
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
template <size_t kFrom = 0, class D, typename T, class V>
HWY_INLINE void AddFactorRest(D d, const T* x, size_t count, V* sums,
                              double* columns) {
  constexpr size_t kLanes = hn::MaxLanes(D());
  if constexpr (kFrom < kRow / kLanes) {
    if (count == 0) return;
    const size_t lanes = HWY_MIN(count, kLanes);
    const hn::Rebind<T, D> narrow;
    const auto few = hn::FirstN(d, lanes);
    const V v = ToDouble(d, hn::MaskedLoad(hn::FirstN(narrow, lanes), narrow,
                                           x + kFrom * kLanes));
    const V square = Mul(v, v);
    double* const column = columns + kFrom * kLanes;
    sums[kFrom] = Add(sums[kFrom], square);
    hn::BlendedStore(Add(hn::MaskedLoad(few, d, column), square), few, d,
                     column);
    AddFactorRest<kFrom + 1>(d, x, count - lanes, sums, columns);
  }
}
#else
template <class D, typename T, class V>
HWY_INLINE void AddFactorRest(D d, const T* x, size_t count, V* sums,
                              double* columns) {
  T row[kRow] = {};
  double squares[kRow] = {};
  std::memcpy(row, x, count * sizeof(T));
  AddFactorRow(d, row, sums, squares);
  for (size_t i = 0; i < count; ++i) columns[i] = columns[i] + squares[i];
}
#endif

// Adds the squares of x to the lanes, as AddSquares() does, and to the columns.
template <typename T>
HWY_NOINLINE void AddFactors(const T* x, size_t count, double* sums,
                             double* columns) {
  const hn::CappedTag<double, kRow> d;
  constexpr size_t kLanes = hn::MaxLanes(d);
  hn::Vec<decltype(d)> totals[kRow / kLanes];
  for (size_t k = 0; k < kRow / kLanes; ++k) {
    totals[k] = LoadU(d, sums + k * kLanes);
  }
  for (; count >= kRow; count -= kRow, x += kRow, columns += kRow) {
    AddFactorRow(d, x, totals, columns);
  }
  if (count > 0) AddFactorRest(d, x, count, totals, columns);
  for (size_t k = 0; k < kRow / kLanes; ++k) {
    StoreU(totals[k], d, sums + k * kLanes);
  }
}

#endif

// Adds up whole rows that belong to one panel.
template <typename T>
class PanelSums {
 public:
  explicit PanelSums(const Chunk& chunk)
      : factoring_(*chunk.factoring),
        scalars_(chunk.scalars->factors),
        scale_(
            static_cast<T>(chunk.scalars->grad_scale * FactorOf(chunk.edit))),
        decay_(static_cast<T>(chunk.scalars->coupled_decay)) {}

  // Begins with the columns at zero. Without column factors it does nothing.
  void Begin(int64_t row) {
    row_ = row;
    if (factoring_.columns == nullptr) return;
    columns_ = few_;
    if (factoring_.partial_columns != nullptr) {
      const int64_t in_slice =
          (factoring_.row_count + kPanelRows - 1) / kPanelRows;
      const int64_t panel = row / factoring_.row_count * in_slice +
                            row % factoring_.row_count / kPanelRows;
      columns_ = factoring_.partial_columns + panel * factoring_.row_length;
    }
    std::memset(columns_, 0,
                static_cast<size_t>(factoring_.row_length) * sizeof(double));
  }

  // Adds a piece of a row that begins at a column. All pieces but the last of a
  // row have whole rows of lanes.
  void Add(const T* grad, const T* param, int64_t column, int64_t count) {
    const auto elements = static_cast<size_t>(count);
    if (scale_ != 1 || decay_ != 0) {
      for (size_t i = 0; i < elements; ++i) room_[i] = scale_ * grad[i];
      for (size_t i = 0; decay_ != 0 && i < elements; ++i) {
        room_[i] = room_[i] + decay_ * param[i];
      }
      grad = room_;
    }
    if (columns_ == nullptr) {
      AddSquares(grad, elements, lanes_);
    } else {
      AddFactors(grad, elements, lanes_, columns_ + column);
    }
  }

  void EndRow() {
    T* const factor = static_cast<T*>(factoring_.rows) + row_++;
    *factor = NextFactor(
        *factor, FoldLanes(lanes_) / static_cast<double>(factoring_.row_length),
        scalars_);
    ZeroLanes(lanes_);
  }

  // The columns of a slice that is one panel are complete.
  void End() {
    if (factoring_.columns == nullptr ||
        factoring_.partial_columns != nullptr) {
      return;
    }
    const int64_t slice = (row_ - 1) / factoring_.row_count;
    T* const factors =
        static_cast<T*>(factoring_.columns) + slice * factoring_.row_length;
    for (int64_t j = 0; j < factoring_.row_length; ++j) {
      factors[j] = NextFactor(
          factors[j], few_[j] / static_cast<double>(factoring_.row_count),
          scalars_);
    }
  }

 private:
  const Factoring& factoring_;
  const FactorScalars& scalars_;
  const T scale_;
  const T decay_;
  int64_t row_ = 0;
  double* columns_ = nullptr;
  double lanes_[kRow] = {};
  T room_[kBlock];
  double few_[kFewColumns];
};

// Makes the second moment of a block that begins at an element of the tensor.
template <typename T>
HWY_NOINLINE void MakeSecondMoment(const Factoring& factoring, int64_t begin,
                                   int64_t count, T* moment) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const T* const rows = static_cast<const T*>(factoring.rows);
  const T* const columns = static_cast<const T*>(factoring.columns);
  int64_t row = begin / factoring.row_length;
  int64_t column = begin % factoring.row_length;
  for (int64_t done = 0; done < count; column = 0, ++row) {
    const int64_t length = HWY_MIN(factoring.row_length - column, count - done);
    T* const to = moment + done;
    done += length;
    if (columns == nullptr) {
      for (int64_t j = 0; j < length; ++j) to[j] = rows[row];
      continue;
    }
    const int64_t slice = row / factoring.row_count;
    const T factor =
        static_cast<T>(static_cast<double>(rows[row]) / factoring.means[slice]);
    const T* const from = columns + slice * factoring.row_length + column;
    const auto make = [=](int64_t j) HWY_ATTR {
      StoreU(Mul(Set(d, factor), LoadU(d, from + j)), d, to + j);
    };
    for (int64_t j = 0; j + lanes <= length; j += lanes) make(j);
    if (length % lanes == 0) continue;
    if (length > lanes) {
      make(length - lanes);
    } else {
      for (int64_t j = 0; j < length; ++j) to[j] = factor * from[j];
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace libopt
HWY_AFTER_NAMESPACE();

#endif  // OPT_SRC_KERNEL_FACTORS_INL_H_
