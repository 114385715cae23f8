// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The machine crashes, after every system call, in every way: what is not
// synced is kept, dropped or torn.

#include <gtest/gtest.h>

#include "tests/files/fake_disk.h"
#include "tests/files/scratch.h"

namespace libopt::os {
namespace {

constexpr char kTarget[] = "target";
constexpr mode_t kMode = 0640;

const std::string& Old() {
  static const std::string content = Content(1, 100);
  return content;
}
const std::string& New() {
  static const std::string content = Content(2, 150);
  return content;
}

// A directory with a dead process' leftover, and with an old file or without.
FakeDirectory Before(bool has_old) {
  FakeDirectory directory;
  FakeFile file;
  file.content = "leftover";
  directory.Put(kLeftover, file);
  if (has_old) {
    file.content = Old();
    file.mode = kMode;
    directory.Put(kTarget, file);
  }
  return directory;
}

// The target after every crash; nothing where it does not exist. Runs
// check(directory, target).
template <typename Check>
void ForEveryCrash(const FakeDirectory& directory, const Check& check) {
  for (const FakeDirectory& outcome : directory.Outcomes()) {
    if (!outcome.Get(kTarget)) {
      check(outcome, std::nullopt);
      continue;
    }
    for (const FakeFile& file : outcome.Get(kTarget)->Outcomes()) {
      FakeDirectory crashed = outcome;
      crashed.Put(kTarget, file);
      check(crashed, crashed.Get(kTarget));
    }
  }
}

void ExpectIsNew(const std::optional<FakeFile>& target, bool has_old) {
  ASSERT_TRUE(target);
  ASSERT_EQ(target->content, New());
  ASSERT_EQ(target->mode, has_old ? kMode : mode_t{0666});
}

void ExpectIsOld(const std::optional<FakeFile>& target, bool has_old) {
  ASSERT_EQ(target.has_value(), has_old);
  if (!target) return;
  ASSERT_EQ(target->content, Old());
  ASSERT_EQ(target->mode, kMode);
}

bool IsNew(const std::optional<FakeFile>& target) {
  return target && target->content == New();
}

class CrashTest : public testing::TestWithParam<bool> {};

TEST_P(CrashTest, BeforeTheEndOfTheSaveTheTargetIsOldOrNew) {
  const bool has_old = GetParam();
  std::vector<FakeDirectory> history;
  {
    const FakeDisk disk(Before(has_old));
    Save(kTarget, New());
    history = disk.history();
  }
  int crashes = 0;
  int news = 0;
  for (const FakeDirectory& moment : history) {
    ForEveryCrash(moment, [&](const auto&, const auto& target) {
      if (IsNew(target)) {
        ExpectIsNew(target, has_old);
        ++news;
      } else {
        ExpectIsOld(target, has_old);
      }
      ++crashes;
    });
    ASSERT_FALSE(HasFatalFailure()) << "after call " << &moment - &history[0];
  }
  EXPECT_GT(news, 2);
  EXPECT_GT(crashes, news + 20);
}

TEST_P(CrashTest, AfterASaveTheTargetIsNew) {
  const FakeDisk disk(Before(GetParam()));
  Save(kTarget, New());
  ForEveryCrash(disk.directory(), [&](const auto& crashed, const auto& target) {
    ExpectIsNew(target, GetParam());
    ASSERT_EQ(crashed.entries.size(), 1);
  });
}

TEST_P(CrashTest, TheNextSaveSucceedsAndLeavesNothingElse) {
  const std::string next = Content(3, 120);
  std::vector<FakeDirectory> history;
  {
    const FakeDisk disk(Before(GetParam()));
    Save(kTarget, New());
    history = disk.history();
  }
  for (const FakeDirectory& moment : history) {
    ForEveryCrash(moment, [&](const auto& crashed, const auto&) {
      const FakeDisk disk(crashed);
      Save(kTarget, next);
      ASSERT_EQ(disk.directory().Get(kTarget)->content, next);
      ASSERT_EQ(disk.directory().entries.size(), 1);
    });
  }
}

TEST_P(CrashTest, AnFsyncThatFailsIsNotTriedAgain) {
  FakeDisk disk(Before(GetParam()));
  disk.FailFsync(1);
  const auto error = ErrorOf([] { Save(kTarget, New()); });
  ASSERT_TRUE(error);
  EXPECT_FALSE(error->replaced);
  EXPECT_EQ(disk.fsyncs(), 1);
  for (const FakeDirectory& moment : disk.history()) {
    ForEveryCrash(moment, [&](const auto&, const auto& target) {
      ExpectIsOld(target, GetParam());
    });
  }
}

TEST_P(CrashTest, AnFsyncOfTheDirectoryThatFailsIsNotTriedAgain) {
  FakeDisk disk(Before(GetParam()));
  disk.FailFsync(2);
  const auto error = ErrorOf([] { Save(kTarget, New()); });
  ASSERT_TRUE(error);
  EXPECT_TRUE(error->replaced);
  EXPECT_EQ(disk.fsyncs(), 2);
  ExpectIsNew(disk.directory().Get(kTarget), GetParam());
}

INSTANTIATE_TEST_SUITE_P(Target, CrashTest, testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "Exists" : "IsNew";
                         });

TEST(OwnerTest, AReplacedFileKeepsItsOwnerAndGroup) {
  FakeDirectory before;
  before.Put(kTarget, {Old(), 0664, 1000, 100, "", 0, {}});
  const FakeDisk disk(before);
  Save(kTarget, New());
  const FakeFile file = *disk.directory().Get(kTarget);
  EXPECT_EQ(file.content, New());
  EXPECT_EQ(file.owner, 1000);
  EXPECT_EQ(file.group, 100);
  EXPECT_EQ(file.mode, 0664);
}

TEST(OwnerTest, WhereTheGroupCannotBeKeptNobodyGainsAccess) {
  for (const auto& [mode, expected] :
       {std::pair<mode_t, mode_t>{0640, 0600}, {0604, 0600}, {0664, 0644}}) {
    FakeDirectory before;
    before.Put(kTarget, {Old(), mode, 1000, 100, "", 0, {}});
    FakeDisk disk(before);
    disk.set_may_chown(false);
    Save(kTarget, New());
    EXPECT_EQ(disk.directory().Get(kTarget)->content, New());
    EXPECT_EQ(disk.directory().Get(kTarget)->mode, expected);
  }
}

}  // namespace
}  // namespace libopt::os
