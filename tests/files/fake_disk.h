// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// System calls that act on a model of a directory.

#ifndef OPT_TESTS_FILES_FAKE_DISK_H_
#define OPT_TESTS_FILES_FAKE_DISK_H_

#include <memory>
#include <string>
#include <vector>

#include "src/os/file_calls.h"
#include "tests/files/fake_directory.h"
#include "tests/files/intercept.h"

namespace libopt::os {

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
