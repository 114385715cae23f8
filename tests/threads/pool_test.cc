// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The pool's protocol: every part of a loop is done once when the loop returns,
// whether the workers are awake, asleep, or on their way.

#include "src/parallel/pool.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "src/base/memory.h"
#include "src/os/cpu.h"

namespace libopt::threads {
namespace {

constexpr int kThreads = 4;
constexpr int kLoops = 3000;
constexpr int64_t kAtOnce = 1;                 // nanoseconds until they sleep
constexpr int64_t kNever = 1'000'000'000'000;  // likewise, in effect

// A loop whose parts count how often they have run. The counts are no atomics:
// who runs a part twice, or returns before all parts have ended, is found by
// ThreadSanitizer even where the numbers are right.
class CountingLoop {
 public:
  explicit CountingLoop(int64_t parts) : counts_(static_cast<size_t>(parts)) {}

  ParallelLoop* Arm() {
    loop_->Arm(
        [](void* data, int64_t part) {
          auto* self = static_cast<CountingLoop*>(data);
          for (int i = 0; i < self->pauses_; ++i) os::Pause();
          ++self->counts_[static_cast<size_t>(part)];
        },
        this, static_cast<int64_t>(counts_.size()));
    return loop_.get();
  }

  void set_pauses(int pauses) { pauses_ = pauses; }
  const std::vector<int>& counts() const { return counts_; }

 private:
  std::vector<int> counts_;
  int pauses_ = 0;
  std::unique_ptr<ParallelLoop> loop_ = std::make_unique<ParallelLoop>();
};

Pool::Result RunWith(Pool* pool, CountingLoop* loop, int helpers) {
  Pool::Turn turn(pool);
  const Pool::Result result = turn.Run(loop->Arm(), helpers);
  turn.End();
  return result;
}

// Loops that are long and short, with few workers and with all.
void ExpectEachPartOnce(int64_t spin) {
  Pool pool(kThreads, spin, ProcessMemory());
  CountingLoop loop(2 * kThreads);
  for (int i = 1; i <= kLoops; ++i) {
    loop.set_pauses(i % 7 == 0 ? 1000 : i % 5);
    RunWith(&pool, &loop, i % kThreads);
    ASSERT_EQ(loop.counts(), std::vector<int>(loop.counts().size(), i));
  }
}

TEST(PoolTest, RunsEachPartOnceWithWorkersThatSleepAtOnce) {
  ExpectEachPartOnce(kAtOnce);
}

TEST(PoolTest, RunsEachPartOnceWithWorkersThatNeverSleep) {
  ExpectEachPartOnce(kNever);
}

TEST(PoolTest, RunsEachPartOnceWithWorkersThatSleepSoon) {
  ExpectEachPartOnce(0);
}

// More threads than there are cores to run them.
TEST(PoolTest, RunsEachPartOnceWithManyThreads) {
  constexpr int kMany = 24;
  Pool pool(kMany, kAtOnce, ProcessMemory());
  CountingLoop loop(kMany);
  for (int i = 1; i <= 200; ++i) {
    RunWith(&pool, &loop, kMany - 1);
    ASSERT_EQ(loop.counts(), std::vector<int>(loop.counts().size(), i));
  }
}

TEST(PoolTest, StartsAsManyWorkersAsAreWanted) {
  Pool pool(kThreads, 0, ProcessMemory());
  CountingLoop loop(kThreads);
  EXPECT_EQ(RunWith(&pool, &loop, 0).started, 0);
  EXPECT_EQ(RunWith(&pool, &loop, 2).started, 2);
  EXPECT_EQ(RunWith(&pool, &loop, 1).started, 0);
  EXPECT_EQ(RunWith(&pool, &loop, 3).started, 1);
  EXPECT_EQ(pool.Stop(), 3);
  EXPECT_EQ(pool.Stop(), 0);
  EXPECT_EQ(RunWith(&pool, &loop, 3).started, 3);
  EXPECT_EQ(loop.counts(), std::vector<int>(kThreads, 5));
}

TEST(PoolTest, StopsWorkersInWhateverStateTheyAre) {
  for (const int64_t spin : {kAtOnce, kNever}) {
    for (int i = 1; i <= 100; ++i) {
      Pool pool(kThreads, spin, ProcessMemory());
      CountingLoop loop(1);  // the caller has done it before they come
      for (int k = 0; k < i % 3; ++k) RunWith(&pool, &loop, kThreads - 1);
      EXPECT_EQ(pool.Stop(), i % 3 == 0 ? 0 : kThreads - 1);
    }
  }
}

TEST(PoolTest, OneCallerAtATimeHasTheWorkers) {
  Pool pool(kThreads, 0, ProcessMemory());
  constexpr Work kMuch = {1e9, 1e9};
  {
    Pool::Turn first(&pool);
    Pool::Turn second(&pool);
    EXPECT_EQ(first.Choose(kMuch), kThreads - 1);
    EXPECT_EQ(second.Choose(kMuch), 0);
  }
  Pool::Turn third(&pool);
  EXPECT_EQ(third.Choose(kMuch), kThreads - 1);
}

TEST(PoolTest, ServesSeveralCallers) {
  Pool pool(kThreads, 0, ProcessMemory());
  std::vector<std::thread> callers;
  for (int c = 0; c < 3; ++c) {
    callers.emplace_back([&] {
      CountingLoop loop(2 * kThreads);
      for (int i = 1; i <= 300; ++i) {
        Pool::Turn turn(&pool);
        const int helpers = turn.Choose({1e9, 1e9});
        turn.Run(loop.Arm(), helpers);
        turn.End();
        ASSERT_EQ(loop.counts(), std::vector<int>(loop.counts().size(), i));
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
}

TEST(PoolTest, LittleWorkCallsNobody) {
  Pool pool(kThreads, 0, ProcessMemory());
  for (int i = 0; i < 30; ++i) {
    Pool::Turn turn(&pool);
    EXPECT_EQ(turn.Choose({100, 100}), 0);
    turn.End();
  }
  EXPECT_EQ(pool.Stop(), 0);
}

// For one such loop a worker is not worth being started or woken.
TEST(PoolTest, LoopsThatFollowCloselyCallWorkersAfterAWhile) {
  constexpr Work kShort = {2000, 2000};
  Pool pool(2, kNever, ProcessMemory());
  int alone = 0;
  for (int helpers = 0; helpers == 0; ++alone) {
    Pool::Turn turn(&pool);
    helpers = turn.Choose(kShort);
    turn.End();
    ASSERT_LT(alone, 1000);
  }
  EXPECT_GT(alone, 1);
}

}  // namespace
}  // namespace libopt::threads
