// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A process that saves again and again is killed.

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <random>

#include "tests/files/intercept.h"
#include "tests/files/scratch.h"

namespace libopt::os {
namespace {

constexpr int kRounds = 250;
constexpr size_t kSize = 200000;

// The messages of the writer, in memory that outlives it.
struct Progress {
  std::atomic<int> calls{0};  // system calls begun
  std::atomic<int> saved{0};  // the last generation whose save has ended
};

class KillTest : public TargetTest {
 protected:
  void SetUp() override {
    void* memory = mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    progress_ = new (memory) Progress;
  }
  void TearDown() override { munmap(progress_, sizeof(Progress)); }

  // Starts a process that saves generation after generation, and that kills
  // itself ahead of its call number `last`, if that is not 0.
  pid_t StartWriter(int last) {
    progress_->calls = 0;
    const pid_t writer = fork();
    if (writer == 0) SaveForever(last);
    return writer;
  }

  // An exception ends the process, by a signal that is not SIGKILL.
  [[noreturn]] void SaveForever(int last) noexcept {
    const Intercept intercept([&](const std::string& call) {
      if (++progress_->calls == last) raise(SIGKILL);
      // Bytes that the system has got survive the process.
      return call == "fsync" ? kPretends : kHappens;
    });
    for (;;) {
      Save(target_, Content(progress_->saved + 1, kSize));
      ++progress_->saved;
    }
  }

  // Waits for the end of the writer, and expects that the target is what it
  // saved last or was about to save.
  void Examine(pid_t writer) {
    int status = 0;
    ASSERT_EQ(waitpid(writer, &status, 0), writer);
    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
    const auto content = GetFile(target_);
    const int saved = progress_->saved;
    if (content == Content(saved + 1, kSize)) {
      progress_->saved = saved + 1;
    } else {
      ASSERT_TRUE(content == Content(saved, kSize)) << "generation " << saved;
    }
    // Of the writers before, nothing is left.
    ASSERT_LE(scratch_.Names().size(), 2);
    leftovers_ += static_cast<int>(scratch_.Names().size()) - 1;
  }

  // The last writer's leftover goes with the next save.
  void ExpectCleanEnd() {
    Save(target_, Content(0, kSize));
    EXPECT_EQ(scratch_.Names(), std::vector<std::string>{"target"});
  }

  Progress* progress_ = nullptr;
  int leftovers_ = 0;
};

TEST_F(KillTest, AtAnyMomentTheTargetIsOldOrNew) {
  Save(target_, Content(0, kSize));
  std::mt19937 random(1);
  for (int round = 0; round < kRounds; ++round) {
    const int moment = std::uniform_int_distribution<int>(1, 60)(random);
    const pid_t writer = StartWriter(0);
    ASSERT_GT(writer, 0);
    while (progress_->calls < moment &&
           waitpid(writer, nullptr, WNOHANG) == 0) {
      sched_yield();
    }
    kill(writer, SIGKILL);
    ASSERT_NO_FATAL_FAILURE(Examine(writer));
  }
  ExpectCleanEnd();
}

TEST_F(KillTest, AheadOfEveryCallTheTargetIsOldOrNew) {
  Save(target_, Content(0, kSize));
  const int start = progress_->saved;
  for (int last = 1; progress_->saved < start + 20; ++last) {
    const pid_t writer = StartWriter(last);
    ASSERT_GT(writer, 0);
    ASSERT_NO_FATAL_FAILURE(Examine(writer));
  }
  EXPECT_GT(leftovers_, 0);
  ExpectCleanEnd();
}

}  // namespace
}  // namespace libopt::os
