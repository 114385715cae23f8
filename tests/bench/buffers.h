// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The arrays that the contestants work on. No two start at the same offset
// within a memory page, a huge page or the ways of a cache: equal offsets slow
// every loop down, each by another amount. They lie in huge pages, where there
// are any, as libopt's state does.

#ifndef OPT_TESTS_BENCH_BUFFERS_H_
#define OPT_TESTS_BENCH_BUFFERS_H_

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

namespace bench {

inline constexpr int kMaxSlots = 4;

template <class T>
constexpr const char* TypeName() {
  return sizeof(T) == sizeof(float) ? "f32" : "f64";
}

// The arrays of one call: a tensor, or a slice of it. `slots` beyond the
// rule's are nullptr.
template <class T>
struct Arrays {
  T* param;
  T* grad;
  T* slots[kMaxSlots];
  int64_t count;

  Arrays Slice(int64_t begin, int64_t end) const {
    Arrays slice = {param + begin, grad + begin, {}, end - begin};
    for (int k = 0; k < kMaxSlots; ++k) {
      if (slots[k] != nullptr) slice.slots[k] = slots[k] + begin;
    }
    return slice;
  }
};

// Owns a parameter array, a gradient array and `slot_count` state arrays, all
// filled with positive normal numbers.
template <class T>
class Buffers {
 public:
  Buffers(int slot_count, int64_t count) : arrays_{} {
    const size_t array_count = 2 + static_cast<size_t>(slot_count);
    const size_t bytes = static_cast<size_t>(count) * sizeof(T);
    const size_t pitch =
        (bytes + array_count * kStagger) / kHugePage * kHugePage + kHugePage;
    memory_.reset(std::aligned_alloc(kHugePage, array_count * pitch));
    if (memory_ == nullptr) throw std::bad_alloc();
    madvise(memory_.get(), array_count * pitch, MADV_HUGEPAGE);
    auto* start = static_cast<unsigned char*>(memory_.get());
    const auto next = [&start, pitch]() {
      T* array = reinterpret_cast<T*>(start);
      start += pitch + kStagger;
      return array;
    };
    arrays_.count = count;
    arrays_.param = next();
    arrays_.grad = next();
    for (int k = 0; k < slot_count; ++k) arrays_.slots[k] = next();
    Fill();
  }

  const Arrays<T>& arrays() const { return arrays_; }

  void FillGradient(T value) {
    for (int64_t i = 0; i < arrays_.count; ++i) arrays_.grad[i] = value;
  }

  static int64_t Bytes(int slot_count, int64_t count) {
    return (2 + slot_count) * count * static_cast<int64_t>(sizeof(T));
  }

 private:
  static constexpr size_t kHugePage = size_t{2} << 20;
  // Apart by about an eighth of a way of a second-level cache, and by nine
  // cache lines within a page.
  static constexpr size_t kStagger = (size_t{16} << 10) + 9 * 64;

  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };

  void Fill() {
    for (int64_t i = 0; i < arrays_.count; ++i) {
      const T varied = static_cast<T>(i % 13) / 16;
      arrays_.param[i] = T(0.5) + varied;
      arrays_.grad[i] = T(0.125) + varied;
      for (T* slot : arrays_.slots) {
        if (slot != nullptr) slot[i] = T(0.25) + varied;
      }
    }
  }

  std::unique_ptr<void, Free> memory_;
  Arrays<T> arrays_;
};

}  // namespace bench

#endif  // OPT_TESTS_BENCH_BUFFERS_H_
