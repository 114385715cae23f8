// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// src/os/wasm on the files that node has mounted.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "src/os/atomic_file.h"
#include "src/os/input_file.h"
#include "src/os/thread.h"

namespace opt_test {
namespace {

using libopt::os::AtomicFile;
using libopt::os::FileError;
using libopt::os::InputFile;

class WasmFilesTest : public ::testing::Test {
 protected:
  WasmFilesTest() {
    char place[] = "/tmp/libopt-files-XXXXXX";
    directory_ = mkdtemp(place);
  }
  ~WasmFilesTest() override {
    for (const char* name : {"target", "link", "folder/inside"}) {
      unlink(Path(name).c_str());
    }
    rmdir(Path("folder").c_str());
    rmdir(directory_.c_str());
  }

  std::string Path(const std::string& name) const {
    return directory_ + '/' + name;
  }
  // The target is alone: no temporary file is left.
  bool IsAlone(const std::string& name) const {
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      if (entry.path().filename() != name) return false;
      ++files;
    }
    return files == 1;
  }

  static std::string Contents(const std::string& path) {
    InputFile file(path.c_str());
    std::string contents(static_cast<size_t>(file.size()), '\0');
    contents.resize(file.Read(contents.data(), contents.size()));
    return contents;
  }
  static void Save(const std::string& path, const std::string& contents) {
    AtomicFile file(path.c_str(), 0);
    file.Write(contents.data(), contents.size());
    file.Commit();
  }

 private:
  std::string directory_;
};

TEST_F(WasmFilesTest, AFileIsCreatedAndReplacedAsAWhole) {
  const std::string path = Path("target");
  Save(path, "first, which is longer");
  Save(path, "second");
  EXPECT_EQ(Contents(path), "second");
  EXPECT_TRUE(IsAlone("target"));
}

TEST_F(WasmFilesTest, WithoutACommitTheOldFileStays) {
  const std::string path = Path("target");
  Save(path, "old");
  {
    AtomicFile file(path.c_str(), 0);
    file.Write("new", 3);
    EXPECT_EQ(Contents(path), "old");
  }
  EXPECT_EQ(Contents(path), "old");
  EXPECT_TRUE(IsAlone("target"));
}

TEST_F(WasmFilesTest, PermissionsAndSymbolicLinksStay) {
  const std::string path = Path("target");
  Save(path, "old");
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  ASSERT_EQ(symlink(path.c_str(), Path("link").c_str()), 0);
  Save(Path("link"), "new");
  struct stat status = {};
  ASSERT_EQ(lstat(Path("link").c_str(), &status), 0);
  EXPECT_TRUE(S_ISLNK(status.st_mode));
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640U);
  EXPECT_EQ(Contents(path), "new");
}

TEST_F(WasmFilesTest, PartsAreReadFromAnyPlace) {
  const std::string path = Path("target");
  Save(path, "0123456789");
  InputFile file(path.c_str());
  char part[8] = {};
  EXPECT_EQ(file.ReadAt(7, part, 8), 3U);
  EXPECT_EQ(std::string(part, 3), "789");
  EXPECT_EQ(file.ReadAt(2, part, 3), 3U);
  EXPECT_EQ(std::string(part, 3), "234");
  EXPECT_EQ(file.size(), 10);
}

TEST_F(WasmFilesTest, FailuresTellTheirReason) {
  const auto code_of = [](const auto& call) {
    try {
      call();
    } catch (const FileError& error) {
      return error.code;
    }
    return 0;
  };
  ASSERT_EQ(mkdir(Path("folder").c_str(), 0777), 0);
  EXPECT_EQ(code_of([&] { InputFile file(Path("none").c_str()); }), ENOENT);
  EXPECT_EQ(code_of([&] { InputFile file(Path("folder").c_str()); }), EISDIR);
  EXPECT_EQ(code_of([&] { Save(Path("none/target"), "x"); }), ENOENT);
  EXPECT_EQ(code_of([&] { Save(Path("folder"), "x"); }), EISDIR);
}

TEST(WasmThreadTest, NoneStartsAndThereIsOneCpu) {
  libopt::os::Thread thread;
  EXPECT_FALSE(thread.Start([](void*) {}, nullptr));
  EXPECT_EQ(libopt::os::CpuCount(), 1);
}

}  // namespace
}  // namespace opt_test
