// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#ifndef OPT_SRC_OS_FILE_ERROR_H_
#define OPT_SRC_OS_FILE_ERROR_H_

#include <cstdint>
#include <string>

namespace libopt::os {

// The exception of the file classes; as a sentence: "cannot <operation>
// '<path>': <the meaning of code>".
struct FileError {
  const char* operation;
  int code;  // one of <cerrno>
  std::string path;
  // Set only by AtomicFile::Commit: the new file is in place and complete, but
  // a power loss may bring the old one back.
  bool replaced = false;
  // The number of Windows' error where no errno says the same, else 0.
  uint32_t windows_error = 0;
};

}  // namespace libopt::os

#endif  // OPT_SRC_OS_FILE_ERROR_H_
