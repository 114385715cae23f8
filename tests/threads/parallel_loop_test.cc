// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/parallel/parallel_loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace libopt::threads {
namespace {

constexpr int kThreads = 3;
constexpr int kRounds = 200;

using Counts = std::vector<std::atomic<int>>;

// All threads begin with the same iteration, round after round.
TEST(ParallelLoopTest, RunsEachIterationOnceWhoeverComes) {
  Counts counts(kMaxParts);
  const auto loop = std::make_unique<ParallelLoop>();
  for (int round = 1; round <= kRounds; ++round) {
    loop->Arm(
        [](void* data, int64_t part) {
          ++(*static_cast<Counts*>(data))[static_cast<size_t>(part)];
        },
        &counts, kMaxParts);
    std::atomic<int> ready{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        ++ready;
        while (ready < kThreads) std::this_thread::yield();
        loop->RunRest(0);
        loop->Wait();
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(loop->done(), kMaxParts);
    for (const std::atomic<int>& count : counts) ASSERT_EQ(count, round);
  }
}

TEST(ParallelLoopTest, RunsWhatIsLeftFromAnyIterationOn) {
  Counts counts(10);
  ParallelLoop loop;
  loop.Arm(
      [](void* data, int64_t part) {
        ++(*static_cast<Counts*>(data))[static_cast<size_t>(part)];
      },
      &counts, 10);
  loop.RunOne(3);
  loop.RunOne(3);
  EXPECT_EQ(loop.done(), 1);
  loop.RunRest(7);
  EXPECT_EQ(loop.done(), 10);
  for (const std::atomic<int>& count : counts) EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace libopt::threads
