// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/pages.h"

namespace libopt::os {

// WebAssembly's memory is one array, which malloc shares out.
bool WantsPages(size_t) { return false; }

void* AllocatePages(size_t) { return nullptr; }

void FreePages(void*, size_t) {}

}  // namespace libopt::os
