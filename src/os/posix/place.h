// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#ifndef OPT_SRC_OS_POSIX_PLACE_H_
#define OPT_SRC_OS_POSIX_PLACE_H_

#include <sys/stat.h>

#include <optional>
#include <string>

#include "src/os/posix/file_calls.h"

namespace libopt::os {

// Where a file is or will be: its directory, which is open, and its name there.
// If the path names a symbolic link, the place is where the link leads.
class Place {
 public:
  explicit Place(const char* path);

  // Looks at the file, if there is one. Throws if it is not a regular file.
  std::optional<struct stat> Inspect() const;

  // Makes the names in the directory survive a power loss. Returns false, and
  // sets errno, if that failed.
  bool SyncDirectory() const;

  int directory() const { return directory_.get(); }
  const char* name() const { return path_.c_str() + name_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  size_t name_;  // where the name starts in path_
  Descriptor directory_;
};

}  // namespace libopt::os

#endif  // OPT_SRC_OS_POSIX_PLACE_H_
