// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The block loop around the loops of all rules, on every SIMD target: work on
// the gradient before the rule sees it, the choice of a loop, elements that
// fill no vector, averages, zeroing.

#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <new>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "src/kernel/step.cc"
#include "hwy/cache_control.h"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "src/kernel/block-inl.h"
#include "src/kernel/grad_edit-inl.h"
#include "src/kernel/kernels.h"
#include "src/kernel/lanes-inl.h"
#include "src/kernel/loops.h"

HWY_BEFORE_NAMESPACE();
namespace libopt {
namespace HWY_NAMESPACE {
namespace {

// Copies of one vector of each array, aligned and padded with zeros.
template <typename T>
struct Copies {
  explicit Copies(int slot_count) {
    for (int k = 0; k < slot_count; ++k) slots[k] = lanes[2 + k];
  }
  // Load copies `count` elements of each array; Store copies back those that a
  // step changes.
  void Load(const Arrays<T>& from, Layout layout, size_t count);
  void Store(const Arrays<T>& to, Layout layout, size_t count) const;
  void Step(const Constants<T>& c, Loop<T> loop) {
    loop(c, lanes[0], lanes[1], slots, hn::Lanes(hn::ScalableTag<T>()));
  }

  static constexpr size_t kLanes = hn::MaxLanes(hn::ScalableTag<T>());
  HWY_ALIGN T lanes[2 + kMaxSlots][kLanes];
  T* slots[kMaxSlots];
};

// Where a masked load or store touches only its own lanes, it is faster than
// copying single elements, for which the load of the whole vector would have to
// wait.
#if (HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2) || HWY_HAVE_SCALABLE
template <typename T>
HWY_INLINE void CopyIn(const T* from, size_t count, T* to) {
  const hn::ScalableTag<T> d;
  hn::Store(hn::MaskedLoad(hn::FirstN(d, count), d, from), d, to);
}
template <typename T>
HWY_INLINE void CopyOut(const T* from, size_t count, T* to) {
  const hn::ScalableTag<T> d;
  hn::BlendedStore(hn::Load(d, from), hn::FirstN(d, count), d, to);
}
#else
template <typename T>
HWY_INLINE void CopyIn(const T* from, size_t count, T* to) {
  hn::Store(Zero(hn::ScalableTag<T>()), hn::ScalableTag<T>(), to);
  for (size_t i = 0; i < count; ++i) to[i] = from[i];
}
template <typename T>
HWY_INLINE void CopyOut(const T* from, size_t count, T* to) {
  for (size_t i = 0; i < count; ++i) to[i] = from[i];
}
#endif

template <typename T>
HWY_INLINE void Copies<T>::Load(const Arrays<T>& from, Layout layout,
                                size_t count) {
  CopyIn(from.param, count, lanes[0]);
  CopyIn(from.grad, count, lanes[1]);
  for (int k = 0; layout >> k != 0; ++k) {
    if ((layout >> k & 1) != 0) CopyIn(from.slots[k], count, lanes[2 + k]);
  }
}

template <typename T>
HWY_INLINE void Copies<T>::Store(const Arrays<T>& to, Layout layout,
                                 size_t count) const {
  CopyOut(lanes[0], count, to.param);
  for (int k = 0; layout >> k != 0; ++k) {
    if ((layout >> k & 1) != 0) CopyOut(lanes[2 + k], count, to.slots[k]);
  }
}

// Steps over a count that is not a multiple of the vector's length. The last
// vector overlaps the one before it. It is copied before anything has changed,
// and it is stepped over and stored last, so that the overlap gets the same
// bits twice. If there are fewer elements than a vector has, they are padded
// with zeros.
template <typename T>
HWY_NOINLINE void StepTail(const RuleLoops<T>& loops, Loop<T> loop,
                           const Constants<T>& c, const Arrays<T>& a,
                           size_t count) {
  const size_t lanes = hn::Lanes(hn::ScalableTag<T>());
  Copies<T> copies(loops.slot_count);
  if (count < lanes) {
    copies.Load(a, loops.layout, count);
    copies.Step(c, loop);
    copies.Store(a, loops.layout, count);
    return;
  }
  Arrays<T> last = a;
  const size_t offset = count - lanes;
  last.param += offset;
  last.grad += offset;
  for (int k = 0; loops.layout >> k != 0; ++k) {
    if ((loops.layout >> k & 1) != 0) last.slots[k] += offset;
  }
  copies.Load(last, loops.layout, lanes);
  loop(c, a.param, a.grad, a.slots, count - count % lanes);
  copies.Step(c, loop);
  copies.Store(last, loops.layout, lanes);
}

template <typename T>
HWY_INLINE void StepArrays(const RuleLoops<T>& loops, Loop<T> loop,
                           const Constants<T>& c, const Arrays<T>& a,
                           size_t count) {
  if (count % hn::Lanes(hn::ScalableTag<T>()) == 0) {
    loop(c, a.param, a.grad, a.slots, count);
  } else {
    StepTail(loops, loop, c, a, count);
  }
}

// Steps block by block, so that the work before and after the rule finds its
// data in the first-level cache. This is a function of its own because its
// buffer would slow down small chunks.
template <typename T, typename G>
HWY_NOINLINE void StepBlocks(const RuleLoops<T>& loops, Loop<T> loop,
                             const Constants<T>& c, const Chunk& chunk) {
  G* grad = static_cast<G*>(chunk.grad);
  T edited[kBlock];
  for (int64_t begin = 0; begin < chunk.count; begin += kBlock) {
    const int64_t count = HWY_MIN(kBlock, chunk.count - begin);
    Arrays<T> a = ArraysFrom<T>(chunk, loops.slot_count, begin);
    CopyParams(chunk, begin, count, a.param);
    a.grad = EditedGrad(chunk.edit, grad + begin, count, edited);
    StepArrays(loops, loop, c, a, static_cast<size_t>(count));
    EndBlock<T, G>(chunk, begin, count);
  }
}

template <typename T>
void StepChunkOf(const void* rule_loops, const Chunk& chunk) {
  if (chunk.count == 0) return;
  const auto& loops = *static_cast<const RuleLoops<T>*>(rule_loops);
  const Constants<T> c(*chunk.scalars, FactorOf(chunk.edit));
  const Loop<T> loop = ChooseLoop(loops, c, chunk.scalars->is_usual);
  const opt_dtype own = sizeof(T) == sizeof(float) ? OPT_F32 : OPT_F64;
  if (chunk.grad_dtype == own && !(chunk.edit.max_value > 0) &&
      !chunk.zero_grad && chunk.param_copies == 0 && chunk.average == nullptr &&
      chunk.slow == nullptr) {
    Arrays<T> a = ArraysFrom<T>(chunk, loops.slot_count, 0);
    a.grad = static_cast<const T*>(chunk.grad);
    StepArrays(loops, loop, c, a, static_cast<size_t>(chunk.count));
  } else if (chunk.grad_dtype == OPT_F32) {
    StepBlocks<T, float>(loops, loop, c, chunk);
  } else {
    StepBlocks<T, double>(loops, loop, c, chunk);
  }
}

ChunkFunction StepChunk(opt_dtype param_dtype) {
  return param_dtype == OPT_F32 ? &StepChunkOf<float> : &StepChunkOf<double>;
}

// A tensor this small is finished before the CPU has noticed which addresses
// come next, and so cannot have fetched them.
constexpr int64_t kPrefetchBytes = 256;

template <typename T>
HWY_INLINE void Prefetch(const PlainTensor& tensor, int slot_count) {
  hwy::Prefetch(static_cast<const char*>(tensor.param));
  hwy::Prefetch(static_cast<const char*>(tensor.grad));
  for (int k = 0; k < slot_count; ++k) {
    hwy::Prefetch(tensor.slots + k * tensor.pitch);
  }
}

template <typename T>
void StepPlainOf(const PreparedStep& step, const PlainTensor& tensor,
                 const PlainTensor* next) {
  const auto& loops = *static_cast<const RuleLoops<T>*>(step.loops);
  Arrays<T> a;
  a.param = static_cast<T*>(tensor.param);
  a.grad = static_cast<const T*>(tensor.grad);
  char* slot = tensor.slots;
  for (int k = 0; loops.layout >> k != 0; ++k) {
    if ((loops.layout >> k & 1) == 0) continue;
    a.slots[k] = static_cast<T*>(static_cast<void*>(slot));
    slot += tensor.pitch;
  }
  if (next != nullptr &&
      next->count * static_cast<int64_t>(sizeof(T)) <= kPrefetchBytes) {
    Prefetch<T>(*next, loops.slot_count);
  }
  StepArrays(loops, reinterpret_cast<Loop<T>>(step.loop),
             *static_cast<const Constants<T>*>(
                 static_cast<const void*>(step.constants)),
             a, static_cast<size_t>(tensor.count));
}

template <typename T>
void PrepareStepOf(const void* rule_loops, const Scalars& scalars,
                   PreparedStep* step) {
  static_assert(sizeof(Constants<T>) <= sizeof(step->constants));
  const auto& loops = *static_cast<const RuleLoops<T>*>(rule_loops);
  const auto* const c = new (step->constants) Constants<T>(scalars, 1);
  step->function = &StepPlainOf<T>;
  step->loops = rule_loops;
  step->loop =
      reinterpret_cast<void (*)()>(ChooseLoop(loops, *c, scalars.is_usual));
}

PrepareStepFunction PrepareStep(opt_dtype param_dtype) {
  return param_dtype == OPT_F32 ? &PrepareStepOf<float>
                                : &PrepareStepOf<double>;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace libopt
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include "src/kernel/dispatch.h"

namespace libopt {
namespace {

OPT_EXPORT(StepChunk);
OPT_EXPORT(PrepareStep);

}  // namespace

StepKernel FindStep(int rule, int target, opt_dtype param_dtype,
                    Layout layout) {
  return {OPT_DISPATCH(StepChunk, target)(param_dtype),
          OPT_DISPATCH(PrepareStep, target)(param_dtype),
          LoopsOfRule(rule, target, param_dtype, layout)};
}

}  // namespace libopt

#endif  // HWY_ONCE
