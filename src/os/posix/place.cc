// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/posix/place.h"

#include <fcntl.h>

namespace libopt::os {
namespace {

constexpr int kMaxLinks = 40;  // Linux's own limit

// Finds where a symbolic link leads. Returns false if the path is not a
// symbolic link.
bool ReadLink(const std::string& path, std::string* target) {
  for (size_t size = 256;; size *= 2) {
    target->resize(size);
    const ssize_t length = Uninterrupted([&] {
      return g_file_calls.readlink(path.c_str(), target->data(), size);
    });
    if (length < 0) {
      if (errno == EINVAL || errno == ENOENT) return false;
      ThrowErrno("look up", path);
    }
    target->resize(static_cast<size_t>(length));
    if (target->size() < size) return true;
  }
}

std::string FollowLinks(std::string path) {
  std::string target;
  for (int links = 0; ReadLink(path, &target); ++links) {
    if (links == kMaxLinks) throw FileError{"follow the link", ELOOP, path};
    // A relative target starts from the directory of the link.
    const size_t kept = target[0] == '/' ? 0 : path.rfind('/') + 1;
    path.replace(kept, std::string::npos, target);
  }
  return path;
}

}  // namespace

Place::Place(const char* path)
    : path_(FollowLinks(path)), name_(path_.rfind('/') + 1) {
  if (*name() == '\0') {
    throw FileError{"replace", path_.empty() ? ENOENT : EISDIR, path_};
  }
  const std::string directory = name_ == 0 ? "." : path_.substr(0, name_);
  directory_ = Descriptor(AT_FDCWD, directory.c_str(), O_RDONLY | O_DIRECTORY);
  if (!directory_.is_open()) ThrowErrno("open the directory", directory);
}

std::optional<struct stat> Place::Inspect() const {
  struct stat status = {};
  const int result = Uninterrupted([&] {
    return g_file_calls.fstatat(directory(), name(), &status,
                                AT_SYMLINK_NOFOLLOW);
  });
  if (result != 0) {
    if (errno == ENOENT) return std::nullopt;
    ThrowErrno("look up", path_);
  }
  if (S_ISDIR(status.st_mode)) throw FileError{"replace", EISDIR, path_};
  if (!S_ISREG(status.st_mode)) {
    throw FileError{"replace the device, pipe or socket", EOPNOTSUPP, path_};
  }
  return status;
}

bool Place::SyncDirectory() const {
  return g_file_calls.fsync(directory()) == 0 || IsUnsupported();
}

}  // namespace libopt::os
