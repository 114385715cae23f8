// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#ifndef OPT_SRC_OS_ATOMIC_FILE_H_
#define OPT_SRC_OS_ATOMIC_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "src/os/file_error.h"

namespace libopt::os {

// A file that is replaced as a whole. Whatever fails or crashes, and whenever
// it does, the target is either exactly what it was or exactly what was
// written; once Commit has returned, it is the latter. Failures throw
// FileError.
class AtomicFile {
 public:
  // Prepares to replace the regular file at `path`, or to create it, and
  // reserves `size` bytes on the disk (0: none), where the file system can. If
  // the path names a symbolic link, the link stays, and the file that it leads
  // to is replaced. The new file has the permissions of the old one and, as far
  // as this process may, its owner and group.
  AtomicFile(const char* path, int64_t size);

  // Leaves the target as it was, unless Commit has returned.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void Write(const void* data, size_t size);

  // Puts what was written in the target's place, on the disk.
  void Commit();

 private:
  class Replacement;  // each system has its own

  const std::unique_ptr<Replacement> replacement_;
};

}  // namespace libopt::os

#endif  // OPT_SRC_OS_ATOMIC_FILE_H_
