// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/posix/file_calls.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace libopt::os {
namespace {

int OpenAt(int directory, const char* path, int flags, mode_t mode) {
  return openat(directory, path, flags, mode);
}

}  // namespace

FileCalls g_file_calls = {
    OpenAt,  close,     read,          pread,    write,    sync_file_range,
    fsync,   fallocate, posix_fadvise, fstat,    fstatat,  fchmod,
    fchown,  flock,     readlink,      renameat, unlinkat, fdopendir,
    readdir, closedir,  getrandom};

void ThrowErrno(const char* operation, const std::string& path) {
  throw FileError{operation, errno, path};
}

bool IsUnsupported() {
  return errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL ||
         errno == ENOLCK;
}

Descriptor::Descriptor(int directory, const char* path, int flags, mode_t mode)
    : file_(Uninterrupted([&] {
        return g_file_calls.openat(directory, path, flags | O_CLOEXEC, mode);
      })) {}

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

void Descriptor::Close() {
  if (is_open()) g_file_calls.close(Release());
}

int Descriptor::Release() { return std::exchange(file_, -1); }

}  // namespace libopt::os
