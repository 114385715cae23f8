// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Files on Windows: paths, locks, readers, and every call that fails.

#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <set>

#include "src/os/atomic_file.h"
#include "src/os/input_file.h"
#include "src/os/windows/file_calls.h"
#include "tests/windows/scratch.h"

namespace libopt::os {
namespace {

std::optional<FileError> ErrorOf(const std::function<void()>& body) {
  try {
    body();
  } catch (const FileError& error) {
    return error;
  }
  return std::nullopt;
}

class FilesTest : public testing::Test {
 protected:
  FilesTest() : found_(g_file_calls) {}
  ~FilesTest() override { g_file_calls = found_; }

  const FileCalls found_;
  const Scratch scratch_;
  const std::string target_ = scratch_ / "target";
};

TEST_F(FilesTest, ASaveCreatesAFileAndReplacesIt) {
  for (int generation = 1; generation <= 3; ++generation) {
    Save(target_, Content(generation, 100000));
    EXPECT_EQ(GetFile(target_), Content(generation, 100000));
  }
  EXPECT_EQ(scratch_.Names(), std::vector<std::string>{"target"});
}

TEST_F(FilesTest, PathsAreUtf8) {
  const std::string name = "\xD1\x84\xD0\xB0\xD0\xB9\xD0\xBB \xF0\x9F\x8E\xB2";
  Save(scratch_ / name, "content");
  EXPECT_EQ(scratch_.Names(), std::vector<std::string>{name});
  InputFile file((scratch_ / name).c_str());
  EXPECT_EQ(file.size(), 7);
}

TEST_F(FilesTest, APathThatIsNotUtf8IsRefused) {
  const std::string path = scratch_ / "a" + "\xFF";
  EXPECT_EQ(ErrorOf([&] { Save(path, "content"); })->code, EINVAL);
  EXPECT_EQ(ErrorOf([&] { InputFile file(path.c_str()); })->code, EINVAL);
}

TEST_F(FilesTest, PathsMayBeLongAndMixSlashes) {
  std::string path = scratch_ / std::string(200, 'a');
  std::filesystem::create_directory(std::filesystem::u8path("\\\\?\\" + path));
  path += "/" + std::string(200, 'b');
  Save(path, "content");
  InputFile file(path.c_str());
  EXPECT_EQ(file.size(), 7);
}

TEST_F(FilesTest, WhatIsNotAFileIsRefused) {
  EXPECT_EQ(ErrorOf([&] { Save(scratch_ / "", ""); })->code, EISDIR);
  const std::string folder = scratch_ / "folder";
  std::filesystem::create_directory(std::filesystem::u8path(folder));
  EXPECT_EQ(ErrorOf([&] { Save(folder, ""); })->code, EISDIR);
  EXPECT_EQ(ErrorOf([&] { InputFile file(folder.c_str()); })->code, EISDIR);
  EXPECT_EQ(ErrorOf([&] { Save("", ""); })->code, ENOENT);
  EXPECT_EQ(ErrorOf([&] { Save(folder + "/x/y", ""); })->code, ENOENT);
  EXPECT_EQ(ErrorOf([&] { InputFile file("missing"); })->code, ENOENT);
}

TEST_F(FilesTest, AFullDiskIsToldAndLeavesTheOldFile) {
  PutFile(target_, "old");
  g_file_calls.write_file = [](auto...) -> BOOL {
    SetLastError(ERROR_DISK_FULL);
    return FALSE;
  };
  EXPECT_EQ(ErrorOf([&] { Save(target_, "new"); })->code, ENOSPC);
  EXPECT_EQ(GetFile(target_), "old");
  EXPECT_EQ(scratch_.Names(), std::vector<std::string>{"target"});
}

TEST_F(FilesTest, WithoutACommitTheTargetStaysAsItWas) {
  PutFile(target_, "old");
  {
    AtomicFile file(target_.c_str(), 0);
    file.Write("new", 3);
    EXPECT_EQ(scratch_.Names().size(), 2);
  }
  EXPECT_EQ(GetFile(target_), "old");
  EXPECT_EQ(scratch_.Names(), std::vector<std::string>{"target"});
}

TEST_F(FilesTest, ALeftoverGoesAndTheFileOfALiveWriterStays) {
  PutFile(scratch_ / kLeftover, "leftover");
  AtomicFile other(target_.c_str(), 0);
  other.Write("other", 5);
  Save(target_, "mine");
  EXPECT_EQ(GetFile(target_), "mine");
  EXPECT_EQ(scratch_.Names().size(), 2);  // without the leftover
  other.Commit();
  EXPECT_EQ(GetFile(target_), "other");
  EXPECT_EQ(scratch_.Names(), std::vector<std::string>{"target"});
}

TEST_F(FilesTest, ReadsAtAnOffsetDoNotMoveThePosition) {
  PutFile(target_, "0123456789");
  InputFile file(target_.c_str());
  char read[10] = {};
  EXPECT_EQ(file.ReadAt(8, read, 10), 2);
  EXPECT_EQ(std::string(read, 2), "89");
  EXPECT_EQ(file.Read(read, 4), 4);
  EXPECT_EQ(file.ReadAt(0, read, 2), 2);
  EXPECT_EQ(file.Read(read, 10), 6);
  EXPECT_EQ(std::string(read, 6), "456789");
  EXPECT_EQ(file.Read(read, 10), 0);
}

// Fails the n-th call of those that can fail.
int g_left;
std::string g_struck;

bool Strikes(const char* name) {
  if (--g_left != 0) return false;
  g_struck = name;
  SetLastError(ERROR_GEN_FAILURE);
  return true;
}

FileCalls g_real;

FileCalls Failing() {
  FileCalls calls = g_real;
  calls.create_file = [](auto... args) -> HANDLE {
    if (Strikes("create_file")) return INVALID_HANDLE_VALUE;
    return g_real.create_file(args...);
  };
  calls.write_file = [](auto... args) -> BOOL {
    return !Strikes("write_file") && g_real.write_file(args...);
  };
  calls.flush = [](auto... args) -> BOOL {
    return !Strikes("flush") && g_real.flush(args...);
  };
  calls.get_information = [](auto... args) -> BOOL {
    return !Strikes("get_information") && g_real.get_information(args...);
  };
  calls.set_information = [](auto... args) -> BOOL {
    return !Strikes("set_information") && g_real.set_information(args...);
  };
  calls.final_path = [](auto... args) -> DWORD {
    return Strikes("final_path") ? 0 : g_real.final_path(args...);
  };
  calls.get_security = [](auto... args) -> BOOL {
    return !Strikes("get_security") && g_real.get_security(args...);
  };
  calls.move_file = [](auto... args) -> BOOL {
    return !Strikes("move_file") && g_real.move_file(args...);
  };
  calls.delete_file = [](auto... args) -> BOOL {
    return !Strikes("delete_file") && g_real.delete_file(args...);
  };
  calls.find_first = [](auto... args) -> HANDLE {
    if (Strikes("find_first")) return INVALID_HANDLE_VALUE;
    return g_real.find_first(args...);
  };
  calls.random = [](auto... args) -> int {
    return Strikes("random") ? EINVAL : g_real.random(args...);
  };
  return calls;
}

TEST_F(FilesTest, EveryFailureLeavesTheOldFileOrTheNewOneAndIsReported) {
  const std::set<std::string> harmless = {"delete_file", "find_first"};
  g_real = g_file_calls;
  std::set<std::string> seen;
  for (int n = 1;; ++n) {
    PutFile(target_, "old");
    PutFile(scratch_ / kLeftover, "leftover");
    g_left = n;
    g_struck.clear();
    g_file_calls = Failing();
    const auto error = ErrorOf([&] { Save(target_, "new"); });
    g_file_calls = g_real;
    if (g_struck.empty()) {
      EXPECT_FALSE(error);
      break;
    }
    SCOPED_TRACE("call " + std::to_string(n) + ", " + g_struck);
    seen.insert(g_struck);
    EXPECT_EQ(GetFile(target_), error ? "old" : "new");
    if (error) {
      EXPECT_EQ(error->code, EIO);
      EXPECT_EQ(error->path, target_);
    } else {
      EXPECT_TRUE(harmless.count(g_struck) == 1 || g_struck == "create_file");
    }
    for (const std::string& name : scratch_.Names()) {
      EXPECT_TRUE(name == "target" || name == kLeftover) << name;
    }
  }
  for (const char* call :
       {"create_file", "write_file", "flush", "get_information",
        "set_information", "final_path", "get_security", "delete_file",
        "find_first", "random"}) {
    EXPECT_EQ(seen.count(call), 1) << call;
  }
}

// Old systems, and wine, know only the other way to replace a file.
TEST_F(FilesTest, AFailureOfTheOtherWayToReplaceIsReported) {
  PutFile(target_, "old");
  g_real = g_file_calls;
  g_file_calls.set_information = [](auto...) -> BOOL {
    SetLastError(ERROR_INVALID_PARAMETER);
    return FALSE;
  };
  Save(target_, "new");
  EXPECT_EQ(GetFile(target_), "new");
  g_file_calls.move_file = [](auto...) -> BOOL {
    SetLastError(ERROR_DISK_FULL);
    return FALSE;
  };
  EXPECT_EQ(ErrorOf([&] { Save(target_, "newer"); })->code, ENOSPC);
  EXPECT_EQ(GetFile(target_), "new");
  EXPECT_EQ(scratch_.Names(), std::vector<std::string>{"target"});
}

int g_held;  // for how many calls more somebody has the target open

TEST_F(FilesTest, ATargetThatIsOpenForAMomentIsReplacedAfterIt) {
  g_real = g_file_calls;
  g_file_calls.set_information = [](auto...) -> BOOL {
    SetLastError(ERROR_INVALID_PARAMETER);
    return FALSE;
  };
  g_file_calls.move_file = [](auto... args) -> BOOL {
    SetLastError(g_held % 2 == 0 ? ERROR_ACCESS_DENIED
                                 : ERROR_SHARING_VIOLATION);
    return --g_held < 0 && g_real.move_file(args...);
  };
  g_held = 3;
  Save(target_, "new");
  EXPECT_EQ(GetFile(target_), "new");
  g_held = 1 << 20;
  EXPECT_TRUE(ErrorOf([&] { Save(target_, "newer"); }));
  EXPECT_EQ(GetFile(target_), "new");
  EXPECT_EQ(scratch_.Names(), std::vector<std::string>{"target"});
}

TEST_F(FilesTest, AnErrorWithoutAnErrnoTellsItsNumber) {
  g_file_calls.flush = [](auto...) -> BOOL {
    SetLastError(ERROR_CRC);
    return FALSE;
  };
  const auto error = ErrorOf([&] { Save(target_, "new"); });
  EXPECT_EQ(error->code, EIO);
  EXPECT_EQ(error->windows_error, ERROR_CRC);
}

}  // namespace
}  // namespace libopt::os
