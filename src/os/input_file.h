// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#ifndef OPT_SRC_OS_INPUT_FILE_H_
#define OPT_SRC_OS_INPUT_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "src/os/file_error.h"

namespace libopt::os {

// A file, device or pipe opened for reading. Failures throw FileError.
class InputFile {
 public:
  explicit InputFile(const char* path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  // The size in bytes; -1 if it is not a regular file, since then it is unknown
  // before the end.
  int64_t size() const { return size_; }

  const char* path() const { return path_.c_str(); }

  // Reads up to `size` of the next bytes; returns how many, 0 only at the end.
  size_t Read(void* data, size_t size);

  // Reads `size` bytes from byte `offset` on; returns how many, fewer only at
  // the end. Pipes do not support this.
  size_t ReadAt(int64_t offset, void* data, size_t size);

 private:
  const std::string path_;
  intptr_t file_;  // a descriptor or handle of the system
  int64_t size_ = -1;
};

}  // namespace libopt::os

#endif  // OPT_SRC_OS_INPUT_FILE_H_
