// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Second moments that are kept in factors: the sums that the factors are made
// of, and the division of a block of the gradient by the root of its second
// moment. Compiled once per SIMD target.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "hwy/highway.h"
#include "src/kernel/block-inl.h"
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

// Rows of a matrix that are added up at once: the sum of a column is then
// loaded and stored once for all of them, and the sums of a row need not wait
// for each other. Targets with fewer registers take fewer rows.
#if OPT_SUMS_ARE_PLAIN
constexpr size_t kRowsAtOnce = 1;
#else
constexpr size_t kRowsAtOnce =
    hn::MaxLanes(hn::CappedTag<double, kRow>()) >= 8   ? 4
    : hn::MaxLanes(hn::CappedTag<double, kRow>()) >= 4 ? 2
                                                       : 1;
#endif

// Only rows of at least this many elements are added up several at a time: much
// of a shorter one may be left over behind its whole rows of lanes.
constexpr int64_t kManyColumns = 64;

#if OPT_SUMS_ARE_PLAIN

template <size_t kRows, typename T>
HWY_NOINLINE void AddFactors(const T* x, size_t /*stride*/, size_t count,
                             double* sums, double* columns) {
  static_assert(kRows == 1);
  for (size_t i = 0; i < count; ++i) {
    const auto v = static_cast<double>(x[i]);
    const double square = v * v;
    sums[i % kRow] = sums[i % kRow] + square;
    columns[i] = columns[i] + square;
  }
}

#else

// Adds the squares of a vector of each row, which load(x) gives, to the sums of
// that row and, one row after another, to the columns. The recursions are
// unrolled loops, which keep all of them in registers.
template <size_t kRows, typename T, class V, class Load>
HWY_INLINE V AddVectors(const T* x, size_t stride, V columns, V* sums,
                        const Load& load) {
  if constexpr (kRows == 0) {
    return columns;
  } else {
    const V v = load(x);
    const V square = Mul(v, v);
    sums[0] = Add(sums[0], square);
    return AddVectors<kRows - 1>(x + stride, stride, Add(columns, square),
                                 sums + kRow / hn::MaxLanes(hn::DFromV<V>()),
                                 load);
  }
}

// The same for as many elements of each row as a sum has lanes.
template <size_t kRows, size_t kFrom = 0, class D, typename T, class V>
HWY_INLINE void AddFactorRow(D d, const T* x, size_t stride, V* sums,
                             double* columns) {
  constexpr size_t kLanes = hn::MaxLanes(D());
  if constexpr (kFrom < kRow / kLanes) {
    double* const column = columns + kFrom * kLanes;
    const V total =
        AddVectors<kRows>(x + kFrom * kLanes, stride, LoadU(d, column),
                          sums + kFrom, [](const T* from) HWY_ATTR {
                            const D wide;
                            const hn::Rebind<T, D> narrow;
                            return ToDouble(wide, LoadU(narrow, from));
                          });
    StoreU(total, d, column);
    AddFactorRow<kRows, kFrom + 1>(d, x, stride, sums, columns);
  }
}

// The same for fewer elements. Where a masked load touches only its own lanes,
// no copy has to be waited for.
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
template <size_t kRows, size_t kFrom = 0, class D, typename T, class V>
HWY_INLINE void AddFactorRest(D d, const T* x, size_t stride, size_t count,
                              V* sums, double* columns) {
  constexpr size_t kLanes = hn::MaxLanes(D());
  if constexpr (kFrom < kRow / kLanes) {
    if (count == 0) return;
    const size_t lanes = HWY_MIN(count, kLanes);
    const auto few = hn::FirstN(d, lanes);
    double* const column = columns + kFrom * kLanes;
    const V total = AddVectors<kRows>(
        x + kFrom * kLanes, stride, hn::MaskedLoad(few, d, column),
        sums + kFrom, [lanes](const T* from) HWY_ATTR {
          const D wide;
          const hn::Rebind<T, D> narrow;
          return ToDouble(
              wide, hn::MaskedLoad(hn::FirstN(narrow, lanes), narrow, from));
        });
    hn::BlendedStore(total, few, d, column);
    AddFactorRest<kRows, kFrom + 1>(d, x, stride, count - lanes, sums, columns);
  }
}
#else
template <size_t kRows, class D, typename T, class V>
HWY_INLINE void AddFactorRest(D d, const T* x, size_t stride, size_t count,
                              V* sums, double* columns) {
  for (size_t r = 0; r < kRows; ++r) {
    T row[kRow] = {};
    double squares[kRow] = {};
    std::memcpy(row, x + r * stride, count * sizeof(T));
    AddFactorRow<1>(d, row, 0, sums + r * (kRow / hn::MaxLanes(D())), squares);
    for (size_t i = 0; i < count; ++i) columns[i] = columns[i] + squares[i];
  }
}
#endif

// Adds the squares of rows that lie `stride` elements apart to the lanes of
// each, as AddSquares() does, and to their columns.
template <size_t kRows, typename T>
HWY_NOINLINE void AddFactors(const T* x, size_t stride, size_t count,
                             double* sums, double* columns) {
  const hn::CappedTag<double, kRow> d;
  constexpr size_t kLanes = hn::MaxLanes(d);
  constexpr size_t kVectors = kRow / kLanes;
  hn::Vec<decltype(d)> totals[kRows * kVectors];
  for (size_t k = 0; k < kRows * kVectors; ++k) {
    totals[k] = LoadU(d, sums + k * kLanes);
  }
  for (; count >= kRow; count -= kRow, x += kRow, columns += kRow) {
    // After a row comes the next one, which is among these.
    const T* const ahead =
        count * sizeof(T) > kFar ? x : x + (kRows - 1) * stride;
    for (size_t r = 0; r < kRows; ++r) FetchAhead<kFar>(ahead + r * stride);
    AddFactorRow<kRows>(d, x, stride, totals, columns);
  }
  if (count > 0) AddFactorRest<kRows>(d, x, stride, count, totals, columns);
  for (size_t k = 0; k < kRows * kVectors; ++k) {
    StoreU(totals[k], d, sums + k * kLanes);
  }
}

#endif

// Steps factors whose squares have these sums over `length` elements each, and
// stores them as all state is stored. A plain loop, which the compiler makes
// vectors of: Highway's conversion to float is not IEEE-754's on every target.
template <typename T>
HWY_NOINLINE void StepFactors(const FactorScalars& scalars, const double* sums,
                              int64_t length, size_t count, T* factors) {
  const double keep = scalars.keep;
  const double fresh = scalars.fresh;
  const double eps = scalars.eps;
  const auto divisor = static_cast<double>(length);
  for (size_t i = 0; i < count; ++i) {
    const auto old = static_cast<double>(factors[i]);
    const auto next =
        static_cast<T>(keep * old + fresh * (sums[i] / divisor + eps));
    factors[i] = next < std::numeric_limits<T>::min() ? T{0} : next;
  }
}

// The mean of a slice's row factors, the divisor of each.
template <typename T>
double MeanOfRows(const T* rows, int64_t count, const FactorScalars& scalars) {
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += static_cast<double>(rows[i]);
  return std::max(sum / static_cast<double>(count), scalars.smallest_mean);
}

// The least of a slice's column factors. NaN does not count.
template <typename T>
double LeastColumn(const T* columns, int64_t count) {
  T least = std::numeric_limits<T>::infinity();
  for (int64_t i = 0; i < count; ++i) {
    if (columns[i] < least) least = columns[i];
  }
  return static_cast<double>(least);
}

// Adds up whole rows that belong to one panel. T is the parameter's type, G the
// gradient's.
template <typename T, typename G>
class PanelSums {
 public:
  explicit PanelSums(const Chunk& chunk)
      : factoring_(*chunk.factoring),
        scalars_(chunk.scalars->factors),
        edit_(chunk.edit),
        scale_(
            static_cast<T>(chunk.scalars->grad_scale * FactorOf(chunk.edit))),
        decay_(static_cast<T>(chunk.scalars->coupled_decay)) {}

  // Begins with the columns at zero.
  void Begin(int64_t row) {
    first_row_ = row;
    rows_ = 0;
    if (factoring_.columns == nullptr) return;
    columns_ = few_;
    if (factoring_.partial_columns != nullptr) {
      const int64_t in_slice = PanelsOf(factoring_.row_count);
      const int64_t panel = row / factoring_.row_count * in_slice +
                            row % factoring_.row_count / kPanelRows;
      columns_ = factoring_.partial_columns + panel * factoring_.row_length;
    }
    std::memset(columns_, 0,
                static_cast<size_t>(factoring_.row_length) * sizeof(double));
  }

  // Adds the next rows.
  void AddRows(const G* grad, const T* param, int64_t count) {
    const int64_t length = factoring_.row_length;
    if (length == 1 && columns_ == nullptr) {
      AddSingleRows(grad, param, count);
      return;
    }
    while (count > 0) {
      const int64_t rows = AddRowsAtOnce(grad, param, count);
      grad += rows * length;
      param += rows * length;
      count -= rows;
    }
  }

  // Adds the next row by add(lanes).
  template <class Add>
  void AddRowBy(const Add& add) {
    add(lanes_);
    EndRows(1);
  }

  // The rows are complete, and so are the columns of a slice that is one panel.
  void End() {
    StepFactors(scalars_, row_sums_, factoring_.row_length,
                static_cast<size_t>(rows_),
                static_cast<T*>(factoring_.rows) + first_row_);
    if (factoring_.columns == nullptr ||
        factoring_.partial_columns != nullptr) {
      return;
    }
    const int64_t slice = first_row_ / factoring_.row_count;
    StepFactors(
        scalars_, few_, factoring_.row_count,
        static_cast<size_t>(factoring_.row_length),
        static_cast<T*>(factoring_.columns) + slice * factoring_.row_length);
  }

 private:
  // Whether the rows are added up where they are.
  bool InPlace() const {
    return !NeedsEdit<T, G>(edit_) && scale_ == 1 && decay_ == 0;
  }

  // Adds some of the next `count` rows, and returns how many.
  int64_t AddRowsAtOnce(const G* grad, const T* param, int64_t count) {
    constexpr int64_t kRows = kRowsAtOnce;
    const int64_t length = factoring_.row_length;
    if constexpr (kRowsAtOnce > 1 && hwy::IsSame<T, G>()) {
      if (columns_ != nullptr && length >= kManyColumns && count >= kRows &&
          InPlace()) {
        const auto elements = static_cast<size_t>(length);
        AddFactors<kRowsAtOnce>(grad, elements, elements, lanes_, columns_);
        EndRows(kRows);
        return kRows;
      }
    }
    if constexpr (hwy::IsSame<T, G>()) {
      // The sums of one row would wait for each other.
      if (columns_ == nullptr && count >= 2 && InPlace()) {
        AddSquaresOfTwo(grad, grad + length, static_cast<size_t>(length),
                        lanes_, lanes_ + kRow);
        EndRows(2);
        return 2;
      }
    }
    const int64_t piece = InPlace() ? length : kBlock;
    for (int64_t column = 0; column < length; column += piece) {
      AddPiece(grad + column, param + column, column,
               HWY_MIN(piece, length - column));
    }
    EndRows(1);
    return 1;
  }

  // Adds a piece of a row that begins at a column. All pieces but the last of a
  // row have whole rows of lanes.
  void AddPiece(const G* grad, const T* param, int64_t column, int64_t count) {
    const auto elements = static_cast<size_t>(count);
    const T* const seen = AsRuleSees(grad, param, count);
    if (columns_ == nullptr) {
      AddSquares(seen, elements, lanes_);
    } else {
      AddFactors<1>(seen, 0, elements, lanes_, columns_ + column);
    }
  }

  // Adds rows of one element.
  void AddSingleRows(const G* grad, const T* param, int64_t count) {
    const T* const seen = AsRuleSees(grad, param, count);
    double* const sums = row_sums_ + rows_;
    ForEachVector<double>(static_cast<size_t>(count),
                          [=](auto d, size_t i) HWY_ATTR {
                            const hn::Rebind<T, decltype(d)> narrow;
                            const auto g = ToDouble(d, LoadU(narrow, seen + i));
                            StoreU(Mul(g, g), d, sums + i);
                          });
    rows_ += count;
  }

  void EndRows(int64_t count) {
    for (int64_t r = 0; r < count; ++r) {
      double* const lanes = lanes_ + r * kRow;
      row_sums_[rows_++] = FoldLanes(lanes);
      ZeroLanes(lanes);
    }
  }

  // The gradient, edited, with its sign and coupled decay: itself or, of at
  // most a block, room_.
  const T* AsRuleSees(const G* grad, const T* param, int64_t count) {
    const T* const edited = EditedGrad(edit_, grad, count, room_);
    if (scale_ == 1 && decay_ == 0) return edited;
    const auto elements = static_cast<size_t>(count);
    ScaleArray(scale_, edited, elements, room_);
    if (decay_ != 0) AddScaled(room_, decay_, param, elements, room_);
    return room_;
  }

  const Factoring& factoring_;
  const FactorScalars& scalars_;
  const GradEdit& edit_;
  const T scale_;
  const T decay_;
  int64_t first_row_ = 0;
  int64_t rows_ = 0;
  double row_sums_[kPanelRows];
  double* columns_ = nullptr;
  // One row after another.
  alignas(64) double lanes_[HWY_MAX(kRowsAtOnce, size_t{2}) * kRow] = {};
  T room_[kBlock];
  double few_[kFewColumns];
};

// to = 1 / sqrt(from).
template <typename T>
HWY_NOINLINE void InvertRoots(const T* from, size_t count, T* to) {
  ForEachVector<T>(count, [=](auto d, size_t i) HWY_ATTR {
    StoreU(Div(Set(d, T{1}), Root(LoadU(d, from + i))), d, to + i);
  });
}

// How the elements of a row are divided: by the root of the row's factor, by it
// and those of the columns, or by that of the smallest second moment where the
// product of the factors is less.
enum Divisor { kRowRoot, kRootProduct, kCheckedProduct };

template <Divisor kDivisor>
struct DivisorOf {
  static constexpr Divisor kValue = kDivisor;
};

// Calls body(DivisorOf<divisor>()).
template <class Body>
HWY_INLINE void WithDivisor(Divisor divisor, const Body& body) {
  if (divisor == kRowRoot) {
    body(DivisorOf<kRowRoot>());
  } else if (divisor == kRootProduct) {
    body(DivisorOf<kRootProduct>());
  } else {
    body(DivisorOf<kCheckedProduct>());
  }
}

// A piece of a row whose gradient is divided by the roots of its second
// moments.
template <typename T>
struct RowPiece {
  Divisor divisor;
  T root;            // 1 / root of the row's part
  const T* roots;    // those of the columns
  T scale;           // the row's factor by the mean of all rows
  const T* factors;  // those of the columns
  T smallest;        // the least second moment, and 1 / its root
  T largest;
};

// The quotients of the gradients at element i of a piece.
template <Divisor kDivisor, class D, typename T>
HWY_INLINE hn::Vec<D> Quotients(D d, const RowPiece<T>& piece, hn::Vec<D> grad,
                                size_t i) {
  auto by = Set(d, piece.root);
  if constexpr (kDivisor != kRowRoot) {
    by = Mul(by, LoadU(d, piece.roots + i));
  }
  if constexpr (kDivisor == kCheckedProduct) {
    const auto moment = Mul(Set(d, piece.scale), LoadU(d, piece.factors + i));
    by = IfThenElse(Lt(moment, Set(d, piece.smallest)), Set(d, piece.largest),
                    by);
  }
  return Mul(by, grad);
}

// Calls body(d, i, in) for the vectors in[i], in[i + 1], ... of an array, whose
// results it writes to the same place of that array or of another one. If the
// last vector overlaps the one before it, it is read first.
template <typename T, class Body>
HWY_INLINE void ForAllVectors(const T* in, size_t count, const Body& body) {
  const hn::ScalableTag<T> d;
  const size_t lanes = hn::Lanes(d);
  if (count < lanes) {
    const hn::CappedTag<T, 1> one;
    for (size_t i = 0; i < count; ++i) body(one, i, LoadU(one, in + i));
    return;
  }
  const bool overlaps = count % lanes != 0;
  const size_t last = overlaps ? count - lanes : 0;
  const auto last_in = LoadU(d, in + last);
  for (size_t i = 0; i + lanes <= count; i += lanes) {
    body(d, i, LoadU(d, in + i));
  }
  if (overlaps) body(d, last, last_in);
}

// to = the quotients.
template <Divisor kDivisor, typename T>
HWY_INLINE void DividePiece(const RowPiece<T>& from, const T* grad,
                            size_t count, T* to) {
  const RowPiece<T> piece = from;
  ForAllVectors(grad, count, [=](auto d, size_t i, auto g) HWY_ATTR {
    StoreU(Quotients<kDivisor>(d, piece, g, i), d, to + i);
  });
}

// old - (scale * (rate * quotient) + decay * old).
template <Divisor kDivisor, class D, typename T, class V = hn::Vec<D>>
HWY_INLINE V WithoutQuotients(D d, const RowPiece<T>& piece, V old, V grad,
                              T rate, T scale, T decay, size_t i) {
  const V quotients = Quotients<kDivisor>(d, piece, grad, i);
  V change = Mul(Set(d, scale), Mul(Set(d, rate), quotients));
  if (decay != 0) change = Add(change, Mul(Set(d, decay), old));
  return Sub(old, change);
}

// Subtracts the quotients from the parameters.
template <Divisor kDivisor, typename T>
HWY_NOINLINE void SubtractPiece(const RowPiece<T>& from, const T* grad, T rate,
                                T scale, T decay, size_t count, T* param) {
  const RowPiece<T> piece = from;
  ForAllVectors(param, count, [=](auto d, size_t i, auto old) HWY_ATTR {
    FetchAhead<kFar>(grad + i);
    FetchAhead<kFar>(param + i);
    StoreU(WithoutQuotients<kDivisor>(d, piece, old, LoadU(d, grad + i), rate,
                                      scale, decay, i),
           d, param + i);
  });
}

#if !OPT_SUMS_ARE_PLAIN

// The same for a row that has no columns, and adds the squares of the next row
// to lanes.
template <typename T>
HWY_NOINLINE void SubtractAndAddSquares(T root, const T* grad, T rate, T scale,
                                        T decay, size_t count, T* param,
                                        const T* next, double* sums) {
  const hn::CappedTag<T, kRow> d;
  const hn::CappedTag<double, kRow> dd;
  constexpr size_t kLanes = hn::MaxLanes(d);
  constexpr size_t kWide = hn::MaxLanes(dd);
  RowPiece<T> piece = {};
  piece.root = root;
  hn::Vec<decltype(dd)> totals[kRow / kWide];
  for (size_t k = 0; k < kRow / kWide; ++k) {
    totals[k] = LoadU(dd, sums + k * kWide);
  }
  const size_t whole = count / kRow * kRow;
  for (size_t i = 0; i < whole; i += kRow) {
    FetchAhead<kFar>(next + i);
    FetchAhead<kFar>(param + i);
    for (size_t k = i; k < i + kRow; k += kLanes) {
      StoreU(
          WithoutQuotients<kRowRoot>(d, piece, LoadU(d, param + k),
                                     LoadU(d, grad + k), rate, scale, decay, k),
          d, param + k);
    }
    AddSquaresOfRow(dd, next + i, totals);
  }
  for (size_t k = 0; k < kRow / kWide; ++k) {
    StoreU(totals[k], dd, sums + k * kWide);
  }
  if (whole == count) return;
  SubtractPiece<kRowRoot>(piece, grad + whole, rate, scale, decay,
                          count - whole, param + whole);
  AddSquares(next + whole, count - whole, sums);
}

// Adds the squares of the quotients and of the parameters to lanes, and writes
// the quotients to `to`, if there is one. The piece has whole rows of lanes.
template <Divisor kDivisor, typename T>
HWY_NOINLINE void AddSquaresOfPiece(const RowPiece<T>& from, const T* grad,
                                    const T* param, size_t count,
                                    double* update_sums, double* param_sums,
                                    T* to) {
  const RowPiece<T> piece = from;
  const hn::CappedTag<T, kRow> d;
  const hn::CappedTag<double, kRow> dd;
  constexpr size_t kLanes = hn::MaxLanes(d);
  constexpr size_t kWide = hn::MaxLanes(dd);
  hn::Vec<decltype(dd)> u[kRow / kWide];
  hn::Vec<decltype(dd)> p[kRow / kWide];
  for (size_t k = 0; k < kRow / kWide; ++k) {
    u[k] = LoadU(dd, update_sums + k * kWide);
    p[k] = LoadU(dd, param_sums + k * kWide);
  }
  for (size_t i = 0; i < count; i += kRow) {
    FetchAhead<kFar>(grad + i);
    FetchAhead<kFar>(param + i);
    for (size_t k = 0; k < kRow; k += kLanes) {
      const auto quotients =
          Quotients<kDivisor>(d, piece, LoadU(d, grad + i + k), i + k);
      if (to != nullptr) StoreU(quotients, d, to + i + k);
      AddSquaresOfVector(d, dd, quotients, u + k / kWide);
    }
    AddSquaresOfRow(dd, param + i, p);
  }
  for (size_t k = 0; k < kRow / kWide; ++k) {
    StoreU(u[k], dd, update_sums + k * kWide);
    StoreU(p[k], dd, param_sums + k * kWide);
  }
}

#endif

// Divides blocks of a gradient by the roots of their second moments. That takes
// a root and a division for each row and for each column, not for each element:
// 1 / sqrt(R / mean * C) is 1 / sqrt(R / mean) times 1 / sqrt(C).
template <typename T>
class FactoredRoots {
 public:
  explicit FactoredRoots(const Chunk& chunk)
      : FactoredRoots(chunk.factoring, chunk.begin, chunk.scalars->factors) {}

  // Returns the block of the chunk that begins there, divided by the roots and
  // written to another array, `to`; or `grad` itself where there are no
  // factors.
  const T* Divide(int64_t begin, size_t count, const T* grad, T* to) {
    if (factoring_ == nullptr) return grad;
    DivideBlock(begin_ + begin, static_cast<int64_t>(count), grad, to);
    return to;
  }

  // Divides a block and subtracts the quotients from the parameters, as
  // SubtractPiece() does.
  void Subtract(int64_t begin, size_t count, const T* grad, T rate, T scale,
                T decay, T* param) {
    ForEachPiece(begin_ + begin, static_cast<int64_t>(count),
                 [=](const RowPiece<T>& piece, int64_t i, size_t n) {
                   WithDivisor(piece.divisor, [&](auto by) {
                     SubtractPiece<decltype(by)::kValue>(
                         piece, grad + i, rate, scale, decay, n, param + i);
                   });
                 });
  }

  // The same for a whole row, and adds the squares of the next row to lanes.
  void SubtractAndAddNext(int64_t begin, const T* grad, T rate, T scale,
                          T decay, T* param, double* sums) {
#if !OPT_SUMS_ARE_PLAIN
    const int64_t length = factoring_->row_length;
    MakeRowRoots((begin_ + begin) / length, 1);
    SubtractAndAddSquares(roots_[0], grad, rate, scale, decay,
                          static_cast<size_t>(length), param, grad + length,
                          sums);
#endif
  }

  // Whether AddSquares() can do a block that begins there.
  bool HasWholeRows(int64_t begin, size_t count) const {
    constexpr int64_t kLanes = kRow;
    return !OPT_SUMS_ARE_PLAIN && factoring_->columns != nullptr &&
           factoring_->row_length % kLanes == 0 &&
           (begin_ + begin) % kLanes == 0 && count % kRow == 0;
  }
  // Adds the squares of a block's quotients and parameters to lanes, and writes
  // the quotients to `to`, if there is one.
  void AddSquares(int64_t begin, size_t count, const T* grad, const T* param,
                  double* update_sums, double* param_sums, T* to) {
#if !OPT_SUMS_ARE_PLAIN
    ForEachPiece(begin_ + begin, static_cast<int64_t>(count),
                 [=](const RowPiece<T>& piece, int64_t i, size_t n) {
                   WithDivisor(piece.divisor, [&](auto by) {
                     AddSquaresOfPiece<decltype(by)::kValue>(
                         piece, grad + i, param + i, n, update_sums, param_sums,
                         to == nullptr ? to : to + i);
                   });
                 });
#endif
  }

 private:
  FactoredRoots(const Factoring* factoring, int64_t begin,
                const FactorScalars& scalars)
      : factoring_(factoring),
        begin_(begin),
        // Where the smallest second moment is too small for the type, it is the
        // smallest normal number, so that no zero is divided by zero.
        smallest_(HWY_MAX(static_cast<T>(scalars.smallest),
                          std::numeric_limits<T>::min())),
        eps_inside_(static_cast<T>(scalars.eps_inside)),
        eps_outside_(static_cast<T>(scalars.eps_outside)) {}

  HWY_NOINLINE void DivideBlock(int64_t begin, int64_t count, const T* grad,
                                T* to) {
    if (factoring_->row_length == 1 && factoring_->columns == nullptr) {
      MakeRowRoots(begin, count);
      ForEachVector<T>(
          static_cast<size_t>(count), [=](auto d, size_t i) HWY_ATTR {
            StoreU(Mul(LoadU(d, roots_ + i), LoadU(d, grad + i)), d, to + i);
          });
      return;
    }
    ForEachPiece(
        begin, count, [=](const RowPiece<T>& piece, int64_t i, size_t n) {
          WithDivisor(piece.divisor, [&](auto by) {
            DividePiece<decltype(by)::kValue>(piece, grad + i, n, to + i);
          });
        });
  }

  // Calls body(piece, i, n) for each piece of a row in a block: n elements from
  // element i of the block on.
  template <class Body>
  HWY_INLINE void ForEachPiece(int64_t begin, int64_t count, const Body& body) {
    const int64_t length = factoring_->row_length;
    const int64_t row = begin / length;
    int64_t column = begin % length;
    MakeRowRoots(row, (column + count + length - 1) / length);
    RowPiece<T> piece = {};
    piece.divisor = kRowRoot;
    piece.smallest = smallest_;
    piece.largest = static_cast<T>(1) / std::sqrt(smallest_);
    for (int64_t i = 0, r = 0; i < count; ++r) {
      const int64_t n = HWY_MIN(length - column, count - i);
      piece.root = roots_[r];
      if (factoring_->columns != nullptr) {
        const int64_t slice = (row + r) / factoring_->row_count;
        const int64_t at = slice * length + column;
        // Rounded products are in the order of the columns' factors.
        const T least = static_cast<T>(factoring_->slices[slice].least);
        piece.divisor =
            scales_[r] * least >= smallest_ ? kRootProduct : kCheckedProduct;
        piece.scale = scales_[r];
        piece.factors = static_cast<const T*>(factoring_->columns) + at;
        piece.roots = static_cast<const T*>(factoring_->column_roots) + at;
      }
      body(piece, i, static_cast<size_t>(n));
      i += n;
      column = 0;
    }
  }

  // Of `count` rows from row `first` on.
  void MakeRowRoots(int64_t first, int64_t count) {
    const T* const rows = static_cast<const T*>(factoring_->rows) + first;
    if (factoring_->columns != nullptr) {
      for (int64_t r = 0; r < count; ++r) {
        const int64_t slice = (first + r) / factoring_->row_count;
        scales_[r] = static_cast<T>(static_cast<double>(rows[r]) /
                                    factoring_->slices[slice].mean);
      }
      InvertRoots(scales_, static_cast<size_t>(count), roots_);
      return;
    }
    ForEachVector<T>(
        static_cast<size_t>(count), [=](auto d, size_t i) HWY_ATTR {
          const auto moment = Add(LoadU(d, rows + i), Set(d, eps_inside_));
          const auto root = Add(Root(moment), Set(d, eps_outside_));
          StoreU(Div(Set(d, T{1}), root), d, roots_ + i);
        });
  }

  const Factoring* const factoring_;  // nullptr: there is none
  const int64_t begin_;               // of the chunk
  const T smallest_;
  const T eps_inside_;
  const T eps_outside_;
  T scales_[kBlock];  // of rows
  T roots_[kBlock];
};

}  // namespace HWY_NAMESPACE
}  // namespace libopt
HWY_AFTER_NAMESPACE();

#endif  // OPT_SRC_KERNEL_FACTORS_INL_H_
