// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Two writers of one target, and what dead ones have left behind.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "src/os/atomic_file.h"
#include "tests/files/intercept.h"
#include "tests/files/scratch.h"

namespace libopt::os {
namespace {

using Names = std::vector<std::string>;

class WritersTest : public TargetTest {
 protected:
  const std::string first_ = Content(1, 3000);
  const std::string second_ = Content(2, 2000);
};

TEST_F(WritersTest, AWholeSaveBetweenAnyTwoCallsOfAnotherHarmsNeither) {
  bool was_last = false;
  for (int n = 1; !was_last; ++n) {
    SCOPED_TRACE("before call " + std::to_string(n));
    int calls = 0;
    bool is_inside = false;
    {
      const Intercept intercept([&](const std::string& call) {
        if (!is_inside && ++calls == n) {
          is_inside = true;
          Save(target_, second_);
          is_inside = false;
        }
        return call == "fsync" ? kPretends : kHappens;
      });
      Save(target_, first_);
    }
    was_last = calls < n;
    const auto content = GetFile(target_);
    EXPECT_TRUE(content == first_ || content == second_);
    EXPECT_EQ(scratch_.Names(), Names{"target"});
  }
}

TEST_F(WritersTest, ManySavesAtOnceAllSucceedAndOneOfThemRemains) {
  const auto save_often = [&](const std::string& content) {
    for (int i = 0; i < 100; ++i) Save(target_, content);
  };
  const KeepCalls keep;
  g_file_calls.fsync = [](int) { return 0; };
  std::thread other([&] { save_often(first_); });
  save_often(second_);
  other.join();
  const auto content = GetFile(target_);
  EXPECT_TRUE(content == first_ || content == second_);
  EXPECT_EQ(scratch_.Names(), Names{"target"});
}

TEST_F(WritersTest, LeftoversOfDeadProcessesAreRemoved) {
  PutFile(scratch_ / kLeftover, "leftover");
  PutFile(scratch_ / ".target.libopt-ffffffffffffffff.tmp", "leftover");
  Save(target_, first_);
  EXPECT_EQ(scratch_.Names(), Names{"target"});
}

TEST_F(WritersTest, ALeftoverWithoutPermissionToWriteIsRemoved) {
  PutFile(scratch_ / kLeftover, "leftover");
  // As if this process were not root, to whom nothing is forbidden.
  const KeepCalls keep;
  g_file_calls.openat = [](int directory, const char* path, int flags,
                           mode_t mode) {
    if ((flags & (O_WRONLY | O_CREAT)) == O_WRONLY) {
      errno = EACCES;
      return -1;
    }
    return ::openat(directory, path, flags, mode);
  };
  Save(target_, first_);
  EXPECT_EQ(scratch_.Names(), Names{"target"});
}

TEST_F(WritersTest, WhatIsNoLeftoverOfThisTargetStays) {
  const Names others = {".other.libopt-0123456789abcdef.tmp",
                        ".target.libopt-0123456789abcde.tmp",
                        ".target.libopt-0123456789abcdef.txt",
                        ".target.libopt-0123456789abcdeg.tmp",
                        "atarget.libopt-0123456789abcdef.tmp"};
  for (const std::string& name : others) PutFile(scratch_ / name, "other");
  Save(target_, first_);
  Names expected = others;
  expected.emplace_back("target");
  EXPECT_EQ(scratch_.Names(), expected);
}

TEST_F(WritersTest, TheTemporaryFileOfALivingWriterStays) {
  AtomicFile living(target_.c_str(), 0);
  living.Write(first_.data(), first_.size());
  Save(target_, second_);
  EXPECT_EQ(GetFile(target_), second_);
  EXPECT_EQ(scratch_.Names().size(), 2);
  living.Commit();
  EXPECT_EQ(GetFile(target_), first_);
  EXPECT_EQ(scratch_.Names(), Names{"target"});
}

TEST_F(WritersTest, ATemporaryFileThatAnotherWriterHasLockedIsGivenUp) {
  bool is_first = true;
  Names taken;
  const Intercept intercept([&](const std::string& call) {
    if (call != "flock" || !std::exchange(is_first, false)) return kHappens;
    taken = scratch_.Names();
    return EWOULDBLOCK;
  });
  const AtomicFile file(target_.c_str(), 0);
  ASSERT_EQ(taken.size(), 1);
  ASSERT_EQ(scratch_.Names().size(), 1);
  EXPECT_NE(scratch_.Names(), taken);
}

TEST_F(WritersTest, WithoutAFreeNameTheSaveFails) {
  const KeepCalls keep;
  g_file_calls.getrandom = [](void* data, size_t size, unsigned) {
    std::fill_n(static_cast<char*>(data), size, '\0');
    return static_cast<ssize_t>(size);
  };
  const AtomicFile living(target_.c_str(), 0);
  const auto error = ErrorOf([&] { Save(target_, first_); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, EEXIST);
  EXPECT_EQ(scratch_.Names().size(), 1);
}

}  // namespace
}  // namespace libopt::os
