// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Memory from the host's allocator. If there is none, it comes from malloc, and
// for large arrays straight from the system.

#ifndef OPT_SRC_BASE_MEMORY_H_
#define OPT_SRC_BASE_MEMORY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

#include "src/base/pmr.h"

namespace libopt {

// The allocation callbacks of opt_context_config, both set or both nullptr.
struct Allocator {
  void* user = nullptr;
  void* (*allocate)(void* user, int64_t size, int64_t alignment) = nullptr;
  void (*release)(void* user, void* memory, int64_t size,
                  int64_t alignment) = nullptr;
};

// Thrown by an allocation that failed.
struct OutOfMemory : std::bad_alloc {
  explicit OutOfMemory(size_t bytes) : size(bytes) {}
  size_t size;
};

// Lets standard containers allocate from that allocator. Throws OutOfMemory.
class AllocatorResource final : public pmr::MemoryResource {
 public:
  constexpr explicit AllocatorResource(const Allocator& allocator)
      : allocator_(allocator) {}
  const Allocator& allocator() const { return allocator_; }

 private:
  void* DoAllocate(size_t size, size_t alignment) override;
  void DoDeallocate(void* memory, size_t size, size_t alignment) override;

  // Throws OPT_ERR_MEMORY if memory from the host is not aligned.
  void CheckAlignment(void* memory, size_t size, size_t alignment) const;

  Allocator allocator_;
};

// Memory for what belongs to no context. It never comes from the host's
// allocator.
pmr::MemoryResource* ProcessMemory();

// Makes and destroys one object in a memory resource.
template <typename T, typename... Args>
T* New(pmr::MemoryResource* memory, Args&&... args) {
  void* place = memory->Allocate(sizeof(T), alignof(T));
  try {
    return new (place) T(std::forward<Args>(args)...);
  } catch (...) {
    memory->Deallocate(place, sizeof(T), alignof(T));
    throw;
  }
}

template <typename T>
void Delete(pmr::MemoryResource* memory, T* object) {
  object->~T();
  memory->Deallocate(object, sizeof(T), alignof(T));
}

template <typename T>
struct Deleter {
  pmr::MemoryResource* memory = nullptr;
  void operator()(T* object) const { Delete(memory, object); }
};

template <typename T>
using Owned = std::unique_ptr<T, Deleter<T>>;

template <typename T, typename... Args>
Owned<T> MakeOwned(pmr::MemoryResource* memory, Args&&... args) {
  return Owned<T>(New<T>(memory, std::forward<Args>(args)...), {memory});
}

// Makes room for `needed` elements; growing one by one stays cheap.
template <typename Vector>
void ReserveRoom(int64_t needed, Vector* vector) {
  const auto size = static_cast<size_t>(needed);
  if (size > vector->capacity()) {
    vector->reserve(std::max(size, 2 * vector->capacity()));
  }
}

// Raw bytes that begin at the boundary of a cache line.
class Block {
 public:
  static constexpr size_t kAlignment = 64;

  Block() = default;
  Block(pmr::MemoryResource* memory, size_t size)
      : memory_(memory),
        size_(size),
        data_(size == 0 ? nullptr : memory->Allocate(size, kAlignment)) {}
  ~Block() {
    if (data_ != nullptr) memory_->Deallocate(data_, size_, kAlignment);
  }
  Block(Block&& other) noexcept { swap(other); }
  Block& operator=(Block&& other) noexcept {
    swap(other);
    return *this;
  }
  void swap(Block& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(size_, other.size_);
    std::swap(data_, other.data_);
  }

  char* data() const { return static_cast<char*>(data_); }
  size_t size() const { return size_; }

 private:
  pmr::MemoryResource* memory_ = nullptr;
  size_t size_ = 0;
  void* data_ = nullptr;
};

}  // namespace libopt

#endif  // OPT_SRC_BASE_MEMORY_H_
