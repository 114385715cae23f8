// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Sleeping on a word: as the system does it, and as libopt does it where the
// system cannot.

#include "src/os/wait.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <thread>

#include "src/os/posix/wait_queues.h"

namespace libopt::threads {
namespace {

struct OfTheSystem {
  static void WaitWhile(const std::atomic<uint32_t>& word, uint32_t value) {
    os::WaitWhile(word, value);
  }
  static void Wake(std::atomic<uint32_t>* word) { os::WakeOne(word); }
};

template <typename Waiting>
class WaitTest : public testing::Test {};

using Kinds = testing::Types<OfTheSystem, os::WaitQueues>;
TYPED_TEST_SUITE(WaitTest, Kinds, );

TYPED_TEST(WaitTest, ReturnsAtOnceIfTheWordHasAnotherValue) {
  const std::atomic<uint32_t> word{1};
  TypeParam::WaitWhile(word, 2);
}

TYPED_TEST(WaitTest, NobodyNeedBeThereToBeWoken) {
  std::atomic<uint32_t> word{1};
  TypeParam::Wake(&word);
}

// Two threads wake each other in turns; a wake-up that is lost hangs the test.
TYPED_TEST(WaitTest, WakesWhoeverSleeps) {
  constexpr uint32_t kTurns = 5000;
  std::atomic<uint32_t> word{0};
  int64_t sum = 0;  // not atomic: each turn sees what the one before it wrote
  const auto play = [&](uint32_t mine) {
    for (uint32_t turn = mine; turn < kTurns; turn += 2) {
      while (word.load(std::memory_order_acquire) != turn) {
        TypeParam::WaitWhile(word, turn - 1);
      }
      sum += turn;
      word.store(turn + 1, std::memory_order_release);
      TypeParam::Wake(&word);
    }
  };
  std::thread other(play, 1);
  play(0);
  other.join();
  EXPECT_EQ(sum, int64_t{kTurns} * (kTurns - 1) / 2);
}

}  // namespace
}  // namespace libopt::threads
