// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The common ground of the file classes: the system calls they make, how they
// fail, a descriptor that closes itself.

#ifndef OPT_SRC_OS_POSIX_FILE_CALLS_H_
#define OPT_SRC_OS_POSIX_FILE_CALLS_H_

#include <dirent.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cerrno>
#include <string>

#include "src/os/file_error.h"

#if defined(__APPLE__)
// Linux' flags of the calls that file_calls.cc makes of Apple's.
#define FALLOC_FL_KEEP_SIZE 1
#define SYNC_FILE_RANGE_WRITE 2
#define POSIX_FADV_SEQUENTIAL 2
#endif

namespace libopt::os {

static_assert(sizeof(off_t) == 8,
              "files beyond 2 GiB need a 64-bit off_t: compile with "
              "-D_FILE_OFFSET_BITS=64");

// Every system call of the file classes, so that tests can make each of them
// fail.
struct FileCalls {
  int (*openat)(int directory, const char* path, int flags, mode_t mode);
  int (*close)(int file);
  ssize_t (*read)(int file, void* data, size_t size);
  ssize_t (*pread)(int file, void* data, size_t size, off_t offset);
  ssize_t (*write)(int file, const void* data, size_t size);
  int (*sync_file_range)(int file, off_t offset, off_t size, unsigned flags);
  int (*fsync)(int file);
  int (*fallocate)(int file, int mode, off_t offset, off_t size);
  int (*posix_fadvise)(int file, off_t offset, off_t size, int advice);
  int (*fstat)(int file, struct stat* status);
  int (*fstatat)(int directory, const char* path, struct stat* status,
                 int flags);
  int (*fchmod)(int file, mode_t mode);
  int (*fchown)(int file, uid_t owner, gid_t group);
  int (*flock)(int file, int operation);
  ssize_t (*readlink)(const char* path, char* target, size_t size);
  int (*renameat)(int from_directory, const char* from, int to_directory,
                  const char* to);
  int (*unlinkat)(int directory, const char* path, int flags);
  DIR* (*fdopendir)(int directory);
  dirent* (*readdir)(DIR* listing);
  int (*closedir)(DIR* listing);
  ssize_t (*getrandom)(void* data, size_t size, unsigned flags);
};
extern FileCalls g_file_calls;

// Throws the FileError that errno means.
[[noreturn]] void ThrowErrno(const char* operation, const std::string& path);

// Whether errno means that this file system does not have the operation.
bool IsUnsupported();

// The result of call(), which is repeated as long as signals interrupt it.
template <typename Call>
auto Uninterrupted(const Call& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

// An open file, which the destructor closes, or -1.
class Descriptor {
 public:
  Descriptor() = default;
  // Opens a path that is relative to the directory, or to AT_FDCWD. The
  // descriptor is -1 if that fails. Programs that the host starts do not
  // inherit it.
  Descriptor(int directory, const char* path, int flags, mode_t mode = 0);
  ~Descriptor() { Close(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&& other) noexcept;

  bool is_open() const { return file_ >= 0; }
  int get() const { return file_; }
  void Close();
  int Release();  // the caller closes it

 private:
  int file_ = -1;
};

}  // namespace libopt::os

#endif  // OPT_SRC_OS_POSIX_FILE_CALLS_H_
