// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/atomic_file.h"

#include <fcntl.h>

#include <algorithm>
#include <optional>

#include "src/os/posix/file_calls.h"
#include "src/os/posix/place.h"
#include "src/os/posix/temporary_file.h"

namespace libopt::os {
namespace {

// The kernel is asked to start writing to the disk after this many bytes, so
// that little is left for the final fsync.
constexpr size_t kWriteback = size_t{8} << 20;

// Space is reserved in pieces of this many bytes.
constexpr int64_t kReserve = int64_t{64} << 20;

// Gives the new file the owner, the group and the permissions of the old one.
void CopyPermissions(const struct stat& old, int file,
                     const std::string& path) {
  struct stat created = {};
  if (Uninterrupted([&] { return g_file_calls.fstat(file, &created); }) != 0) {
    ThrowErrno("look up", path);
  }
  const auto change_owner = [&](uid_t owner, gid_t group) {
    return Uninterrupted(
               [&] { return g_file_calls.fchown(file, owner, group); }) == 0;
  };
  const auto keep = static_cast<uid_t>(-1);
  mode_t mode = old.st_mode & 0777;
  const bool is_same =
      created.st_uid == old.st_uid && created.st_gid == old.st_gid;
  if (!is_same && !change_owner(old.st_uid, old.st_gid) &&
      !change_owner(keep, old.st_gid)) {
    // The group could not be kept: the new group and all others may do only
    // what the old group and all others both could.
    const mode_t both = (mode >> 3) & mode & 07;
    mode = (mode & 0700) | (both << 3) | both;
  }
  if (mode != (created.st_mode & 0777) &&
      Uninterrupted([&] { return g_file_calls.fchmod(file, mode); }) != 0) {
    ThrowErrno("keep the permissions of", path);
  }
}

// Reserves space on the disk. The size of the file stays 0, so that the file
// ends where the written bytes end.
void Reserve(int64_t size, int file, const std::string& path) {
  // This goes piece by piece because a signal undoes a whole call: a long one
  // would never end in a process with a fast interval timer, such as profilers
  // set.
  for (int64_t start = 0; start < size; start += kReserve) {
    const int result = Uninterrupted([&] {
      return g_file_calls.fallocate(file, FALLOC_FL_KEEP_SIZE, start,
                                    std::min(kReserve, size - start));
    });
    if (result == 0) continue;
    if (IsUnsupported()) return;
    ThrowErrno("reserve space for", path);
  }
}

}  // namespace

class AtomicFile::Replacement {
 public:
  Replacement(const char* path, int64_t size);
  void Write(const void* data, size_t size);
  void Commit();

 private:
  void StartWriteback();

  const Place target_;
  const std::optional<struct stat> old_;  // the file that is replaced
  TemporaryFile temporary_;
  int64_t written_ = 0;
  int64_t writeback_started_ = 0;  // up to which byte
};

AtomicFile::Replacement::Replacement(const char* path, int64_t size)
    : target_(path),
      old_(target_.Inspect()),
      // Nobody may read the new file who could not read the old one.
      temporary_(target_, old_ ? 0600 : 0666) {
  if (old_) CopyPermissions(*old_, temporary_.file(), target_.path());
  Reserve(size, temporary_.file(), target_.path());
}

void AtomicFile::Replacement::Write(const void* data, size_t size) {
  const auto* from = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t count = Uninterrupted([&] {
      return g_file_calls.write(temporary_.file(), from,
                                std::min(size, kWriteback));
    });
    if (count == 0) throw FileError{"write", EIO, target_.path()};
    if (count < 0) ThrowErrno("write", target_.path());
    from += count;
    size -= static_cast<size_t>(count);
    written_ += count;
    StartWriteback();
  }
}

void AtomicFile::Replacement::StartWriteback() {
  const int64_t size = written_ - writeback_started_;
  if (size < static_cast<int64_t>(kWriteback)) return;
  const int result = Uninterrupted([&] {
    return g_file_calls.sync_file_range(temporary_.file(), writeback_started_,
                                        size, SYNC_FILE_RANGE_WRITE);
  });
  if (result != 0 && !IsUnsupported()) ThrowErrno("write", target_.path());
  writeback_started_ = written_;
}

void AtomicFile::Replacement::Commit() {
  // If this fails, it is not tried again, not even after EINTR: the kernel then
  // forgets the bytes that it could not write, and a second fsync would succeed
  // without them.
  if (g_file_calls.fsync(temporary_.file()) != 0) {
    ThrowErrno("sync", target_.path());
  }
  temporary_.ReplaceTarget();
  if (!target_.SyncDirectory()) {
    throw FileError{"sync the directory entry of", errno, target_.path(), true};
  }
}

AtomicFile::AtomicFile(const char* path, int64_t size)
    : replacement_(std::make_unique<Replacement>(path, size)) {}

AtomicFile::~AtomicFile() = default;

void AtomicFile::Write(const void* data, size_t size) {
  replacement_->Write(data, size);
}

void AtomicFile::Commit() { replacement_->Commit(); }

}  // namespace libopt::os
