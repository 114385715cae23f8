// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A model of files of which a crash takes whatever it may take, and system
// calls that act on it.

#ifndef OPT_TESTS_FILES_FAKE_DISK_H_
#define OPT_TESTS_FILES_FAKE_DISK_H_

#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/os/posix/file_calls.h"
#include "tests/files/intercept.h"

namespace libopt::os {

struct FakeFile {
  struct Write {
    // Writes the first `length` bytes.
    void Put(size_t length, std::string* content) const;

    size_t offset;
    std::string data;
  };

  // The file after a crash: each way of keeping, dropping and
  // tearing the writes since the last fsync.
  std::vector<FakeFile> Outcomes() const;

  std::string content;  // as processes see it
  mode_t mode = 0644;
  uid_t owner = 0;
  gid_t group = 0;

  std::string synced;  // what is on the disk
  mode_t synced_mode = 0644;
  std::vector<Write> unsynced;
};

// One directory of files.
struct FakeDirectory {
  using Entries = std::map<std::string, int>;  // names to indices in files
  // A change of the names, which happens as a whole or not at all.
  using Change = std::function<void(Entries*)>;

  // Makes a file that is on the disk.
  void Put(const std::string& name, const FakeFile& file);
  // The file as processes see it.
  std::optional<FakeFile> Get(const std::string& name) const;
  // Makes a change and remembers that it is not on the disk.
  void Apply(const Change& change);
  // The directory after a crash: with any of the changes since
  // the last fsync.
  std::vector<FakeDirectory> Outcomes() const;

  std::vector<FakeFile> files;
  Entries entries;
  Entries synced;
  std::vector<Change> unsynced;
};

// While it lives, system calls act on a directory in memory, "" or ".", which
// has no symbolic links.
class FakeDisk {
 public:
  explicit FakeDisk(FakeDirectory directory);
  ~FakeDisk();

  // The directory after each system call so far.
  const std::vector<FakeDirectory>& history() const { return history_; }
  const FakeDirectory& directory() const { return directory_; }

  // The n-th fsync, from 1, fails and forgets what it should have written, as
  // Linux does: the next one succeeds without it.
  void FailFsync(int n) { failing_fsync_ = n; }
  int fsyncs() const { return fsyncs_; }

  // Whether this process may give files away.
  void set_may_chown(bool may) { may_chown_ = may; }

 private:
  friend struct FakeCalls;
  struct Open {
    int file;          // index in files; -1: the directory
    std::string next;  // the last name that readdir returned
  };

  void Record() { history_.push_back(directory_); }

  const KeepCalls keep_;
  FakeDirectory directory_;
  std::vector<FakeDirectory> history_;
  std::vector<std::unique_ptr<Open>> open_;
  int fsyncs_ = 0;
  int failing_fsync_ = 0;
  bool may_chown_ = true;
};

}  // namespace libopt::os

#endif  // OPT_TESTS_FILES_FAKE_DISK_H_
