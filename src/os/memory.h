// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#ifndef OPT_SRC_OS_MEMORY_H_
#define OPT_SRC_OS_MEMORY_H_

#include <cstddef>

namespace libopt::os {

// Memory of the C library, which begins at a multiple of `alignment`, a power
// of two; nullptr if there is none.
void* AllocateAligned(size_t size, size_t alignment);

// Gives back what AllocateAligned() gave.
void FreeAligned(void* memory);

}  // namespace libopt::os

#endif  // OPT_SRC_OS_MEMORY_H_
