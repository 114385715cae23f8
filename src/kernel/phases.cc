// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Steps of several phases, on every SIMD target: the first adds up over a whole
// tensor and changes nothing, the last steps with what the sums have given. A
// cautious step of a rule with sums of its own has another one between them.
// All work block by block in the first-level cache. The first phases step the
// slots into a room of their own, whose contents are lost. There are two
// exceptions, where the first phase steps the slots themselves: if there is a
// place for the update of the whole chunk, the last phase only subtracts it;
// and if the update can be made of the slots alone, the last phase does that.

#include <cstdint>
#include <cstring>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "src/kernel/phases.cc"
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

  alignas(64) T update[kPhaseBlock];
  T grad[kPhaseBlock];  // as Update() sees it, if it is not the edited one
  T edited[kPhaseBlock];
  T divided[kPhaseBlock];  // by the roots of factors
  T marks[kPhaseBlock];
  T slots[kMaxSlots][kPhaseBlock];
  const T* stepped[kMaxSlots];  // the slots after the step, here or in memory
  FactoredRoots<T> roots;
};

// Where the update and the gradient have the same sign.
template <class D, class V = hn::Vec<D>>
HWY_INLINE hn::Mask<D> Agree(D d, V update, V grad) {
  const V zero = Zero(d);
  return hn::Or(hn::And(Lt(zero, update), Lt(zero, grad)),
                hn::And(Lt(update, zero), Lt(grad, zero)));
}

// to = 1 where they agree, 0 elsewhere.
template <typename T>
HWY_NOINLINE void MarkAgreements(const T* update, const T* grad, size_t count,
                                 T* to) {
  ForEachVector<T>(count, [=](auto d, size_t i) HWY_ATTR {
    const auto agree = Agree(d, LoadU(d, update + i), LoadU(d, grad + i));
    StoreU(hn::IfThenElseZero(agree, Set(d, T{1})), d, to + i);
  });
}

// update = scale * update where they agree, 0 elsewhere.
template <typename T>
HWY_NOINLINE void MaskUpdate(T scale, const T* grad, size_t count, T* update) {
  ForEachVector<T>(count, [=](auto d, size_t i) HWY_ATTR {
    const auto u = LoadU(d, update + i);
    const auto agree = Agree(d, u, LoadU(d, grad + i));
    StoreU(hn::IfThenElseZero(agree, Mul(Set(d, scale), u)), d, update + i);
  });
}

// Where the update does not take the parameter further from zero.
template <class D, class V = hn::Vec<D>>
HWY_INLINE hn::Mask<D> DoesNotGrow(D d, V update, V param) {
  const V zero = Zero(d);
  return hn::Not(hn::Or(hn::And(Lt(update, zero), Lt(zero, param)),
                        hn::And(Lt(zero, update), Lt(param, zero))));
}

// param = param - (scale * update + decay * param), without the decay for
// elements that the update takes further from zero.
template <typename T>
HWY_NOINLINE void SubtractCautiously(T scale, T decay, const T* update,
                                     size_t count, T* param) {
  ForEachVector<T>(count, [=](auto d, size_t i) HWY_ATTR {
    const auto old = LoadU(d, param + i);
    const auto u = LoadU(d, update + i);
    const auto kept_decay =
        hn::IfThenElseZero(DoesNotGrow(d, u, old), Mul(Set(d, decay), old));
    StoreU(Sub(old, Add(Mul(Set(d, scale), u), kept_decay)), d, param + i);
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
HWY_NOINLINE void SubtractUpdate(T scale, T decay, const T* update,
                                 size_t count, T* param) {
  ForEachVector<T>(count, [=](auto d, size_t i) HWY_ATTR {
    const auto old = LoadU(d, param + i);
    auto change = Mul(Set(d, scale), LoadU(d, update + i));
    if (decay != 0) change = Add(change, Mul(Set(d, decay), old));
    StoreU(Sub(old, change), d, param + i);
  });
}

// Rows of so many elements are worth a loop each; and rows of so many, one that
// adds up the next row as well.
constexpr int64_t kLongRow = 64;
constexpr int64_t kLongerRow = 256;

// Elements of a block whose one loop copies nothing: many, since between two
// blocks no memory is asked for.
constexpr int64_t kLongBlock = 16 * kBlock;
static_assert(kLongBlock / kLongRow + 2 <= kBlock,
              "FactoredRoots has no room for the rows of a block");

// Of a layout, or of a set of sums.
constexpr bool Has(uint32_t set, int member) {
  return (set >> member & 1) != 0;
}

// The sums of a rule's SumLoop.
constexpr SumSet kSumsOfLoop = 1U << kParamSquares | 1U << kUpdateSquares;

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
        steps_slots_first_(loops_.subtract != nullptr && !masks_ &&
                           !chunk.scalars->cautious_decay &&
                           chunk.scalars->sums == kSumsOfLoop) {
    constants_.grad_scale = 1;
    constants_.coupled_decay = 0;
    constants_.decoupled_decay = masks_ ? T{0} : update_decay_;
    for (int i = 0; i < kMaxScalars; ++i) {
      constants_.rule[i] = static_cast<T>(factors.rule[i]);
    }
    if (chunk.factoring != nullptr && chunk.factoring->row_length >= kLongRow &&
        loops_.layout == 0 && !masks_ && !chunk.scalars->cautious_decay &&
        update_decay_ == 0) {
      rate_of_quotients_ = constants_.rule[loops_.divided_scale];
    }
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
  // The arrays for the update of a.grad. The slots are stepped in place, or
  // into the room.
  UpdateArrays<T> UpdateOf(const Arrays<T>& a, bool in_place, Room<T>* room,
                           T* update) const {
    UpdateArrays<T> arrays = {a.param, a.grad, {}, {}, update};
    for (int k = 0; loops_.layout >> k != 0; ++k) {
      arrays.from[k] = a.slots[k];
      arrays.to[k] = in_place ? a.slots[k] : room->slots[k];
      room->stepped[k] = arrays.to[k];
    }
    return arrays;
  }
  // Makes the update of the elements from `begin` to `end`, with the decay that
  // belongs to it unless a cautious step masks it first. Calls after(i, n) when
  // the n elements from element i on are made: those are few enough for the CPU
  // to do it while the next ones wait for the divider.
  template <class After>
  HWY_INLINE void MakeUpdate(const UpdateArrays<T>& arrays, size_t begin,
                             size_t end, const After& after) const {
    constexpr size_t kPiece = 512 / sizeof(T);
    for (size_t i = begin; i < end; i += kPiece) {
      const size_t n = HWY_MIN(kPiece, end - i);
      RunLoop(arrays, i, n);
      after(i, n);
    }
  }
  // Makes the update of whole rows of lanes, and adds up the squares, if the
  // rule has a loop for that and no other sums are wanted. Returns the number
  // of elements.
  size_t SumUpdate(const UpdateArrays<T>& arrays, size_t count, SumSet sums,
                   double lanes[kSumCount][kRow]) const {
    const size_t whole = count / kRow * kRow;
    if (loops_.sum == nullptr || masks_ || sums != kSumsOfLoop) return 0;
    loops_.sum(constants_, arrays, whole, lanes[kParamSquares],
               lanes[kUpdateSquares]);
    return whole;
  }
  // Subtracts the update that the stepped slots give.
  void SubtractUpdateOfSlots(const Arrays<T>& a, T scale, T decay,
                             size_t count) const {
    loops_.subtract(constants_, a.slots, scale, decay, count, a.param);
  }
  // The factor of the quotients of the gradient by its roots, if they are the
  // update and nothing else is done to it; or 0.
  T rate_of_quotients() const { return rate_of_quotients_; }
  // Leaves of the update what a cautious step does.
  void MaskByGrad(const T* grad, size_t count, T* update) const {
    if (masks_) MaskUpdate(agreeing_, grad, count, update);
  }
  // Adds the decay that belongs to the update to a masked one.
  void DecayUpdate(const T* param, size_t count, T* update) const {
    if (!masks_ || update_decay_ == 0) return;
    AddScaled(update, update_decay_, param, count, update);
  }

  // Whether the first phase steps the slots themselves, and the last one makes
  // the update of them.
  bool steps_slots_first() const { return steps_slots_first_; }

  // Whether SignGrad() or DecayGrad() copy the gradient.
  bool copies_grad() const { return grad_scale_ != 1 || coupled_decay_ != 0; }

  int slot_count() const { return loops_.slot_count; }

 private:
  // Runs the loop over `count` elements from element i on.
  HWY_INLINE void RunLoop(const UpdateArrays<T>& a, size_t i,
                          size_t count) const {
    const size_t rest = count % hn::Lanes(hn::ScalableTag<T>());
    if (rest != count) loops_.update(constants_, a, i, count - rest);
    if (rest != 0) RunRest(a, i + count - rest, rest);
  }
  // Runs it over fewer elements than a vector has, which are padded with zeros.
  HWY_NOINLINE void RunRest(const UpdateArrays<T>& a, size_t i,
                            size_t count) const {
    constexpr size_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
    const size_t bytes = count * sizeof(T);
    T copies[kMaxSlots + 3][kLanes] = {};
    T* const param = copies[kMaxSlots];
    T* const grad = copies[kMaxSlots + 1];
    T* const update = copies[kMaxSlots + 2];
    UpdateArrays<T> own = {param, grad, {}, {}, update};
    std::memcpy(param, a.param + i, bytes);
    std::memcpy(grad, a.grad + i, bytes);
    for (int k = 0; loops_.layout >> k != 0; ++k) {
      own.from[k] = own.to[k] = copies[k];
      if (Has(loops_.layout, k)) std::memcpy(copies[k], a.from[k] + i, bytes);
    }
    loops_.update(constants_, own, 0, hn::Lanes(hn::ScalableTag<T>()));
    std::memcpy(a.update + i, update, bytes);
    for (int k = 0; loops_.layout >> k != 0; ++k) {
      if (Has(loops_.layout, k)) std::memcpy(a.to[k] + i, copies[k], bytes);
    }
  }

  const RuleLoops<T>& loops_;
  Constants<T> constants_;  // with no decay but the update's
  const T grad_scale_;
  const T coupled_decay_;
  const T update_decay_;
  const T agreeing_;
  const bool masks_;
  const bool steps_slots_first_;
  T rate_of_quotients_ = 0;
};

constexpr SumSet kSumsOfUpdates =
    1U << kUpdateSquares | 1U << kAgreements | 1U << kDividedSquares;

// Whether one loop adds up the updates and the parameters of each block.
template <typename T>
bool SumsQuotients(const Phase<T>& phase, SumSet sums, const Room<T>& room,
                   int64_t begin, int64_t count) {
  return phase.rate_of_quotients() == 1 && Has(sums, kParamSquares) &&
         Has(sums, kUpdateSquares) &&
         room.roots.HasWholeRows(begin, static_cast<size_t>(count));
}

// Adds one block of a chunk to the lanes of all sums.
template <typename T>
HWY_NOINLINE void AddBlock(const Phase<T>& phase, const Chunk& chunk,
                           int64_t begin, SumSet sums, Arrays<T> a,
                           size_t count, Room<T>* room,
                           double lanes[kSumCount][kRow]) {
  const Scalars& scalars = *chunk.scalars;
  const bool keeps = chunk.update != nullptr;
  const bool in_place = keeps || phase.steps_slots_first();
  T* const update =
      keeps ? static_cast<T*>(chunk.update) + begin : room->update;
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
  if (!keeps && (sums & kSumsOfUpdates) == 0) return;
  if (SumsQuotients(phase, sums, *room, begin, static_cast<int64_t>(count))) {
    room->roots.AddSquares(begin, count, a.grad, a.param, lanes[kUpdateSquares],
                           lanes[kParamSquares], keeps ? update : nullptr);
    return;
  }
  if (phase.rate_of_quotients() == 1 && sums == kSumsOfLoop) {
    room->roots.Divide(begin, count, a.grad, update);
    AddSquaresOfTwo(a.param, update, count, lanes[kParamSquares],
                    lanes[kUpdateSquares]);
    return;
  }
  a.grad = room->roots.Divide(begin, count, a.grad, room->divided);
  const UpdateArrays<T> arrays = phase.UpdateOf(a, in_place, room, update);
  const size_t summed = phase.SumUpdate(arrays, count, sums, lanes);
  phase.MakeUpdate(arrays, summed, count, [&](size_t i, size_t n) {
    if (Has(sums, kAgreements)) {
      MarkAgreements(update + i, a.grad + i, n, room->marks);
      AddSquares(room->marks, n, lanes[kAgreements]);
    }
    if (Has(sums, kDividedSquares)) {
      const auto smallest = static_cast<T>(scalars.clipping_smallest);
      DivideByMoment(static_cast<T>(scalars.clipping_scale),
                     HWY_MAX(smallest, std::numeric_limits<T>::min()),
                     a.grad + i, room->stepped[scalars.clipping_slot] + i, n,
                     room->marks);
      AddSquares(room->marks, n, lanes[kDividedSquares]);
    }
    if (keeps || Has(sums, kUpdateSquares)) {
      if (scalars.masks_first) phase.MaskByGrad(a.grad + i, n, update + i);
      phase.DecayUpdate(a.param + i, n, update + i);
    }
    if (both) {
      AddSquaresOfTwo(a.param + i, update + i, n, lanes[kParamSquares],
                      lanes[kUpdateSquares]);
    } else if (Has(sums, kUpdateSquares)) {
      AddSquares(update + i, n, lanes[kUpdateSquares]);
    }
  });
}

// Whether the gradient that a rule sees is that in memory.
template <typename T, typename G>
bool SeesGradItself(const Phase<T>& phase, const Chunk& chunk) {
  return !NeedsEdit<T, G>(chunk.edit) && !phase.copies_grad();
}

template <typename T, typename G>
BlockSums SumChunk(const void* loops, const Chunk& chunk,
                   const TensorFactors& factors, SumSet wanted) {
  const Phase<T> phase(loops, chunk, factors);
  const G* grad = static_cast<const G*>(chunk.grad);
  Room<T> room(chunk);
  double lanes[kSumCount][kRow] = {};
  const int64_t block = SumsQuotients(phase, wanted, room, 0, chunk.count) &&
                                SeesGradItself<T, G>(phase, chunk)
                            ? kLongBlock
                            : kPhaseBlock;
  for (int64_t begin = 0; begin < chunk.count; begin += block) {
    const int64_t count = HWY_MIN(block, chunk.count - begin);
    Arrays<T> a = ArraysFrom<T>(chunk, phase.slot_count(), begin);
    a.grad = EditedGrad(chunk.edit, grad + begin, count, room.edited);
    if (chunk.update != nullptr || phase.steps_slots_first()) {
      CopyParams(chunk, begin, count, a.param);
    }
    AddBlock(phase, chunk, begin, wanted, a, static_cast<size_t>(count), &room,
             lanes);
  }
  BlockSums sums;
  for (int i = 0; i < kSumCount; ++i) sums.of[i] = FoldLanes(lanes[i]);
  return sums;
}

// The last phase of a part of a chunk.
template <typename T, typename G>
void FinishPart(const Phase<T>& phase, const Chunk& chunk,
                const TensorFactors& factors, int64_t begin, int64_t end,
                Room<T>* room) {
  const T scale = static_cast<T>(factors.update);
  const T decay =
      static_cast<T>(chunk.scalars->decoupled_decay * factors.decoupled_decay);
  const G* grad = static_cast<const G*>(chunk.grad);
  const int64_t block = phase.rate_of_quotients() != 0 &&
                                SeesGradItself<T, G>(phase, chunk) &&
                                !HasEnd(chunk)
                            ? kLongBlock
                            : kPhaseBlock;
  for (; begin < end; begin += block) {
    const int64_t length = HWY_MIN(block, end - begin);
    const auto count = static_cast<size_t>(length);
    Arrays<T> a = ArraysFrom<T>(chunk, phase.slot_count(), begin);
    if (phase.steps_slots_first()) {
      phase.SubtractUpdateOfSlots(a, scale, decay, count);
      EndBlock<T, G>(chunk, begin, length);
      continue;
    }
    CopyParams(chunk, begin, length, a.param);
    a.grad = EditedGrad(chunk.edit, grad + begin, length, room->edited);
    a.grad = phase.SignGrad(a.grad, count, room);
    a.grad = phase.DecayGrad(a.grad, a.param, count, room);
    if (phase.rate_of_quotients() != 0) {
      room->roots.Subtract(begin, count, a.grad, phase.rate_of_quotients(),
                           scale, decay, a.param);
      EndBlock<T, G>(chunk, begin, length);
      continue;
    }
    a.grad = room->roots.Divide(begin, count, a.grad, room->divided);
    const auto arrays = phase.UpdateOf(a, true, room, room->update);
    phase.MakeUpdate(arrays, 0, count, [&](size_t i, size_t n) {
      T* const update = room->update + i;
      phase.MaskByGrad(a.grad + i, n, update);
      phase.DecayUpdate(a.param + i, n, update);
      if (chunk.scalars->cautious_decay) {
        SubtractCautiously(scale, decay, update, n, a.param + i);
      } else {
        SubtractUpdate(scale, decay, update, n, a.param + i);
      }
    });
    EndBlock<T, G>(chunk, begin, length);
  }
}

template <typename T, typename G>
void FinishChunk(const void* loops, const Chunk& chunk,
                 const TensorFactors& factors) {
  const Phase<T> phase(loops, chunk, factors);
  Room<T> room(chunk);
  FinishPart<T, G>(phase, chunk, factors, 0, chunk.count, &room);
}

// Subtracts the update that the first phase has left.
template <typename T, typename G>
void SubtractChunk(const Chunk& chunk, const TensorFactors& factors) {
  const T scale = static_cast<T>(factors.update);
  const T decay =
      static_cast<T>(chunk.scalars->decoupled_decay * factors.decoupled_decay);
  const T* const update = static_cast<const T*>(chunk.update);
  T* const param = static_cast<T*>(chunk.param);
  for (int64_t begin = 0; begin < chunk.count; begin += kBlock) {
    const int64_t count = HWY_MIN(kBlock, chunk.count - begin);
    SubtractUpdate(scale, decay, update + begin, static_cast<size_t>(count),
                   param + begin);
    EndBlock<T, G>(chunk, begin, count);
  }
}

// Adds up the rows of a part of a chunk.
template <typename T, typename G>
void SumRows(const Chunk& chunk, int64_t begin, int64_t end,
             PanelSums<T, G>* panel) {
  const Factoring& factoring = *chunk.factoring;
  const int64_t length = factoring.row_length;
  while (begin < end) {
    const int64_t row = (chunk.begin + begin) / length;
    const int64_t in_slice = row % factoring.row_count;
    const int64_t rows = HWY_MIN(HWY_MIN(kPanelRows - in_slice % kPanelRows,
                                         factoring.row_count - in_slice),
                                 (end - begin) / length);
    panel->Begin(row);
    panel->AddRows(static_cast<const G*>(chunk.grad) + begin,
                   static_cast<const T*>(chunk.param) + begin, rows);
    panel->End();
    begin += rows * length;
  }
}

template <typename T, typename G>
void SumFactorsOf(const Chunk& chunk) {
  PanelSums<T, G> panel(chunk);
  SumRows(chunk, 0, chunk.count, &panel);
}

// Both phases of rows whose gradient is divided in memory. Each loop steps a
// row and adds up the next one, so that it asks for parameters and gradients
// alike.
template <typename T>
void StepLongRows(const Phase<T>& phase, const Chunk& chunk,
                  const TensorFactors& factors, Room<T>* room,
                  PanelSums<T, T>* panel) {
  const T scale = static_cast<T>(factors.update);
  const T decay =
      static_cast<T>(chunk.scalars->decoupled_decay * factors.decoupled_decay);
  const int64_t length = chunk.factoring->row_length;
  const T* const grad = static_cast<const T*>(chunk.grad);
  T* const param = static_cast<T*>(chunk.param);
  SumRows(chunk, 0, length, panel);
  int64_t begin = 0;
  for (; begin + length < chunk.count; begin += length) {
    panel->Begin((chunk.begin + begin) / length + 1);
    panel->AddRowBy([&](double* lanes) {
      room->roots.SubtractAndAddNext(begin, grad + begin,
                                     phase.rate_of_quotients(), scale, decay,
                                     param + begin, lanes);
    });
    panel->End();
  }
  FinishPart<T, T>(phase, chunk, factors, begin, chunk.count, room);
}

// Both phases of rows, some at a time, which the first-level cache can hold.
template <typename T, typename G>
void StepRowsOf(const void* loops, const Chunk& chunk,
                const TensorFactors& factors) {
  const Phase<T> phase(loops, chunk, factors);
  Room<T> room(chunk);
  PanelSums<T, G> panel(chunk);
  const int64_t length = chunk.factoring->row_length;
  if constexpr (!OPT_SUMS_ARE_PLAIN && hwy::IsSame<T, G>()) {
    if (phase.rate_of_quotients() != 0 && SeesGradItself<T, G>(phase, chunk) &&
        !HasEnd(chunk) && chunk.param_copies == 0 && length >= kLongerRow &&
        chunk.count > 0) {
      StepLongRows(phase, chunk, factors, &room, &panel);
      return;
    }
  }
  const int64_t part = length * HWY_MAX(int64_t{1}, 2 * kBlock / length);
  for (int64_t begin = 0; begin < chunk.count; begin += part) {
    const int64_t end = HWY_MIN(begin + part, chunk.count);
    SumRows(chunk, begin, end, &panel);
    FinishPart<T, G>(phase, chunk, factors, begin, end, &room);
  }
}

void StepRowsAny(const void* loops, opt_dtype dtype, const Chunk& chunk,
                 const TensorFactors& factors) {
  if (dtype == OPT_F32) {
    chunk.grad_dtype == OPT_F32
        ? StepRowsOf<float, float>(loops, chunk, factors)
        : StepRowsOf<float, double>(loops, chunk, factors);
  } else {
    chunk.grad_dtype == OPT_F32
        ? StepRowsOf<double, float>(loops, chunk, factors)
        : StepRowsOf<double, double>(loops, chunk, factors);
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
  const int64_t panels = PanelsOf(factoring.row_count);
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
    const T* const rows =
        static_cast<const T*>(factoring.rows) + slice * factoring.row_count;
    factoring.slices[slice] = {MeanOfRows(rows, factoring.row_count, scalars),
                               LeastColumn(factors, columns)};
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
OPT_EXPORT(StepRowsAny);
OPT_EXPORT(SumFactorsAny);
OPT_EXPORT(FinishFactorsAny);

}  // namespace

void SumFactors(int target, opt_dtype param_dtype, const Chunk& chunk) {
  OPT_DISPATCH(SumFactorsAny, target)(param_dtype, chunk);
}

void StepRows(int target, const StepKernel& kernel, opt_dtype param_dtype,
              const Chunk& chunk, const TensorFactors& factors) {
  OPT_DISPATCH(StepRowsAny, target)(kernel.loops, param_dtype, chunk, factors);
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
