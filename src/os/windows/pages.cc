// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/pages.h"

#include "src/os/windows/system.h"

namespace libopt::os {

bool WantsPages(size_t size) { return size >= size_t{4} << 20; }

// Large pages need a privilege that few processes have.
void* AllocatePages(size_t size) {
  return VirtualAlloc(nullptr, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

void FreePages(void* memory, size_t) { VirtualFree(memory, 0, MEM_RELEASE); }

}  // namespace libopt::os
