// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A memory resource that counts what is taken, and fails when it is told to.

#ifndef OPT_TESTS_STATE_COUNTED_MEMORY_H_
#define OPT_TESTS_STATE_COUNTED_MEMORY_H_

#include <algorithm>
#include <cstddef>
#include <new>

#include "src/base/memory.h"
#include "src/base/pmr.h"

namespace opt_test {

// The most bytes that may be taken for one byte of a header.
constexpr size_t kMostPerByte = 10;

class CountedMemory : public libopt::pmr::MemoryResource {
 public:
  size_t now = 0;   // bytes
  size_t most = 0;  // bytes at any time
  int allocations = 0;
  int failing = -1;  // the allocation that fails, counted from 0

 private:
  void* DoAllocate(size_t size, size_t alignment) override {
    if (allocations++ == failing) throw std::bad_alloc();
    now += size;
    most = std::max(most, now);
    return libopt::ProcessMemory()->Allocate(size, alignment);
  }
  void DoDeallocate(void* memory, size_t size, size_t alignment) override {
    now -= size;
    libopt::ProcessMemory()->Deallocate(memory, size, alignment);
  }
};

}  // namespace opt_test

#endif  // OPT_TESTS_STATE_COUNTED_MEMORY_H_
