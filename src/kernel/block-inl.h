// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The arrays of a chunk, loops over them, and the work on each of its blocks
// before and after the rule. Compiled once per SIMD target.

#include <cstdint>
#include <cstring>

#include "hwy/highway.h"
#include "src/kernel/average-inl.h"
#include "src/kernel/kernels.h"
#include "src/kernel/lanes-inl.h"

#if defined(OPT_SRC_KERNEL_BLOCK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef OPT_SRC_KERNEL_BLOCK_INL_H_
#undef OPT_SRC_KERNEL_BLOCK_INL_H_
#else
#define OPT_SRC_KERNEL_BLOCK_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace libopt {
namespace HWY_NAMESPACE {

// The elements of a block, in vectors and then one by one.
template <typename T, class Body>
HWY_INLINE void ForEachVector(size_t count, const Body& body) {
  const hn::ScalableTag<T> d;
  const hn::CappedTag<T, 1> one;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) body(d, i);
  for (; i < count; ++i) body(one, i);
}

// to = scale * from.
template <typename T>
HWY_NOINLINE void ScaleArray(T scale, const T* from, size_t count, T* to) {
  ForEachVector<T>(count, [=](auto d, size_t i) HWY_ATTR {
    StoreU(Mul(Set(d, scale), LoadU(d, from + i)), d, to + i);
  });
}

// to = base + scale * from.
template <typename T>
HWY_NOINLINE void AddScaled(const T* base, T scale, const T* from, size_t count,
                            T* to) {
  ForEachVector<T>(count, [=](auto d, size_t i) HWY_ATTR {
    StoreU(Add(LoadU(d, base + i), Mul(Set(d, scale), LoadU(d, from + i))), d,
           to + i);
  });
}

// The arrays of a piece of a tensor, starting at one of its elements.
template <typename T>
struct Arrays {
  T* param;
  const T* grad;
  T* slots[kMaxSlots];
};

template <typename T>
HWY_INLINE Arrays<T> ArraysFrom(const Chunk& chunk, int slot_count,
                                int64_t begin) {
  Arrays<T> a;
  a.param = static_cast<T*>(chunk.param) + begin;
  a.grad = nullptr;
  for (int k = 0; k < slot_count; ++k) {
    T* slot = static_cast<T*>(chunk.slots[k]);
    a.slots[k] = slot == nullptr ? nullptr : slot + begin;
  }
  return a;
}

// Makes the first values of those slots that start as the parameter.
template <typename T>
HWY_INLINE void CopyParams(const Chunk& chunk, int64_t begin, int64_t count,
                           const T* param) {
  for (int k = 0; chunk.param_copies >> k != 0; ++k) {
    if ((chunk.param_copies >> k & 1) == 0) continue;
    std::memcpy(static_cast<T*>(chunk.slots[k]) + begin, param,
                static_cast<size_t>(count) * sizeof(T));
  }
}

// Whether EndBlock() has anything to do.
HWY_INLINE bool HasEnd(const Chunk& chunk) {
  return chunk.slow != nullptr || chunk.average != nullptr || chunk.zero_grad;
}

// Follows the step of a block: lookahead, averages, and setting the gradient to
// zero.
template <typename T, typename G>
HWY_INLINE void EndBlock(const Chunk& chunk, int64_t begin, int64_t count) {
  const auto elements = static_cast<size_t>(count);
  T* param = static_cast<T*>(chunk.param) + begin;
  if (chunk.slow != nullptr) {
    T* slow = static_cast<T*>(chunk.slow) + begin;
    AverageArrays(param, slow, elements, AverageOf(1 - chunk.slow_weight));
    std::memcpy(param, slow, elements * sizeof(T));
  }
  if (chunk.average != nullptr) {
    AverageArrays(param, static_cast<T*>(chunk.average) + begin, elements,
                  chunk.average_weights);
  }
  if (chunk.zero_grad) {
    std::memset(static_cast<G*>(chunk.grad) + begin, 0, elements * sizeof(G));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace libopt
HWY_AFTER_NAMESPACE();

#endif  // OPT_SRC_KERNEL_BLOCK_INL_H_
