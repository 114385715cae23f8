// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/base/memory.h"

#include <cstdlib>

#include "src/os/pages.h"

namespace libopt {

void* AllocatorResource::do_allocate(size_t size, size_t alignment) {
  void* memory = nullptr;
  if (allocator_.allocate != nullptr) {
    memory = allocator_.allocate(allocator_.user, static_cast<int64_t>(size),
                                 static_cast<int64_t>(alignment));
  } else if (os::WantsPages(size)) {
    memory = os::AllocatePages(size);
  } else if (alignment <= alignof(std::max_align_t)) {
    memory = std::malloc(size);
  } else {
    const size_t whole = (size + alignment - 1) / alignment * alignment;
    memory = std::aligned_alloc(alignment, whole);
  }
  if (memory == nullptr) throw OutOfMemory(size);
  return memory;
}

void AllocatorResource::do_deallocate(void* memory, size_t size,
                                      size_t alignment) {
  if (allocator_.release != nullptr) {
    allocator_.release(allocator_.user, memory, static_cast<int64_t>(size),
                       static_cast<int64_t>(alignment));
  } else if (os::WantsPages(size)) {
    os::FreePages(memory, size);
  } else {
    std::free(memory);
  }
}

}  // namespace libopt
