// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/input_file.h"

#include <fcntl.h>

#include "src/os/posix/file_calls.h"

namespace libopt::os {
namespace {

int DescriptorOf(intptr_t file) { return static_cast<int>(file); }

}  // namespace

InputFile::InputFile(const char* path) : path_(path) {
  Descriptor file(AT_FDCWD, path, O_RDONLY | O_NOCTTY);
  if (!file.is_open()) ThrowErrno("open", path_);
  struct stat status = {};
  const int result =
      Uninterrupted([&] { return g_file_calls.fstat(file.get(), &status); });
  if (result != 0) ThrowErrno("open", path_);
  if (S_ISDIR(status.st_mode)) throw FileError{"open", EISDIR, path_};
  if (S_ISREG(status.st_mode)) size_ = status.st_size;
  // This is only advice, so failures do not matter.
  g_file_calls.posix_fadvise(file.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  file_ = file.Release();
}

InputFile::~InputFile() { g_file_calls.close(DescriptorOf(file_)); }

size_t InputFile::Read(void* data, size_t size) {
  const ssize_t count = Uninterrupted(
      [&] { return g_file_calls.read(DescriptorOf(file_), data, size); });
  if (count < 0) ThrowErrno("read", path_);
  return static_cast<size_t>(count);
}

size_t InputFile::ReadAt(int64_t offset, void* data, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t count = Uninterrupted([&] {
      return g_file_calls.pread(DescriptorOf(file_),
                                static_cast<char*>(data) + done, size - done,
                                offset + static_cast<int64_t>(done));
    });
    if (count < 0) ThrowErrno("read", path_);
    if (count == 0) break;
    done += static_cast<size_t>(count);
  }
  return done;
}

}  // namespace libopt::os
