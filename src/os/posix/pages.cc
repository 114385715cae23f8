// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/pages.h"

#include <sys/mman.h>

namespace libopt::os {
namespace {

// The huge page of x86-64, and of aarch64 with its usual page size.
constexpr size_t kHugePage = size_t{2} << 20;

}  // namespace

bool WantsPages(size_t size) { return size >= 2 * kHugePage; }

// Touching fresh memory page by page costs more than writing to it: with huge
// pages, a load takes half the time. The advice is given for a separate
// mapping, since in malloc's memory it would outlive the array.
void* AllocatePages(size_t size) {
  void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return nullptr;
#if defined(MADV_HUGEPAGE)
  madvise(memory, size, MADV_HUGEPAGE);
#endif
  return memory;
}

void FreePages(void* memory, size_t size) { munmap(memory, size); }

}  // namespace libopt::os
