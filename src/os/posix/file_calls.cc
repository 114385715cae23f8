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

#if defined(__APPLE__)

int sync_file_range(int /*file*/, off_t /*offset*/, off_t /*size*/,
                    unsigned /*flags*/) {
  errno = ENOSYS;
  return -1;
}

// fsync hands the bytes to the disk, which may keep them in memory of its own
// and write them in another order. It serves only where there is nothing else:
// after a failed write it would succeed without the bytes.
int Sync(int file) {
  if (fcntl(file, F_FULLFSYNC) == 0) return 0;
  return IsUnsupported() || errno == ENOTTY ? fsync(file) : -1;
}

// Reserves space behind what is reserved already; the size stays.
int fallocate(int file, int /*mode*/, off_t /*offset*/, off_t size) {
  fstore_t request = {F_ALLOCATEALL, F_PEOFPOSMODE, 0, size, 0};
  return fcntl(file, F_PREALLOCATE, &request) < 0 ? -1 : 0;
}

int posix_fadvise(int file, off_t /*offset*/, off_t /*size*/, int /*advice*/) {
  return fcntl(file, F_RDAHEAD, 1);
}

ssize_t getrandom(void* data, size_t size, unsigned /*flags*/) {
  return getentropy(data, size) == 0 ? static_cast<ssize_t>(size) : -1;
}

#else

int Sync(int file) { return fsync(file); }

#endif

}  // namespace

FileCalls g_file_calls = {
    OpenAt,  close,     read,          pread,    write,    sync_file_range,
    Sync,    fallocate, posix_fadvise, fstat,    fstatat,  fchmod,
    fchown,  flock,     readlink,      renameat, unlinkat, fdopendir,
    readdir, closedir,  getrandom};

void ThrowErrno(const char* operation, const std::string& path) {
  throw FileError{operation, errno, path};
}

bool IsUnsupported() {
  return errno == EOPNOTSUPP || errno == ENOTSUP || errno == ENOSYS ||
         errno == EINVAL || errno == ENOLCK;
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
