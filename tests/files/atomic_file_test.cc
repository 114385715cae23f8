// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Targets that are replaced, and those that are refused.

#include "src/os/atomic_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "tests/files/intercept.h"
#include "tests/files/scratch.h"

namespace libopt::os {
namespace {

namespace fs = std::filesystem;

using Names = std::vector<std::string>;

mode_t ModeOf(const std::string& path) {
  return static_cast<mode_t>(fs::status(path).permissions());
}

// While it lives, the process has this umask.
class Umask {
 public:
  explicit Umask(mode_t mask) : found_(umask(mask)) {}
  ~Umask() { umask(found_); }

 private:
  const mode_t found_;
};

class AtomicFileTest : public TargetTest {
 protected:
  // Expects that a save to `path` is refused for this reason and leaves the
  // directory as it is.
  void ExpectRefused(const std::string& path, int code,
                     const std::string& operation) {
    SCOPED_TRACE(path);
    const Names names = scratch_.Names();
    const auto error = ErrorOf([&] { Save(path, new_); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, code);
    EXPECT_EQ(error->operation, operation);
    EXPECT_NE(error->path, "");
    EXPECT_FALSE(error->replaced);
    EXPECT_EQ(scratch_.Names(), names);
  }

  const std::string old_ = Content(1, 5000);
  const std::string new_ = Content(2, 3000);
};

TEST_F(AtomicFileTest, CreatesAFile) {
  Save(target_, new_);
  EXPECT_EQ(GetFile(target_), new_);
  EXPECT_EQ(scratch_.Names(), Names{"target"});
}

TEST_F(AtomicFileTest, ReplacesALongerFile) {
  PutFile(target_, old_);
  Save(target_, new_);
  EXPECT_EQ(GetFile(target_), new_);
  EXPECT_EQ(scratch_.Names(), Names{"target"});
}

TEST_F(AtomicFileTest, ANameWithoutDirectoryIsInTheCurrentOne) {
  const fs::path found = fs::current_path();
  fs::current_path(scratch_ / "");
  Save("target", new_);
  fs::current_path(found);
  EXPECT_EQ(GetFile(target_), new_);
}

TEST_F(AtomicFileTest, WithoutCommitNothingHasHappened) {
  PutFile(target_, old_);
  {
    AtomicFile file(target_.c_str(), 0);
    file.Write(new_.data(), new_.size());
    ASSERT_EQ(scratch_.Names().size(), 2);
  }
  EXPECT_EQ(GetFile(target_), old_);
  EXPECT_EQ(scratch_.Names(), Names{"target"});
}

TEST_F(AtomicFileTest, TheTemporaryFileSaysWhatItIs) {
  const AtomicFile file(target_.c_str(), 0);
  ASSERT_EQ(scratch_.Names().size(), 1);
  EXPECT_EQ(scratch_.Names()[0].rfind(".target.libopt-", 0), 0);
  EXPECT_EQ(fs::path(scratch_.Names()[0]).extension(), ".tmp");
}

TEST_F(AtomicFileTest, ReservesSpaceWithoutChangingWhatIsWritten) {
  constexpr int64_t kSize = 1 << 20;
  AtomicFile file(target_.c_str(), kSize);
  struct stat status = {};
  ASSERT_EQ(stat((scratch_ / scratch_.Names()[0]).c_str(), &status), 0);
  EXPECT_GE(status.st_blocks * 512, kSize);
  file.Write("abc", 3);
  file.Commit();
  EXPECT_EQ(GetFile(target_), "abc");
}

TEST_F(AtomicFileTest, ANewFileHasThePermissionsThatTheUmaskLeaves) {
  const Umask umask_of_test(027);
  Save(target_, new_);
  EXPECT_EQ(ModeOf(target_), 0640);
  EXPECT_EQ(umask(027), 027);
}

TEST_F(AtomicFileTest, AReplacedFileKeepsItsPermissions) {
  for (const mode_t mode : {0600, 0640, 0604, 0444, 0777}) {
    PutFile(target_, old_);
    ASSERT_EQ(chmod(target_.c_str(), mode), 0);
    Save(target_, new_);
    EXPECT_EQ(ModeOf(target_), mode);
    EXPECT_EQ(GetFile(target_), new_);
    fs::remove(target_);
  }
}

TEST_F(AtomicFileTest, ALinkStaysAndWhatItLeadsToIsReplaced) {
  fs::create_directory(scratch_ / "there");
  PutFile(scratch_ / "there/target", old_);
  fs::create_symlink("there/second", scratch_ / "first");
  fs::create_symlink(fs::path(scratch_ / "there/target"),
                     scratch_ / "there/second");
  Save(scratch_ / "first", new_);
  EXPECT_EQ(GetFile(scratch_ / "there/target"), new_);
  EXPECT_EQ(fs::read_symlink(scratch_ / "first"), "there/second");
  EXPECT_TRUE(fs::is_symlink(scratch_ / "there/second"));
  EXPECT_EQ(scratch_.Names(), (Names{"first", "there"}));
}

TEST_F(AtomicFileTest, ALinkToNothingYetIsFilled) {
  fs::create_symlink("target", scratch_ / "link");
  Save(scratch_ / "link", new_);
  EXPECT_EQ(GetFile(target_), new_);
  EXPECT_TRUE(fs::is_symlink(scratch_ / "link"));
}

TEST_F(AtomicFileTest, ALongLinkIsFollowed) {
  std::string far = ".";
  while (far.size() < 3000) far += "/.";
  fs::create_symlink(far + "/target", scratch_ / "link");
  Save(scratch_ / "link", new_);
  EXPECT_EQ(GetFile(target_), new_);
}

TEST_F(AtomicFileTest, TheLongestNameWorks) {
  std::string name(225, 'x');  // cut for the temporary file, inside an "ü"
  while (name.size() < 254) name += "ü";
  Save(scratch_ / name, old_);
  Save(scratch_ / name, new_);
  EXPECT_EQ(GetFile(scratch_ / name), new_);
  const AtomicFile file((scratch_ / name).c_str(), 0);
  EXPECT_EQ(scratch_.Names()[0].rfind("." + name.substr(0, 225) + ".lib", 0),
            0);
}

TEST_F(AtomicFileTest, RefusesWhatIsNoRegularFile) {
  fs::create_directory(scratch_ / "directory");
  ASSERT_EQ(mkfifo((scratch_ / "pipe").c_str(), 0600), 0);
  ExpectRefused(scratch_ / "directory", EISDIR, "replace");
  ExpectRefused(scratch_ / "directory/", EISDIR, "replace");
  ExpectRefused(scratch_ / "directory/..", EISDIR, "replace");
  ExpectRefused(scratch_ / "pipe", EOPNOTSUPP,
                "replace the device, pipe or socket");
}

TEST_F(AtomicFileTest, RefusesWhatBelongsToTheSystem) {
  // Should it not refuse, this test must not harm the machine, not even as
  // root: nothing is created, replaced or removed.
  const KeepCalls keep;
  g_file_calls.openat = [](int directory, const char* path, int flags, mode_t) {
    if ((flags & O_CREAT) == 0) return ::openat(directory, path, flags);
    errno = EPERM;
    return -1;
  };
  g_file_calls.renameat = [](int, const char*, int, const char*) { return -1; };
  g_file_calls.unlinkat = [](int, const char*, int) { return -1; };
  ExpectRefused("/", EISDIR, "replace");
  ExpectRefused("/dev/full", EOPNOTSUPP, "replace the device, pipe or socket");
}

TEST_F(AtomicFileTest, RefusesAPathThatLeadsNowhere) {
  PutFile(target_, old_);
  fs::create_symlink("loop", scratch_ / "loop");
  ExpectRefused(scratch_ / "missing/target", ENOENT, "open the directory");
  ExpectRefused(target_ + "/below", ENOTDIR, "look up");
  ExpectRefused(scratch_ / "loop", ELOOP, "follow the link");
  ExpectRefused(scratch_ / std::string(256, 'x'), ENAMETOOLONG, "look up");
  ExpectRefused(scratch_ / std::string(5000, '/') + "x", ENAMETOOLONG,
                "look up");
  const auto error = ErrorOf([&] { Save("", new_); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ENOENT);
  EXPECT_EQ(GetFile(target_), old_);
}

TEST_F(AtomicFileTest, RefusesADirectoryThatCannotBeWritten) {
  PutFile(target_, old_);
  ASSERT_EQ(chmod((scratch_ / "").c_str(), 0555), 0);
  // Nothing is forbidden to root.
  const uid_t found = geteuid();
  ASSERT_EQ(seteuid(found == 0 ? 65534 : found), 0);
  ExpectRefused(target_, EACCES, "create a temporary file beside");
  ASSERT_EQ(seteuid(found), 0);
  EXPECT_EQ(GetFile(target_), old_);
  ASSERT_EQ(chmod((scratch_ / "").c_str(), 0755), 0);
}

TEST_F(AtomicFileTest, AProgramThatTheHostStartsInheritsNothing) {
  const int next = open("/dev/null", O_RDONLY);
  close(next);
  const AtomicFile file(target_.c_str(), 0);
  int open_files = 0;
  for (int i = next; i < next + 4; ++i) {
    const int flags = fcntl(i, F_GETFD);
    if (flags < 0) continue;
    EXPECT_EQ(flags, FD_CLOEXEC);
    ++open_files;
  }
  EXPECT_EQ(open_files, 2);  // the directory and the temporary file
}

}  // namespace
}  // namespace libopt::os
