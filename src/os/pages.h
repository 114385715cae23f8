// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Memory straight from the system, for arrays so large that the cost of
// touching their pages for the first time matters.

#ifndef OPT_SRC_OS_PAGES_H_
#define OPT_SRC_OS_PAGES_H_

#include <cstddef>

namespace libopt::os {

// Whether an array is large enough to have pages of its own.
bool WantsPages(size_t size);

// Pages for `size` bytes, zeroed, huge ones where the system has any; nullptr
// if there is no memory.
void* AllocatePages(size_t size);

// Gives back what AllocatePages() gave for the same size.
void FreePages(void* memory, size_t size);

}  // namespace libopt::os

#endif  // OPT_SRC_OS_PAGES_H_
