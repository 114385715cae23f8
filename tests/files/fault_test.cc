// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The n-th system call fails, for every n.

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <map>
#include <set>

#include "tests/files/intercept.h"
#include "tests/files/scratch.h"

namespace libopt::os {
namespace {

// A save that makes every system call: of a file large enough for early
// writeback, through a link, in the place of one with other permissions and
// beside a dead process' leftover.
class FaultTest : public TargetTest {
 protected:
  void SetUp() override {
    PutFile(target_, old_);
    std::filesystem::permissions(target_, std::filesystem::perms(0640));
    PutFile(scratch_ / kLeftover, "leftover");
    std::filesystem::create_symlink("target", link_);
  }

  // Saves while the n-th call fails. Checks all that must be true whichever it
  // is. Returns its name, or "" if there were fewer calls.
  std::string SaveFailing(int n, int code) {
    const size_t open_files = OpenFiles();
    std::string struck;
    {
      const FailNth fail(n, code);
      error_ = ErrorOf([&] { Save(link_, new_); });
      struck = fail.struck();
    }
    SCOPED_TRACE("call " + std::to_string(n) + ", " + struck + ": " +
                 std::strerror(code));
    EXPECT_EQ(OpenFiles(), open_files);
    EXPECT_TRUE(std::filesystem::is_symlink(link_));
    const bool is_new = !error_ || error_->replaced;
    EXPECT_TRUE(GetFile(target_) == (is_new ? new_ : old_));
    if (error_) {
      EXPECT_EQ(error_->code, code);
      EXPECT_STRNE(error_->operation, "");
      EXPECT_TRUE(error_->path == target_ || error_->path == link_ ||
                  error_->path == scratch_ / "")
          << error_->path;
    }
    for (const std::string& name : scratch_.Names()) {
      EXPECT_TRUE(name == "link" || name == "target" || name == kLeftover)
          << name;
    }
    return struck;
  }

  // Runs check(call) after a save in which the n-th call failed, for every n.
  template <typename Check>
  void ForEveryCall(int code, const Check& check) {
    for (int n = 1;; ++n) {
      SetUpAgain();
      const std::string struck = SaveFailing(n, code);
      if (struck.empty()) break;
      SCOPED_TRACE("call " + std::to_string(n) + ", " + struck);
      check(struck);
      calls_.insert(struck);
      const FailNth none(0, 0);
      Save(link_, old_);
      EXPECT_EQ(scratch_.Names(), names_);
    }
  }

  void SetUpAgain() {
    std::filesystem::remove(link_);
    SetUp();
  }

  const std::string link_ = scratch_ / "link";
  const std::vector<std::string> names_ = {"link", "target"};
  const std::string old_ = Content(1, 1000);
  const std::string new_ = Content(2, size_t{9} << 20);
  std::optional<FileError> error_;
  std::set<std::string> calls_;
};

// The consequence of a call's failure for the save.
enum class Fate { kFails, kSucceeds, kEither };

const std::map<std::string, Fate>& Fates() {
  static const std::map<std::string, Fate> fates = {
      {"readlink", Fate::kFails},     {"fstatat", Fate::kFails},
      {"getrandom", Fate::kFails},    {"fstat", Fate::kFails},
      {"fchmod", Fate::kFails},       {"fallocate", Fate::kFails},
      {"write", Fate::kFails},        {"sync_file_range", Fate::kFails},
      {"fsync", Fate::kFails},        {"renameat", Fate::kFails},
      {"fdopendir", Fate::kSucceeds}, {"readdir", Fate::kSucceeds},
      {"closedir", Fate::kSucceeds},  {"close", Fate::kSucceeds},
      {"unlinkat", Fate::kSucceeds},  {"openat", Fate::kEither},
      {"flock", Fate::kEither}};
  return fates;
}

TEST_F(FaultTest, EveryFailureLeavesTheOldFileOrTheNewOneAndIsReported) {
  for (const int code : {EIO, ENOSPC}) {
    ForEveryCall(code, [&](const std::string& call) {
      ASSERT_EQ(Fates().count(call), 1);
      if (Fates().at(call) == Fate::kEither) return;
      EXPECT_EQ(error_.has_value(), Fates().at(call) == Fate::kFails);
    });
  }
  for (const auto& [call, fate] : Fates()) EXPECT_EQ(calls_.count(call), 1);
}

TEST_F(FaultTest, AnInterruptionDisturbsNothingButFsyncAndRename) {
  ForEveryCall(EINTR, [&](const std::string& call) {
    EXPECT_EQ(error_.has_value(), call == "fsync" || call == "renameat");
  });
}

TEST_F(FaultTest, AnUnsupportedOptionalCallDisturbsNothing) {
  const std::set<std::string> optional = {"fallocate", "sync_file_range",
                                          "flock"};
  int syncs = 0;
  const Intercept intercept([&](const std::string& call) {
    calls_.insert(call);
    if (call == "fsync" && ++syncs == 2) return EINVAL;  // of the directory
    return optional.count(call) != 0 ? EOPNOTSUPP : kHappens;
  });
  Save(link_, new_);
  EXPECT_TRUE(GetFile(target_) == new_);
  EXPECT_EQ(syncs, 2);
  EXPECT_EQ(calls_.count("sync_file_range"), 1);
}

TEST_F(FaultTest, WhenAllCallsFailFromOneOnTheTargetIsStillOldOrNew) {
  for (int n = 1;; ++n) {
    SetUpAgain();
    const FailNth fail(n, EIO, true);
    error_ = ErrorOf([&] { Save(link_, new_); });
    const bool is_new = !error_ || error_->replaced;
    ASSERT_TRUE(GetFile(target_) == (is_new ? new_ : old_)) << n;
    if (fail.struck().empty()) break;
  }
}

TEST_F(FaultTest, AFailureToReserveSpaceIsNoticedBeforeAnythingIsWritten) {
  int writes = 0;
  const Intercept intercept([&](const std::string& call) {
    if (call == "write") ++writes;
    return call == "fallocate" ? ENOSPC : kHappens;
  });
  error_ = ErrorOf([&] { Save(link_, new_); });
  ASSERT_TRUE(error_);
  EXPECT_EQ(error_->code, ENOSPC);
  EXPECT_STREQ(error_->operation, "reserve space for");
  EXPECT_EQ(error_->path, target_);
  EXPECT_EQ(writes, 0);
}

TEST_F(FaultTest, OnlyAFailedSyncOfTheDirectorySaysThatTheFileIsInPlace) {
  int syncs = 0;
  const Intercept intercept([&](const std::string& call) {
    return call == "fsync" && ++syncs == 2 ? EIO : kHappens;
  });
  error_ = ErrorOf([&] { Save(link_, new_); });
  ASSERT_TRUE(error_);
  EXPECT_TRUE(error_->replaced);
  EXPECT_EQ(error_->path, target_);
  EXPECT_EQ(scratch_.Names(), names_);
}

}  // namespace
}  // namespace libopt::os
