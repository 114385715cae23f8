// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/posix/temporary_file.h"

#include <fcntl.h>
#include <sys/file.h>

#include <climits>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <utility>

namespace libopt::os {
namespace {

constexpr char kCreate[] = "create a temporary file beside";
constexpr std::string_view kMark = ".libopt-";
constexpr std::string_view kSuffix = ".tmp";
constexpr size_t kDigits = 16;
constexpr int kMaxAttempts = 100;

// The beginning of the names of a target's temporary files. The name of the
// target is cut if they would be too long, though not inside a UTF-8 character.
std::string Prefix(std::string_view target) {
  constexpr size_t kMaxName =
      NAME_MAX - 1 - kMark.size() - kDigits - kSuffix.size();
  size_t length = target.size();
  if (length > kMaxName) {
    length = kMaxName;
    while (length > 0 && (target[length] & 0xC0) == 0x80) --length;
  }
  return "." + std::string(target.substr(0, length)) + std::string(kMark);
}

bool IsTemporary(std::string_view name, std::string_view prefix) {
  if (name.size() != prefix.size() + kDigits + kSuffix.size()) return false;
  const std::string_view digits = name.substr(prefix.size(), kDigits);
  return name.substr(0, prefix.size()) == prefix &&
         digits.find_first_not_of("0123456789abcdef") ==
             std::string_view::npos &&
         name.substr(prefix.size() + kDigits) == kSuffix;
}

int Lock(int file) {
  return Uninterrupted(
      [&] { return g_file_calls.flock(file, LOCK_EX | LOCK_NB); });
}

void RemoveIfStale(int directory, const char* name) {
  // NFS locks only what is open for writing, but the temporary file of a
  // read-only target may be opened for reading alone.
  constexpr int kFlags = O_NOFOLLOW | O_NONBLOCK;
  Descriptor file(directory, name, O_WRONLY | kFlags);
  if (!file.is_open()) file = Descriptor(directory, name, O_RDONLY | kFlags);
  if (file.is_open() && Lock(file.get()) == 0) {
    g_file_calls.unlinkat(directory, name, 0);
  }
}

// Leftovers take space but do no harm, so failures are ignored here.
void RemoveStale(int directory, std::string_view prefix) {
  Descriptor file(directory, ".", O_RDONLY | O_DIRECTORY);
  if (!file.is_open()) return;
  DIR* listing = g_file_calls.fdopendir(file.get());
  if (listing == nullptr) return;
  file.Release();  // closedir closes it
  while (const dirent* entry = g_file_calls.readdir(listing)) {
    if (IsTemporary(entry->d_name, prefix)) {
      RemoveIfStale(directory, entry->d_name);
    }
  }
  g_file_calls.closedir(listing);
}

std::string RandomDigits() {
  uint64_t bits = 0;
  const ssize_t size = Uninterrupted(
      [&] { return g_file_calls.getrandom(&bits, sizeof(bits), 0); });
  if (size != sizeof(bits)) return "";
  char digits[kDigits + 1];
  std::snprintf(digits, sizeof(digits), "%016llx",
                static_cast<unsigned long long>(bits));
  return digits;
}

}  // namespace

// The file is created after the other constructor has ended, so that an
// exception from then on runs the destructor, which removes it.
TemporaryFile::TemporaryFile(const Place& target, mode_t mode)
    : TemporaryFile(target) {
  RemoveStale(target_.directory(), Prefix(target_.name()));
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    if (TryCreate(mode) && TryLock()) return;
    Remove();
  }
  throw FileError{kCreate, EEXIST, target_.path()};
}

// Returns false if the name is taken.
bool TemporaryFile::TryCreate(mode_t mode) {
  const std::string digits = RandomDigits();
  if (digits.empty()) ThrowErrno(kCreate, target_.path());
  std::string name = Prefix(target_.name()) + digits + std::string(kSuffix);
  file_ = Descriptor(target_.directory(), name.c_str(),
                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  if (file_.is_open()) {
    name_ = std::move(name);
  } else if (errno != EEXIST) {
    ThrowErrno(kCreate, target_.path());
  }
  return file_.is_open();
}

// Returns false if another writer saw the file before it was locked, took it
// for a leftover, and is about to remove it or has done so.
bool TemporaryFile::TryLock() const {
  if (Lock(file()) != 0) {
    if (errno == EWOULDBLOCK) return false;
    if (!IsUnsupported()) {
      ThrowErrno("lock the temporary file beside", target_.path());
    }
  }
  struct stat status = {};
  const int result = Uninterrupted([&] {
    return g_file_calls.fstatat(target_.directory(), name_.c_str(), &status,
                                AT_SYMLINK_NOFOLLOW);
  });
  if (result != 0 && errno != ENOENT) ThrowErrno(kCreate, target_.path());
  return result == 0;
}

void TemporaryFile::ReplaceTarget() {
  if (g_file_calls.renameat(target_.directory(), name_.c_str(),
                            target_.directory(), target_.name()) != 0) {
    ThrowErrno("replace", target_.path());
  }
  name_.clear();
}

void TemporaryFile::Remove() {
  if (!name_.empty()) {
    g_file_calls.unlinkat(target_.directory(), name_.c_str(), 0);
    name_.clear();
  }
  file_.Close();
}

}  // namespace libopt::os
