// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The files are those of the file system that the page or program has mounted:
// its memory, IndexedDB, or the disk under node.

#include "src/os/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace libopt::os {
namespace {

constexpr char kCreate[] = "create a temporary file beside";
constexpr size_t kMaxName = 255;

// The file that `path` names, or that the symbolic link there leads to.
std::string Followed(const std::string& path) {
  char* const resolved = realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return path;
  std::string followed(resolved);
  std::free(resolved);
  return followed;
}

// A name beside the target that no other file has.
std::string TemporaryName(const std::string& target) {
  uint64_t random = 0;
  if (getentropy(&random, sizeof(random)) != 0) {
    throw FileError{kCreate, errno, target};
  }
  char mark[40];
  std::snprintf(mark, sizeof(mark), ".libopt-%016llx.tmp",
                static_cast<unsigned long long>(random));
  const size_t slash = target.rfind('/');
  const size_t begin = slash == std::string::npos ? 0 : slash + 1;
  const std::string name = target.substr(begin);
  const size_t kept =
      std::min(name.size(), kMaxName - 1 - std::string(mark).size());
  return target.substr(0, begin) + '.' + name.substr(0, kept) + mark;
}

}  // namespace

class AtomicFile::Replacement {
 public:
  explicit Replacement(const char* path) : target_(Followed(path)) {
    struct stat old = {};
    const bool exists = stat(target_.c_str(), &old) == 0;
    if (exists && S_ISDIR(old.st_mode)) {
      throw FileError{"replace", EISDIR, target_};
    }
    if (exists && !S_ISREG(old.st_mode)) {
      throw FileError{"replace the device, pipe or socket", EOPNOTSUPP,
                      target_};
    }
    name_ = TemporaryName(target_);
    file_ = open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file_ < 0) throw FileError{kCreate, errno, target_};
    if (exists) fchmod(file_, old.st_mode & 0777);
  }
  ~Replacement() {
    if (file_ >= 0) close(file_);
    if (!name_.empty()) unlink(name_.c_str());
  }
  Replacement(const Replacement&) = delete;
  Replacement& operator=(const Replacement&) = delete;

  void Write(const char* data, size_t size) {
    while (size > 0) {
      const ssize_t count = write(file_, data, size);
      if (count < 0) throw FileError{"write", errno, target_};
      data += count;
      size -= static_cast<size_t>(count);
    }
  }

  void Commit() {
    if (fsync(file_) != 0) throw FileError{"sync", errno, target_};
    const int closed = close(file_);
    file_ = -1;
    if (closed != 0) throw FileError{"write", errno, target_};
    if (rename(name_.c_str(), target_.c_str()) != 0) {
      throw FileError{"replace", errno, target_};
    }
    name_.clear();
  }

 private:
  std::string target_;
  std::string name_;  // empty: there is nothing to remove
  int file_ = -1;
};

AtomicFile::AtomicFile(const char* path, int64_t /*size*/)
    : replacement_(std::make_unique<Replacement>(path)) {}

AtomicFile::~AtomicFile() = default;

void AtomicFile::Write(const void* data, size_t size) {
  replacement_->Write(static_cast<const char*>(data), size);
}

void AtomicFile::Commit() { replacement_->Commit(); }

}  // namespace libopt::os
