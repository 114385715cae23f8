// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace libopt::os {
namespace {

int DescriptorOf(intptr_t file) { return static_cast<int>(file); }

}  // namespace

InputFile::InputFile(const char* path)
    : path_(path), file_(open(path, O_RDONLY | O_CLOEXEC)) {
  if (file_ < 0) throw FileError{"open", errno, path_};
  struct stat status = {};
  int code = 0;
  if (fstat(DescriptorOf(file_), &status) != 0) {
    code = errno;
  } else if (S_ISDIR(status.st_mode)) {
    code = EISDIR;
  }
  if (code != 0) {
    close(DescriptorOf(file_));
    throw FileError{"open", code, path_};
  }
  if (S_ISREG(status.st_mode)) size_ = status.st_size;
}

InputFile::~InputFile() { close(DescriptorOf(file_)); }

size_t InputFile::Read(void* data, size_t size) {
  const ssize_t count = read(DescriptorOf(file_), data, size);
  if (count < 0) throw FileError{"read", errno, path_};
  return static_cast<size_t>(count);
}

size_t InputFile::ReadAt(int64_t offset, void* data, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t count =
        pread(DescriptorOf(file_), static_cast<char*>(data) + done, size - done,
              offset + static_cast<int64_t>(done));
    if (count < 0) throw FileError{"read", errno, path_};
    if (count == 0) break;
    done += static_cast<size_t>(count);
  }
  return done;
}

}  // namespace libopt::os
