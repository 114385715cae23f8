// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/memory.h"

#include <cstdlib>

namespace libopt::os {

void* AllocateAligned(size_t size, size_t alignment) {
  if (alignment <= alignof(std::max_align_t)) return std::malloc(size);
  const size_t whole = (size + alignment - 1) / alignment * alignment;
  return std::aligned_alloc(alignment, whole);
}

void FreeAligned(void* memory) { std::free(memory); }

}  // namespace libopt::os
