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

// sums[i] = sums[i] + x[i]^2.
template <typename T>
HWY_NOINLINE void AddSquaresTo(const T* x, int64_t count, double* sums) {
  const hn::ScalableTag<double> d;
  const hn::Rebind<T, decltype(d)> narrow;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto v = ToDouble(d, LoadU(narrow, x + i));
    StoreU(Add(LoadU(d, sums + i), Mul(v, v)), d, sums + i);
  }
  for (; i < count; ++i) {
    const auto v = static_cast<double>(x[i]);
    sums[i] = sums[i] + v * v;
  }
}

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
    AddProducts(grad, grad, elements, lanes_);
    if (columns_ != nullptr) AddSquaresTo(grad, count, columns_ + column);
  }

  void EndRow() {
    T* const factor = static_cast<T*>(factoring_.rows) + row_++;
    *factor = NextFactor(
        *factor, FoldLanes(lanes_) / static_cast<double>(factoring_.row_length),
        scalars_);
    std::memset(lanes_, 0, sizeof(lanes_));
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
HWY_NOINLINE void MakeSecondMoment(const Factoring& factoring,
                                   const FactorScalars& scalars, int64_t begin,
                                   int64_t count, T* moment) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const T* const rows = static_cast<const T*>(factoring.rows);
  const T* const columns = static_cast<const T*>(factoring.columns);
  int64_t row = begin / factoring.row_length;
  int64_t column = begin % factoring.row_length;
  int64_t known_slice = -1;
  double mean = 1;
  for (int64_t done = 0; done < count; column = 0, ++row) {
    const int64_t length = HWY_MIN(factoring.row_length - column, count - done);
    T* const to = moment + done;
    done += length;
    if (columns == nullptr) {
      for (int64_t j = 0; j < length; ++j) to[j] = rows[row];
      continue;
    }
    const int64_t slice = row / factoring.row_count;
    if (slice != known_slice) {
      known_slice = slice;
      mean = factoring.means != nullptr
                 ? factoring.means[slice]
                 : MeanOfRows(rows + slice * factoring.row_count,
                              factoring.row_count, scalars);
    }
    const T factor = static_cast<T>(static_cast<double>(rows[row]) / mean);
    const T* const from = columns + slice * factoring.row_length + column;
    int64_t j = 0;
    for (; j + lanes <= length; j += lanes) {
      StoreU(Mul(Set(d, factor), LoadU(d, from + j)), d, to + j);
    }
    for (; j < length; ++j) to[j] = factor * from[j];
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace libopt
HWY_AFTER_NAMESPACE();

#endif  // OPT_SRC_KERNEL_FACTORS_INL_H_
