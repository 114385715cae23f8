// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#ifndef OPT_SRC_OS_WINDOWS_TEMPORARY_FILE_H_
#define OPT_SRC_OS_WINDOWS_TEMPORARY_FILE_H_

#include <string>
#include <vector>

#include "src/os/windows/file_calls.h"

namespace libopt::os {

// The file that is to be replaced, or created. If the path leads over a link,
// it is what the link leads to.
class Target {
 public:
  // Throws if there is something that is not a regular file.
  explicit Target(const char* path);

  const std::string& path() const { return path_; }  // as the caller wrote it
  const std::wstring& place() const { return place_; }
  std::wstring directory() const { return place_.substr(0, name_); }
  std::wstring name() const { return place_.substr(name_); }

  // Who may do what with the file that is there, or nullptr.
  void* security() const;

 private:
  void LookAt(HANDLE file);

  std::string path_;
  std::wstring place_;
  size_t name_;                 // where the name starts in place_
  std::vector<char> security_;  // a security descriptor
};

// A new file beside a target, named ".<target>.libopt-<16 hex digits>.tmp" and
// removed at the end unless it has replaced the target. As long as its process
// lives, nobody else can open it: a file that can be opened was left by a
// process that died.
class TemporaryFile {
 public:
  // Removes what dead processes have left, as far as it can, and then creates a
  // file with the access rights of the target.
  explicit TemporaryFile(const Target& target);
  ~TemporaryFile() { Remove(); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  HANDLE file() const { return file_.get(); }

  // Takes the target's place and closes the file.
  void ReplaceTarget();

 private:
  bool TryCreate();
  bool TryRename() const;
  bool TryMove() const;
  void Remove();

  const Target target_;
  std::wstring name_;  // the whole path; empty: there is nothing to remove
  Handle file_;
};

}  // namespace libopt::os

#endif  // OPT_SRC_OS_WINDOWS_TEMPORARY_FILE_H_
