// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#ifndef OPT_SRC_OS_POSIX_TEMPORARY_FILE_H_
#define OPT_SRC_OS_POSIX_TEMPORARY_FILE_H_

#include <sys/types.h>

#include <string>

#include "src/os/posix/file_calls.h"
#include "src/os/posix/place.h"

namespace libopt::os {

// A new file beside a target, named ".<target>.libopt-<16 hex digits>.tmp" and
// removed at the end unless it has replaced the target. It is locked, with
// flock, as long as its process lives: a file that nobody has locked was left
// by a process that died.
class TemporaryFile {
 public:
  // Removes what dead processes have left, as far as it can, and then creates a
  // file with these permissions, which the umask narrows. The target's place
  // must outlive it.
  TemporaryFile(const Place& target, mode_t mode);
  ~TemporaryFile() { Remove(); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  int file() const { return file_.get(); }

  // Takes the target's place. Until then the lock must not end: another writer
  // would take the file for a leftover.
  void ReplaceTarget();

 private:
  explicit TemporaryFile(const Place& target) : target_(target) {}
  bool TryCreate(mode_t mode);
  bool TryLock() const;
  void Remove();

  const Place& target_;
  std::string name_;  // empty: there is nothing to remove
  Descriptor file_;
};

}  // namespace libopt::os

#endif  // OPT_SRC_OS_POSIX_TEMPORARY_FILE_H_
