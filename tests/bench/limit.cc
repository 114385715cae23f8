// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The limit: what the memory allows; and the divider, what the CPU allows a
// rule with a root and a division. See peers.h.

#include <cmath>
#include <cstddef>
#include <cstring>

#include "tests/bench/peers.h"

namespace bench {
namespace {

// Zero, but the compiler cannot know: the arrays keep their values.
volatile double zero = 0;

// kBytes a vector, one after the other or two at a time.
template <class T, int kSlotCount, int kBytes>
void Stream(const Arrays<T>& arrays) {
  using Vector [[gnu::vector_size(kBytes)]] = T;
  constexpr int64_t kLanes = kBytes / sizeof(T);
  const T scale = static_cast<T>(zero);
  T* __restrict param = arrays.param;
  const T* __restrict grad = arrays.grad;
  T* __restrict s0 = arrays.slots[0];
  T* __restrict s1 = arrays.slots[1];
  T* __restrict s2 = arrays.slots[2];
  T* __restrict s3 = arrays.slots[3];
  const auto add = [](T* to, const Vector& amount) {
    Vector old;
    std::memcpy(&old, to, kBytes);
    old += amount;
    std::memcpy(to, &old, kBytes);
  };
  int64_t i = 0;
  for (; i + kLanes <= arrays.count; i += kLanes) {
    Vector amount;
    std::memcpy(&amount, grad + i, kBytes);
    amount *= scale;
    add(param + i, amount);
    if constexpr (kSlotCount > 0) add(s0 + i, amount);
    if constexpr (kSlotCount > 1) add(s1 + i, amount);
    if constexpr (kSlotCount > 2) add(s2 + i, amount);
    if constexpr (kSlotCount > 3) add(s3 + i, amount);
  }
  for (; i < arrays.count; ++i) {
    const T amount = scale * grad[i];
    param[i] += amount;
    if constexpr (kSlotCount > 0) s0[i] += amount;
    if constexpr (kSlotCount > 1) s1[i] += amount;
    if constexpr (kSlotCount > 2) s2[i] += amount;
    if constexpr (kSlotCount > 3) s3[i] += amount;
  }
}

template <class T, int kBytes>
LimitLoop<T> FindStream(int slot_count) {
  constexpr LimitLoop<T> kLoops[] = {Stream<T, 0, kBytes>, Stream<T, 1, kBytes>,
                                     Stream<T, 2, kBytes>, Stream<T, 3, kBytes>,
                                     Stream<T, 4, kBytes>};
  return kLoops[slot_count];
}

}  // namespace

template <class T>
LimitLoop<T> FindLimitLoop(int slot_count, int variant) {
  return variant == 0 ? FindStream<T, 32>(slot_count)
                      : FindStream<T, 64>(slot_count);
}

template LimitLoop<float> FindLimitLoop<float>(int, int);
template LimitLoop<double> FindLimitLoop<double>(int, int);

template <class T>
void Read(const Arrays<T>& arrays) {
  constexpr int kBytes = 64;
  using Vector [[gnu::vector_size(kBytes)]] = T;
  constexpr int64_t kLanes = kBytes / sizeof(T);
  Vector sums[2 + kMaxSlots] = {};
  const T* sources[2 + kMaxSlots] = {arrays.param, arrays.grad};
  int count = 2;
  for (const T* slot : arrays.slots) {
    if (slot != nullptr) sources[count++] = slot;
  }
  for (int64_t i = 0; i + kLanes <= arrays.count; i += kLanes) {
    for (int k = 0; k < count; ++k) {
      Vector vector;
      std::memcpy(&vector, sources[k] + i, kBytes);
      sums[k] += vector;
    }
  }
  for (int k = 0; k < count; ++k) {
    zero = zero + 0 * static_cast<double>(sums[k][0]);
  }
}

template void Read<float>(const Arrays<float>&);
template void Read<double>(const Arrays<double>&);

template <class T>
void Divide(const Arrays<T>& arrays) {
  const T scale = static_cast<T>(zero);
  T* __restrict param = arrays.param;
  const T* __restrict grad = arrays.grad;
  T* __restrict s0 = arrays.slots[0];
  T* __restrict s1 = arrays.slots[1];
  for (int64_t i = 0; i < arrays.count; ++i) {
    const T amount = scale * (grad[i] / std::sqrt(s1[i]));
    param[i] += amount;
    s0[i] += amount;
    s1[i] += amount;
  }
}

template void Divide<float>(const Arrays<float>&);
template void Divide<double>(const Arrays<double>&);

}  // namespace bench
