// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/base/memory.h"

#include "src/base/error.h"
#include "src/os/memory.h"
#include "src/os/pages.h"

namespace libopt {

// Gives misaligned memory back to the host before it throws.
void AllocatorResource::CheckAlignment(void* memory, size_t size,
                                       size_t alignment) const {
  if (reinterpret_cast<uintptr_t>(memory) % alignment == 0) return;
  allocator_.release(allocator_.user, memory, static_cast<int64_t>(size),
                     static_cast<int64_t>(alignment));
  Fail(OPT_ERR_MEMORY,
       "opt_context_config.allocate returned memory that is "
       "not aligned to ",
       static_cast<int64_t>(alignment),
       " bytes: return an address that is a multiple of `alignment`");
}

void* AllocatorResource::DoAllocate(size_t size, size_t alignment) {
  void* memory = nullptr;
  if (allocator_.allocate != nullptr) {
    memory = allocator_.allocate(allocator_.user, static_cast<int64_t>(size),
                                 static_cast<int64_t>(alignment));
    CheckAlignment(memory, size, alignment);
  } else if (os::WantsPages(size)) {
    memory = os::AllocatePages(size);
  } else {
    memory = os::AllocateAligned(size, alignment);
  }
  if (memory == nullptr) throw OutOfMemory(size);
  return memory;
}

void AllocatorResource::DoDeallocate(void* memory, size_t size,
                                     size_t alignment) {
  if (allocator_.release != nullptr) {
    allocator_.release(allocator_.user, memory, static_cast<int64_t>(size),
                       static_cast<int64_t>(alignment));
  } else if (os::WantsPages(size)) {
    os::FreePages(memory, size);
  } else {
    os::FreeAligned(memory);
  }
}

pmr::MemoryResource* ProcessMemory() {
  static AllocatorResource memory{Allocator{}};
  return &memory;
}

}  // namespace libopt
