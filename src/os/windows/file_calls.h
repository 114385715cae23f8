// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The common ground of the file classes: the system calls they make, how they
// fail, paths, a handle that closes itself.

#ifndef OPT_SRC_OS_WINDOWS_FILE_CALLS_H_
#define OPT_SRC_OS_WINDOWS_FILE_CALLS_H_

#include <string>

#include "src/os/file_error.h"
#include "src/os/windows/system.h"

namespace libopt::os {

// Every system call of the file classes that can fail, so that tests can make
// each of them fail.
struct FileCalls {
  decltype(&CreateFileW) create_file;
  decltype(&ReadFile) read_file;
  decltype(&WriteFile) write_file;
  decltype(&FlushFileBuffers) flush;
  decltype(&GetFileInformationByHandle) get_information;
  decltype(&SetFileInformationByHandle) set_information;
  decltype(&GetFinalPathNameByHandleW) final_path;
  decltype(&GetKernelObjectSecurity) get_security;
  decltype(&MoveFileExW) move_file;
  decltype(&DeleteFileW) delete_file;
  decltype(&FindFirstFileW) find_first;
  int (*random)(unsigned* bits);  // rand_s
};
extern FileCalls g_file_calls;

// Throws the FileError that GetLastError() means.
[[noreturn]] void ThrowLastError(const char* operation,
                                 const std::string& path);

// Whether GetLastError() means that this file system does not have the
// operation.
bool IsUnsupported();

// The path in UTF-16, as Windows takes it at any length: absolute, behind
// "\\?\". Throws a FileError if it is not UTF-8 or is empty.
std::wstring WidePath(const char* path, const char* operation);

// An open handle, which the destructor closes, or INVALID_HANDLE_VALUE.
class Handle {
 public:
  Handle() = default;
  explicit Handle(HANDLE handle) : handle_(handle) {}
  ~Handle() { Close(); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  Handle& operator=(Handle&& other) noexcept;

  bool is_open() const { return handle_ != INVALID_HANDLE_VALUE; }
  HANDLE get() const { return handle_; }
  void Close();
  HANDLE Release();  // the caller closes it

 private:
  HANDLE handle_ = INVALID_HANDLE_VALUE;
};

}  // namespace libopt::os

#endif  // OPT_SRC_OS_WINDOWS_FILE_CALLS_H_
