// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/huge_pages.h"

#include <sys/mman.h>

#include <cstdint>

namespace opt::os {
namespace {

// Of x86-64, and of aarch64 with its usual pages.
constexpr size_t kHugePage = size_t{2} << 20;

// Less is not worth a call, nor an entry in the kernel's tables.
constexpr size_t kAdviseFrom = 2 * kHugePage;

}  // namespace

// Touching fresh memory page by page costs more than writing to it: a load
// takes half the time with huge pages.
void AdviseHugePages(void* memory, size_t size) {
  if (size < kAdviseFrom) return;
  const auto begin = reinterpret_cast<uintptr_t>(memory);
  const uintptr_t first = (begin + kHugePage - 1) & ~(kHugePage - 1);
  const uintptr_t last = (begin + size) & ~(kHugePage - 1);
  madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
}

}  // namespace opt::os
