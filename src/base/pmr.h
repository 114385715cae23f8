// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Containers that allocate from memory of one's choice. This is the part of
// std::pmr that the library needs, without its default resource: a container
// must be told where its memory comes from. The original is missing from some
// C++ libraries, and a program that uses it does not start with those that came
// before it.

#ifndef OPT_SRC_BASE_PMR_H_
#define OPT_SRC_BASE_PMR_H_

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace libopt::pmr {

class MemoryResource {
 public:
  // Throws std::bad_alloc, or what is derived from it.
  void* Allocate(size_t size, size_t alignment) {
    return DoAllocate(size, alignment);
  }
  // Takes the size and the alignment that were allocated.
  void Deallocate(void* memory, size_t size, size_t alignment) {
    DoDeallocate(memory, size, alignment);
  }

 protected:
  MemoryResource() = default;
  MemoryResource(const MemoryResource&) = default;
  MemoryResource& operator=(const MemoryResource&) = default;
  ~MemoryResource() = default;

 private:
  virtual void* DoAllocate(size_t size, size_t alignment) = 0;
  virtual void DoDeallocate(void* memory, size_t size, size_t alignment) = 0;
};

// An allocator of the standard library. A copy of a container allocates where
// the original does.
template <typename T>
class Allocator {
 public:
  using value_type = T;  // NOLINT(readability-identifier-naming)

  // Converts implicitly, so that a container is made of its resource.
  Allocator(MemoryResource* resource)  // NOLINT(google-explicit-constructor)
      : resource_(resource) {}
  template <typename U>
  Allocator(const Allocator<U>& other)  // NOLINT(google-explicit-constructor)
      : resource_(other.resource()) {}

  T* allocate(size_t count) {
    return static_cast<T*>(resource_->Allocate(count * kSize, alignof(T)));
  }
  void deallocate(T* memory, size_t count) {
    resource_->Deallocate(memory, count * kSize, alignof(T));
  }
  MemoryResource* resource() const { return resource_; }

 private:
  // T may be a pointer.
  static constexpr size_t kSize =
      sizeof(T);  // NOLINT(bugprone-sizeof-expression)

  MemoryResource* resource_;
};

template <typename T, typename U>
bool operator==(const Allocator<T>& a, const Allocator<U>& b) {
  return a.resource() == b.resource();
}
template <typename T, typename U>
bool operator!=(const Allocator<T>& a, const Allocator<U>& b) {
  return a.resource() != b.resource();
}

template <typename T>
using Vector = std::vector<T, Allocator<T>>;
using String = std::basic_string<char, std::char_traits<char>, Allocator<char>>;
template <typename Key, typename T>
using Map =
    std::map<Key, T, std::less<Key>, Allocator<std::pair<const Key, T>>>;
template <typename Key, typename T>
using UnorderedMap =
    std::unordered_map<Key, T, std::hash<Key>, std::equal_to<Key>,
                       Allocator<std::pair<const Key, T>>>;
template <typename Key>
using UnorderedSet =
    std::unordered_set<Key, std::hash<Key>, std::equal_to<Key>, Allocator<Key>>;

}  // namespace libopt::pmr

#endif  // OPT_SRC_BASE_PMR_H_
