// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/memory.h"

#include <malloc.h>

namespace libopt::os {

void* AllocateAligned(size_t size, size_t alignment) {
  return _aligned_malloc(size, alignment);
}

void FreeAligned(void* memory) { _aligned_free(memory); }

}  // namespace libopt::os
