// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>

#include "src/os/cpu.h"
#include "src/os/fp_env.h"
#include "src/os/memory.h"
#include "src/os/pages.h"

namespace libopt::os {
namespace {

TEST(ThreadTest, RunsItsBodyAndIsJoined) {
  std::atomic<int> runs{0};
  Thread threads[8];
  for (Thread& thread : threads) {
    ASSERT_TRUE(thread.Start(
        [](void* data) { ++*static_cast<std::atomic<int>*>(data); }, &runs));
  }
  for (Thread& thread : threads) thread.Join();
  EXPECT_EQ(runs, 8);
}

TEST(ThreadTest, ThereIsACpuAndAProcess) {
  EXPECT_GE(CpuCount(), 1);
  EXPECT_NE(ProcessId(), 0);
  CountForks();
  EXPECT_EQ(ForkCount(), 0U);
  Pause();
  SleepBriefly();
}

TEST(MemoryTest, IsAlignedAndPagesAreZero) {
  for (size_t alignment = 8; alignment <= 4096; alignment *= 2) {
    void* memory = AllocateAligned(100, alignment);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % alignment, 0U);
    FreeAligned(memory);
  }
  const size_t size = size_t{5} << 20;
  ASSERT_TRUE(WantsPages(size));
  auto* pages = static_cast<char*>(AllocatePages(size));
  ASSERT_NE(pages, nullptr);
  EXPECT_EQ(pages[0] | pages[size - 1], 0);
  FreePages(pages, size);
}

}  // namespace
}  // namespace libopt::os
