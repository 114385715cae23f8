// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The loop around a rule's Update(): loads, work on the gradient, weight decay,
// stores. Included by rule.cc after the rule's vector part, once per SIMD
// target; everything is private to that translation unit.

HWY_BEFORE_NAMESPACE();
namespace libopt {
namespace HWY_NAMESPACE {
namespace {

// Scalars rounded to the parameter's type, once per chunk.
template <typename T>
struct Constants {
  explicit Constants(const Chunk& chunk) {
    const Scalars& s = *chunk.scalars;
    grad_scale = static_cast<T>(s.grad_scale * FactorOf(chunk.edit));
    coupled_decay = static_cast<T>(s.coupled_decay);
    decoupled_decay = static_cast<T>(s.decoupled_decay);
    for (int i = 0; i < kMaxScalars; ++i) rule[i] = static_cast<T>(s.rule[i]);
  }
  T grad_scale;
  T coupled_decay;
  T decoupled_decay;
  T rule[kMaxScalars];
};

// The arrays of a piece of a tensor, from an element on.
template <typename T>
struct Arrays {
  T* param;
  const T* grad;
  T* slots[kMaxSlots];
};

constexpr bool Has(Layout layout, int slot) {
  return (layout >> slot & 1) != 0;
}

template <Layout kLayout, int kSlot, class D, typename T>
HWY_INLINE hn::Vec<D> LoadSlot(D d, const Arrays<T>& a, size_t i) {
  if constexpr (Has(kLayout, kSlot)) return LoadU(d, a.slots[kSlot] + i);
  return Zero(d);
}

template <Layout kLayout, int kSlot, class D, typename T>
HWY_INLINE void StoreSlot(D d, hn::Vec<D> state, const Arrays<T>& a, size_t i) {
  if constexpr (Has(kLayout, kSlot)) {
    StoreU(FlushSubnormal(d, state), d, a.slots[kSlot] + i);
  }
}

// Where weight decay enters. A parameter of the templates, since branches in
// the loop cost up to a half of its time.
enum class Decay { kNone, kCoupled, kDecoupled };

// Steps over the vector at `from.xxx + i`; the results go to `to.xxx + j`.
template <class R, Layout kLayout, Decay kDecay, class D, typename T>
HWY_INLINE void StepVector(D d, const Constants<T>& c, const Arrays<T>& from,
                           size_t i, const Arrays<T>& to, size_t j) {
  using V = hn::Vec<D>;
  const V param = LoadU(d, from.param + i);
  V grad = Mul(Set(d, c.grad_scale), LoadU(d, from.grad + i));
  if constexpr (kDecay == Decay::kCoupled) {
    grad = Add(grad, Mul(Set(d, c.coupled_decay), param));
  }
  V s0 = LoadSlot<kLayout, 0>(d, from, i);
  V s1 = LoadSlot<kLayout, 1>(d, from, i);
  V s2 = LoadSlot<kLayout, 2>(d, from, i);
  V s3 = LoadSlot<kLayout, 3>(d, from, i);
  V update = Update<kLayout>(R(), d, c.rule, grad, s0, s1, s2, s3);
  if constexpr (kDecay == Decay::kDecoupled) {
    update = Add(update, Mul(Set(d, c.decoupled_decay), param));
  }
  StoreU(Sub(param, update), d, to.param + j);
  StoreSlot<kLayout, 0>(d, s0, to, j);
  StoreSlot<kLayout, 1>(d, s1, to, j);
  StoreSlot<kLayout, 2>(d, s2, to, j);
  StoreSlot<kLayout, 3>(d, s3, to, j);
}

// A vector of each array, in memory of its own.
template <typename T>
struct Buffer {
  T lanes[2 + kMaxSlots][hn::MaxLanes(hn::ScalableTag<T>())];

  Arrays<T> arrays() {
    return {lanes[0], lanes[1], {lanes[2], lanes[3], lanes[4], lanes[5]}};
  }
};

template <Layout kLayout, typename T>
HWY_INLINE void CopyResults(const Arrays<T>& from, const Arrays<T>& to,
                            size_t begin, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    to.param[begin + i] = from.param[i];
    for (int k = 0; k < kMaxSlots; ++k) {
      if (Has(kLayout, k)) to.slots[k][begin + i] = from.slots[k][i];
    }
  }
}

// Fewer elements than a vector: the same code, on copies padded with zeros, so
// that a value does not depend on its position and nothing outside the arrays
// is touched.
template <class R, Layout kLayout, Decay kDecay, typename T>
HWY_NOINLINE void StepFew(const Constants<T>& c, const Arrays<T>& a,
                          size_t count) {
  Buffer<T> buffer = {};
  for (size_t i = 0; i < count; ++i) {
    buffer.lanes[0][i] = a.param[i];
    buffer.lanes[1][i] = a.grad[i];
    for (int k = 0; k < kMaxSlots; ++k) {
      if (Has(kLayout, k)) buffer.lanes[2 + k][i] = a.slots[k][i];
    }
  }
  const Arrays<T> padded = buffer.arrays();
  StepVector<R, kLayout, kDecay>(hn::ScalableTag<T>(), c, padded, 0, padded, 0);
  CopyResults<kLayout>(padded, a, 0, count);
}

// The loop works on copies of its own, which can stay in registers: for all
// that the compiler knows, a store to an array changes what the references
// stand for. The last vector may overlap the one before it, so it is computed
// first, while nothing has changed yet, and stored last.
template <class R, Layout kLayout, Decay kDecay, typename T>
HWY_NOINLINE void StepMany(const Constants<T>& constants,
                           const Arrays<T>& arrays, size_t count) {
  const Constants<T> c = constants;
  const Arrays<T> a = arrays;
  const hn::ScalableTag<T> d;
  const size_t lanes = hn::Lanes(d);
  const bool overlaps = count % lanes != 0;
  const size_t last = count - lanes;
  Buffer<T> buffer;
  const Arrays<T> result = buffer.arrays();
  if (overlaps) StepVector<R, kLayout, kDecay>(d, c, a, last, result, 0);
  for (size_t i = 0; i + lanes <= count; i += lanes) {
    StepVector<R, kLayout, kDecay>(d, c, a, i, a, i);
  }
  if (overlaps) CopyResults<kLayout>(result, a, last, lanes);
}

template <class R, Layout kLayout, Decay kDecay, typename T>
HWY_INLINE void StepDecay(const Constants<T>& c, const Arrays<T>& a,
                          size_t count) {
  if (count < hn::Lanes(hn::ScalableTag<T>())) {
    StepFew<R, kLayout, kDecay>(c, a, count);
  } else {
    StepMany<R, kLayout, kDecay>(c, a, count);
  }
}

template <class R, Layout kLayout, typename T>
HWY_INLINE void StepArrays(const Constants<T>& c, const Arrays<T>& a,
                           size_t count) {
  if (c.decoupled_decay != 0) {
    StepDecay<R, kLayout, Decay::kDecoupled>(c, a, count);
  } else if (c.coupled_decay != 0) {
    StepDecay<R, kLayout, Decay::kCoupled>(c, a, count);
  } else {
    StepDecay<R, kLayout, Decay::kNone>(c, a, count);
  }
}

template <typename T>
Arrays<T> ArraysFrom(const Chunk& chunk, int64_t begin) {
  Arrays<T> a = {static_cast<T*>(chunk.param) + begin, nullptr, {}};
  for (int k = 0; k < kMaxSlots; ++k) {
    if (chunk.slots[k] != nullptr) {
      a.slots[k] = static_cast<T*>(chunk.slots[k]) + begin;
    }
  }
  return a;
}

// A chunk whose gradient has type G: one pass over all of it, or, where there
// is work before the rule or after it, block by block in the first-level cache.
template <class R, Layout kLayout, typename T, typename G>
void StepChunkFrom(const Chunk& chunk) {
  const Constants<T> c(chunk);
  const bool whole = !NeedsEdit<T, G>(chunk.edit) && !chunk.zero_grad &&
                     chunk.average == nullptr;
  const int64_t block = whole ? chunk.count : kBlock;
  G* grad = static_cast<G*>(chunk.grad);
  T edited[kBlock];
  for (int64_t begin = 0; begin < chunk.count; begin += block) {
    const int64_t count = HWY_MIN(block, chunk.count - begin);
    Arrays<T> a = ArraysFrom<T>(chunk, begin);
    a.grad = EditedGrad(chunk.edit, grad + begin, count, edited);
    StepArrays<R, kLayout>(c, a, static_cast<size_t>(count));
    if (chunk.average != nullptr) {
      AverageArrays(a.param, static_cast<T*>(chunk.average) + begin,
                    static_cast<size_t>(count), chunk.average_weights);
    }
    if (chunk.zero_grad) {
      for (int64_t i = 0; i < count; ++i) grad[begin + i] = 0;
    }
  }
}

template <class R, Layout kLayout, typename T>
void StepChunk(const Chunk& chunk) {
  if (chunk.grad_dtype == OPT_F32) {
    StepChunkFrom<R, kLayout, T, float>(chunk);
  } else {
    StepChunkFrom<R, kLayout, T, double>(chunk);
  }
}

// Whether a layout has every slot that always exists, and no unknown one.
template <class R>
constexpr bool IsLayout(Layout layout) {
  for (int k = 0; k < R::kDescriptor.slot_count; ++k) {
    const bool always = R::kDescriptor.slots[k].when_option == kAlways;
    if (always && !Has(layout, k)) return false;
  }
  return layout >> R::kDescriptor.slot_count == 0;
}

template <class R, typename T, Layout kLayout = 0>
ChunkFunction SelectFrom(Layout layout) {
  if constexpr (kLayout >> R::kDescriptor.slot_count != 0) {
    return nullptr;
  } else {
    if constexpr (IsLayout<R>(kLayout)) {
      if (layout == kLayout) return &StepChunk<R, kLayout, T>;
    }
    return SelectFrom<R, T, kLayout + 1>(layout);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace libopt
HWY_AFTER_NAMESPACE();
