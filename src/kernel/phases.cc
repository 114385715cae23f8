// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Steps of several phases, on every SIMD target: the first adds up over a whole
// tensor and changes nothing, the last steps with what the sums have given. A
// cautious step of a rule with sums of its own has another one between them.
// All work block by block in the first-level cache and use the loops that
// every step uses: a loop that steps over a parameter of zeros leaves the
// update there, negated. The first phases give it copies of the slots; but
// where there is a place for the update of the whole chunk, the first steps the
// slots themselves, and the last phase has nothing left but to subtract the
// update.

#include <cstdint>
#include <cstring>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "src/kernel/phases.cc"
#include "hwy/cache_control.h"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "src/kernel/block-inl.h"
#include "src/kernel/factors-inl.h"
#include "src/kernel/grad_edit-inl.h"
#include "src/kernel/kernels.h"
#include "src/kernel/lanes-inl.h"
#include "src/kernel/loops.h"
#include "src/kernel/sums-inl.h"

HWY_BEFORE_NAMESPACE();
namespace libopt {
namespace HWY_NAMESPACE {
namespace {

// Elements of a block: half of those of a step of one phase, since there are
// copies. A multiple of kRow and of the length of any vector.
constexpr int64_t kPhaseBlock = kBlock / 2;

// Room for a block of each array, in the first-level cache.
template <typename T>
struct Room {
  explicit Room(const Chunk& chunk) : roots(chunk) {}

  alignas(64) T minus[kPhaseBlock];  // the update, negated
  T grad[kPhaseBlock];  // as Update() sees it, if it is not the edited one
  T edited[kPhaseBlock];
  T divided[kPhaseBlock];  // by the roots of factors
  T marks[kPhaseBlock];
  T slots[kMaxSlots][kPhaseBlock];
  FactoredRoots<T> roots;
  const T* given = nullptr;  // the gradient in memory, whatever its type
};

// Where the update and the gradient have the same sign.
template <class D, class V = hn::Vec<D>>
HWY_INLINE hn::Mask<D> Agree(D d, V minus, V grad) {
  const V zero = Zero(d);
  return hn::Or(hn::And(Lt(minus, zero), Lt(zero, grad)),
                hn::And(Lt(zero, minus), Lt(grad, zero)));
}

// to = 1 where they agree, 0 elsewhere.
template <typename T>
HWY_NOINLINE void MarkAgreements(const T* minus, const T* grad, size_t count,
                                 T* to) {
  ForEachVector<T>(count, [=](auto d, size_t i) HWY_ATTR {
    const auto agree = Agree(d, LoadU(d, minus + i), LoadU(d, grad + i));
    StoreU(hn::IfThenElseZero(agree, Set(d, T{1})), d, to + i);
  });
}

// minus = scale * minus where they agree, 0 elsewhere.
template <typename T>
HWY_NOINLINE void MaskUpdate(T scale, const T* grad, size_t count, T* minus) {
  ForEachVector<T>(count, [=](auto d, size_t i) HWY_ATTR {
    const auto m = LoadU(d, minus + i);
    const auto agree = Agree(d, m, LoadU(d, grad + i));
    StoreU(hn::IfThenElseZero(agree, Mul(Set(d, scale), m)), d, minus + i);
  });
}

// Where the update does not take the parameter further from zero.
template <class D, class V = hn::Vec<D>>
HWY_INLINE hn::Mask<D> Shrinks(D d, V minus, V param) {
  const V zero = Zero(d);
  return hn::Not(hn::Or(hn::And(Lt(zero, minus), Lt(zero, param)),
                        hn::And(Lt(minus, zero), Lt(param, zero))));
}

// param = param - (scale * update + decay * param), where `decay` is 0 for
// elements that the update does not shrink.
template <typename T>
HWY_NOINLINE void SubtractCautiously(T scale, T decay, const T* minus,
                                     size_t count, T* param) {
  const T minus_scale = -scale;
  ForEachVector<T>(count, [=](auto d, size_t i) HWY_ATTR {
    const auto old = LoadU(d, param + i);
    const auto negated = LoadU(d, minus + i);
    const auto shrink =
        hn::IfThenElseZero(Shrinks(d, negated, old), Mul(Set(d, decay), old));
    const auto update = Add(Mul(Set(d, minus_scale), negated), shrink);
    StoreU(Sub(old, update), d, param + i);
  });
}

// to = grad / sqrt(max(scale * moment, smallest)).
template <typename T>
HWY_NOINLINE void DivideByMoment(T scale, T smallest, const T* grad,
                                 const T* moment, size_t count, T* to) {
  ForEachVector<T>(count, [=](auto d, size_t i) HWY_ATTR {
    const auto least = Set(d, smallest);
    const auto v = Mul(Set(d, scale), LoadU(d, moment + i));
    const auto root = hn::Sqrt(IfThenElse(Lt(v, least), least, v));
    StoreU(Div(LoadU(d, grad + i), root), d, to + i);
  });
}

// param = param - (scale * update + decay * param).
template <typename T>
HWY_NOINLINE void SubtractUpdate(T scale, T decay, const T* minus, size_t count,
                                 T* param) {
  const T minus_scale = -scale;
  ForEachVector<T>(count, [=](auto d, size_t i) HWY_ATTR {
    const auto old = LoadU(d, param + i);
    auto update = Mul(Set(d, minus_scale), LoadU(d, minus + i));
    if (decay != 0) update = Add(update, Mul(Set(d, decay), old));
    StoreU(Sub(old, update), d, param + i);
  });
}

// The constants and the work that all blocks of a chunk share.
template <typename T>
class Phase {
 public:
  Phase(const void* rule_loops, const Chunk& chunk,
        const TensorFactors& factors)
      : loops_(*static_cast<const RuleLoops<T>*>(rule_loops)),
        constants_(*chunk.scalars, 1),
        grad_scale_(static_cast<T>(chunk.scalars->grad_scale *
                                   FactorOf(chunk.edit) * factors.grad)),
        coupled_decay_(static_cast<T>(chunk.scalars->coupled_decay *
                                      factors.coupled_decay)),
        update_decay_(static_cast<T>(chunk.scalars->update_decay)),
        agreeing_(static_cast<T>(factors.agreeing)),
        masks_(chunk.scalars->cautious != kCautiousOff),
        fits_cache_(chunk.update != nullptr) {
    constants_.grad_scale = 1;
    constants_.coupled_decay = 0;
    constants_.decoupled_decay = 0;
    for (int i = 0; i < kMaxScalars; ++i) {
      constants_.rule[i] = static_cast<T>(factors.rule[i]);
    }
    loop_ = ChooseLoop(loops_, constants_, chunk.scalars->is_usual);
  }

  // The gradient with its sign, of an edited one: that one, or room->grad.
  const T* SignGrad(const T* edited, size_t count, Room<T>* room) const {
    if (grad_scale_ == 1) return edited;
    ScaleArray(grad_scale_, edited, count, room->grad);
    return room->grad;
  }
  // `grad` + coupled decay: itself, or room->grad.
  const T* DecayGrad(const T* grad, const T* param, size_t count,
                     Room<T>* room) const {
    if (coupled_decay_ == 0) return grad;
    AddScaled(grad, coupled_decay_, param, count, room->grad);
    return room->grad;
  }
  // Makes the negated update of a.grad, without the decay that belongs to it.
  // The slots are stepped in place, or in copies that are lost. `minus` has
  // room for whole vectors.
  // Calls after(i, n) when the n elements from element i on are made.
  template <class After>
  HWY_INLINE void MakeUpdate(const Arrays<T>& a, size_t count, bool in_place,
                             Room<T>* room, T* minus,
                             const After& after) const {
    const size_t lanes = hn::Lanes(hn::ScalableTag<T>());
    const size_t padded = (count + lanes - 1) / lanes * lanes;
    const size_t padding = (padded - count) * sizeof(T);
    const bool copies = !in_place || padding != 0;
    T* slots[kMaxSlots] = {};
    for (int k = 0; loops_.layout >> k != 0; ++k) {
      if ((loops_.layout >> k & 1) == 0) continue;
      slots[k] = copies ? room->slots[k] : a.slots[k];
      if (copies) std::memcpy(slots[k], a.slots[k], count * sizeof(T));
      if (padding != 0) std::memset(slots[k] + count, 0, padding);
    }
    const T* grad = a.grad;
    if (padding != 0) {
      if (grad != room->grad) {
        std::memcpy(room->grad, grad, count * sizeof(T));
      }
      std::memset(room->grad + count, 0, padding);
      grad = room->grad;
    }
    FillZeros(padded, minus);
    RunLoop(a, room->given, grad, slots, count, minus, after);
    for (int k = 0; copies && in_place && loops_.layout >> k != 0; ++k) {
      if ((loops_.layout >> k & 1) == 0) continue;
      std::memcpy(a.slots[k], slots[k], count * sizeof(T));
    }
  }
  // Leaves of the update what a cautious step does.
  void MaskByGrad(const T* grad, size_t count, T* minus) const {
    if (masks_) MaskUpdate(agreeing_, grad, count, minus);
  }
  // minus = minus - the decay that belongs to the update.
  void DecayUpdate(const T* param, size_t count, T* minus) const {
    if (update_decay_ == 0) return;
    AddScaled(minus, -update_decay_, param, count, minus);
  }

  int slot_count() const { return loops_.slot_count; }

 private:
  // Runs the loop in pieces that are short enough for the CPU to do what comes
  // after one while the next one waits for the divider. Meanwhile, the next
  // blocks come from memory, unless the tensor is in the cache anyway.
  template <class After>
  HWY_INLINE void RunLoop(const Arrays<T>& a, const T* given, const T* grad,
                          T* const* slots, size_t count, T* minus,
                          const After& after) const {
    const size_t lanes = hn::Lanes(hn::ScalableTag<T>());
    constexpr size_t kPiece = 512 / sizeof(T);
    for (size_t i = 0; i < count; i += kPiece) {
      if (!fits_cache_) {
        FetchNext(a.param + i, 1);
        FetchNext(given + i, 2);  // it is needed before the others
      }
      T* from[kMaxSlots] = {};
      for (int k = 0; loops_.layout >> k != 0; ++k) {
        if ((loops_.layout >> k & 1) == 0) continue;
        if (!fits_cache_) FetchNext(a.slots[k] + i, 1);
        from[k] = slots[k] + i;
      }
      const size_t piece = HWY_MIN(kPiece, count - i);
      loop_(constants_, minus + i, grad + i, from,
            (piece + lanes - 1) / lanes * lanes);
      after(i, piece);
    }
  }
  // Fetches as many bytes as a piece of the loop has, some blocks ahead. An
  // address beyond the end of an array does no harm.
  static void FetchNext(const T* from, int64_t blocks) {
    const auto next = reinterpret_cast<uintptr_t>(from) +
                      static_cast<uintptr_t>(blocks * kPhaseBlock) * sizeof(T);
    for (uintptr_t byte = 0; byte < 512; byte += 64) {
      hwy::Prefetch(reinterpret_cast<const char*>(next + byte));
    }
  }

  const RuleLoops<T>& loops_;
  Constants<T> constants_;  // without scale and decay, which are done here
  const T grad_scale_;
  const T coupled_decay_;
  const T update_decay_;
  const T agreeing_;
  const bool masks_;
  const bool fits_cache_;
  Loop<T> loop_;
};

constexpr bool Has(SumSet sums, Sum sum) { return (sums >> sum & 1) != 0; }

constexpr SumSet kSumsOfUpdates =
    1U << kUpdateSquares | 1U << kAgreements | 1U << kDividedSquares;

// Adds one block of a chunk to the lanes of all sums.
template <typename T>
HWY_NOINLINE void AddBlock(const Phase<T>& phase, const Chunk& chunk,
                           int64_t begin, SumSet sums, Arrays<T> a,
                           size_t count, Room<T>* room,
                           double lanes[kSumCount][kRow]) {
  const Scalars& scalars = *chunk.scalars;
  T* const update =
      chunk.update == nullptr ? nullptr : static_cast<T*>(chunk.update) + begin;
  const bool both = Has(sums, kParamSquares) && Has(sums, kUpdateSquares);
  if (Has(sums, kParamSquares) && !both) {
    AddSquares(a.param, count, lanes[kParamSquares]);
  }
  a.grad = phase.SignGrad(a.grad, count, room);
  if (Has(sums, kGradSquares)) AddSquares(a.grad, count, lanes[kGradSquares]);
  a.grad = phase.DecayGrad(a.grad, a.param, count, room);
  if (Has(sums, kDecayedSquares)) {
    AddSquares(a.grad, count, lanes[kDecayedSquares]);
  }
  if (update == nullptr && (sums & kSumsOfUpdates) == 0) return;
  a.grad = room->roots.Divide(begin, count, a.grad, room->divided);
  T* const minus = update == nullptr ? room->minus : update;
  phase.MakeUpdate(
      a, count, update != nullptr, room, minus, [&](size_t i, size_t n) {
        if (Has(sums, kAgreements)) {
          MarkAgreements(minus + i, a.grad + i, n, room->marks);
          AddSquares(room->marks, n, lanes[kAgreements]);
        }
        if (Has(sums, kDividedSquares)) {
          const auto smallest = static_cast<T>(scalars.clipping_smallest);
          DivideByMoment(static_cast<T>(scalars.clipping_scale),
                         HWY_MAX(smallest, std::numeric_limits<T>::min()),
                         a.grad + i, room->slots[scalars.clipping_slot] + i, n,
                         room->marks);
          AddSquares(room->marks, n, lanes[kDividedSquares]);
        }
        if (update != nullptr || Has(sums, kUpdateSquares)) {
          if (scalars.masks_first) {
            phase.MaskByGrad(a.grad + i, n, minus + i);
          }
          phase.DecayUpdate(a.param + i, n, minus + i);
        }
        if (both) {
          AddSquaresOfTwo(a.param + i, minus + i, n, lanes[kParamSquares],
                          lanes[kUpdateSquares]);
        } else if (Has(sums, kUpdateSquares)) {
          AddSquares(minus + i, n, lanes[kUpdateSquares]);
        }
      });
}

template <typename T, typename G>
BlockSums SumChunk(const void* loops, const Chunk& chunk,
                   const TensorFactors& factors, SumSet wanted) {
  const Phase<T> phase(loops, chunk, factors);
  const G* grad = static_cast<const G*>(chunk.grad);
  Room<T> room(chunk);
  double lanes[kSumCount][kRow] = {};
  for (int64_t begin = 0; begin < chunk.count; begin += kPhaseBlock) {
    const int64_t count = HWY_MIN(kPhaseBlock, chunk.count - begin);
    Arrays<T> a = ArraysFrom<T>(chunk, phase.slot_count(), begin);
    room.given = reinterpret_cast<const T*>(grad + begin);
    a.grad = EditedGrad(chunk.edit, grad + begin, count, room.edited);
    if (chunk.update != nullptr) CopyParams(chunk, begin, count, a.param);
    AddBlock(phase, chunk, begin, wanted, a, static_cast<size_t>(count), &room,
             lanes);
  }
  BlockSums sums;
  for (int i = 0; i < kSumCount; ++i) sums.of[i] = FoldLanes(lanes[i]);
  return sums;
}

template <typename T, typename G>
void FinishChunk(const void* loops, const Chunk& chunk,
                 const TensorFactors& factors) {
  const Phase<T> phase(loops, chunk, factors);
  const T update = static_cast<T>(factors.update);
  const T decay =
      static_cast<T>(chunk.scalars->decoupled_decay * factors.decoupled_decay);
  const G* grad = static_cast<const G*>(chunk.grad);
  Room<T> room(chunk);
  for (int64_t begin = 0; begin < chunk.count; begin += kPhaseBlock) {
    const int64_t length = HWY_MIN(kPhaseBlock, chunk.count - begin);
    const auto count = static_cast<size_t>(length);
    Arrays<T> a = ArraysFrom<T>(chunk, phase.slot_count(), begin);
    CopyParams(chunk, begin, length, a.param);
    room.given = reinterpret_cast<const T*>(grad + begin);
    a.grad = EditedGrad(chunk.edit, grad + begin, length, room.edited);
    a.grad = phase.SignGrad(a.grad, count, &room);
    a.grad = phase.DecayGrad(a.grad, a.param, count, &room);
    a.grad = room.roots.Divide(begin, count, a.grad, room.divided);
    phase.MakeUpdate(
        a, count, true, &room, room.minus, [&](size_t i, size_t n) {
          T* const minus = room.minus + i;
          phase.MaskByGrad(a.grad + i, n, minus);
          phase.DecayUpdate(a.param + i, n, minus);
          if (chunk.scalars->cautious_decay) {
            SubtractCautiously(update, decay, minus, n, a.param + i);
          } else {
            SubtractUpdate(update, decay, minus, n, a.param + i);
          }
        });
    EndBlock<T, G>(chunk, begin, length);
  }
}

// Subtracts the update that the first phase has left.
template <typename T, typename G>
void SubtractChunk(const Chunk& chunk, const TensorFactors& factors) {
  const T update = static_cast<T>(factors.update);
  const T decay =
      static_cast<T>(chunk.scalars->decoupled_decay * factors.decoupled_decay);
  const T* const minus = static_cast<const T*>(chunk.update);
  T* const param = static_cast<T*>(chunk.param);
  for (int64_t begin = 0; begin < chunk.count; begin += kBlock) {
    const int64_t count = HWY_MIN(kBlock, chunk.count - begin);
    SubtractUpdate(update, decay, minus + begin, static_cast<size_t>(count),
                   param + begin);
    EndBlock<T, G>(chunk, begin, count);
  }
}

template <typename T, typename G>
void SumFactorsOf(const Chunk& chunk) {
  const Factoring& factoring = *chunk.factoring;
  PanelSums<T> panel(chunk);
  const G* grad = static_cast<const G*>(chunk.grad);
  const T* param = static_cast<const T*>(chunk.param);
  T edited[kBlock];
  int64_t row = chunk.begin / factoring.row_length;
  const int64_t end = row + chunk.count / factoring.row_length;
  while (row < end) {
    const int64_t in_slice = row % factoring.row_count;
    const int64_t rows = HWY_MIN(HWY_MIN(kPanelRows - in_slice % kPanelRows,
                                         factoring.row_count - in_slice),
                                 end - row);
    panel.Begin(row);
    row += rows;
    if (factoring.row_length == 1 && factoring.columns == nullptr) {
      panel.AddSingleRows(EditedGrad(chunk.edit, grad, rows, edited), param,
                          rows);
      grad += rows;
      param += rows;
      panel.End();
      continue;
    }
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t column = 0; column < factoring.row_length;
           column += kBlock) {
        const int64_t count = HWY_MIN(kBlock, factoring.row_length - column);
        panel.AddPiece(EditedGrad(chunk.edit, grad + column, count, edited),
                       param + column, column, count);
      }
      grad += factoring.row_length;
      param += factoring.row_length;
      panel.EndRow();
    }
    panel.End();
  }
}

void SumFactorsAny(opt_dtype dtype, const Chunk& chunk) {
  if (dtype == OPT_F32) {
    chunk.grad_dtype == OPT_F32 ? SumFactorsOf<float, float>(chunk)
                                : SumFactorsOf<float, double>(chunk);
  } else {
    chunk.grad_dtype == OPT_F32 ? SumFactorsOf<double, float>(chunk)
                                : SumFactorsOf<double, double>(chunk);
  }
}

template <typename T>
HWY_NOINLINE void FinishFactorsOf(const Factoring& factoring,
                                  int64_t slice_count,
                                  const FactorScalars& scalars) {
  const int64_t columns = factoring.row_length;
  const int64_t panels = (factoring.row_count + kPanelRows - 1) / kPanelRows;
  for (int64_t slice = 0; slice < slice_count; ++slice) {
    T* const factors = static_cast<T*>(factoring.columns) + slice * columns;
    double* const sums =
        factoring.partial_columns == nullptr
            ? nullptr
            : factoring.partial_columns + slice * panels * columns;
    for (int64_t panel = 1; sums != nullptr && panel < panels; ++panel) {
      const double* const more = sums + panel * columns;
      for (int64_t j = 0; j < columns; ++j) sums[j] += more[j];
    }
    if (sums != nullptr) {
      StepFactors(scalars, sums, factoring.row_count,
                  static_cast<size_t>(columns), factors);
    }
    InvertRoots(factors, static_cast<size_t>(columns),
                static_cast<T*>(factoring.column_roots) + slice * columns);
    factoring.means[slice] = MeanOfRows(
        static_cast<const T*>(factoring.rows) + slice * factoring.row_count,
        factoring.row_count, scalars);
  }
}

void FinishFactorsAny(opt_dtype dtype, const Factoring& factoring,
                      int64_t slice_count, const FactorScalars& scalars) {
  dtype == OPT_F32 ? FinishFactorsOf<float>(factoring, slice_count, scalars)
                   : FinishFactorsOf<double>(factoring, slice_count, scalars);
}

template <typename T>
BlockSums SumChunkOf(const void* loops, const Chunk& chunk,
                     const TensorFactors& factors, SumSet sums) {
  return chunk.grad_dtype == OPT_F32
             ? SumChunk<T, float>(loops, chunk, factors, sums)
             : SumChunk<T, double>(loops, chunk, factors, sums);
}

template <typename T>
void FinishChunkOf(const void* loops, const Chunk& chunk,
                   const TensorFactors& factors) {
  if (chunk.update != nullptr) {
    chunk.grad_dtype == OPT_F32 ? SubtractChunk<T, float>(chunk, factors)
                                : SubtractChunk<T, double>(chunk, factors);
  } else {
    chunk.grad_dtype == OPT_F32 ? FinishChunk<T, float>(loops, chunk, factors)
                                : FinishChunk<T, double>(loops, chunk, factors);
  }
}

BlockSums SumAny(const void* loops, opt_dtype dtype, const Chunk& chunk,
                 const TensorFactors& factors, SumSet sums) {
  return dtype == OPT_F32 ? SumChunkOf<float>(loops, chunk, factors, sums)
                          : SumChunkOf<double>(loops, chunk, factors, sums);
}

void FinishAny(const void* loops, opt_dtype dtype, const Chunk& chunk,
               const TensorFactors& factors) {
  dtype == OPT_F32 ? FinishChunkOf<float>(loops, chunk, factors)
                   : FinishChunkOf<double>(loops, chunk, factors);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace libopt
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include "src/kernel/dispatch.h"

namespace libopt {
namespace {

OPT_EXPORT(SumAny);
OPT_EXPORT(FinishAny);
OPT_EXPORT(SumFactorsAny);
OPT_EXPORT(FinishFactorsAny);

}  // namespace

void SumFactors(int target, opt_dtype param_dtype, const Chunk& chunk) {
  OPT_DISPATCH(SumFactorsAny, target)(param_dtype, chunk);
}

void FinishFactors(int target, const Factoring& factoring, int64_t slice_count,
                   opt_dtype param_dtype, const FactorScalars& scalars) {
  if (factoring.columns == nullptr) return;
  OPT_DISPATCH(FinishFactorsAny, target)
  (param_dtype, factoring, slice_count, scalars);
}

BlockSums SumStep(int target, const StepKernel& kernel, opt_dtype param_dtype,
                  const Chunk& chunk, const TensorFactors& factors,
                  SumSet sums) {
  return OPT_DISPATCH(SumAny, target)(kernel.loops, param_dtype, chunk, factors,
                                      sums);
}

void FinishStep(int target, const StepKernel& kernel, opt_dtype param_dtype,
                const Chunk& chunk, const TensorFactors& factors) {
  OPT_DISPATCH(FinishAny, target)(kernel.loops, param_dtype, chunk, factors);
}

}  // namespace libopt

#endif  // HWY_ONCE
