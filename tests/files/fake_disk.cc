// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/files/fake_disk.h"

#include <fcntl.h>

#include <cstring>
#include <utility>

namespace libopt::os {
namespace {

constexpr uid_t kSelf = 0;  // the owner and the group of what is created

}  // namespace

// The system calls, on the FakeDisk that lives.
struct FakeCalls {
  static FakeDisk* s_disk;

  static FakeDirectory& Directory() { return s_disk->directory_; }
  static FakeDisk::Open& At(int file) {
    return *s_disk->open_[static_cast<size_t>(file)];
  }
  static FakeFile& File(int file) {
    return Directory().files[static_cast<size_t>(At(file).file)];
  }
  static int Fail(int code) {
    errno = code;
    return -1;
  }
  static int Recorded() {
    s_disk->Record();
    return 0;
  }

  static int OpenAt(int, const char* name, int flags, mode_t mode) {
    int file = -1;
    if ((flags & O_DIRECTORY) == 0) {
      const auto found = Directory().entries.find(name);
      const bool exists = found != Directory().entries.end();
      if (!exists && (flags & O_CREAT) == 0) return Fail(ENOENT);
      if (exists && (flags & O_EXCL) != 0) return Fail(EEXIST);
      file =
          exists ? found->second : static_cast<int>(Directory().files.size());
      if (!exists) {
        Directory().files.push_back({"", mode, kSelf, kSelf, "", mode, {}});
        Directory().Apply([name = std::string(name), file](auto* entries) {
          (*entries)[name] = file;
        });
      }
    }
    s_disk->open_.push_back(std::make_unique<FakeDisk::Open>());
    s_disk->open_.back()->file = file;
    Recorded();
    return static_cast<int>(s_disk->open_.size()) - 1;
  }

  static int Close(int) { return 0; }

  static ssize_t Write(int file, const void* data, size_t size) {
    FakeFile& to = File(file);
    to.unsynced.push_back(
        {to.content.size(), {static_cast<const char*>(data), size}});
    to.content += to.unsynced.back().data;
    Recorded();
    return static_cast<ssize_t>(size);
  }

  static int Fsync(int file) {
    const bool fails = ++s_disk->fsyncs_ == s_disk->failing_fsync_;
    if (At(file).file < 0) {
      if (!fails) Directory().synced = Directory().entries;
      Directory().unsynced.clear();
    } else {
      FakeFile& synced = File(file);
      for (const FakeFile::Write& write : synced.unsynced) {
        if (!fails) write.Put(write.data.size(), &synced.synced);
      }
      synced.unsynced.clear();
      if (!fails) synced.synced_mode = synced.mode;
    }
    Recorded();
    return fails ? Fail(EIO) : 0;
  }

  static int Fallocate(int, int, off_t, off_t) { return Recorded(); }
  static int SyncFileRange(int, off_t, off_t, unsigned) { return Recorded(); }

  static int Fstat(int file, struct stat* status) {
    *status = {};
    status->st_mode = S_IFREG | File(file).mode;
    status->st_uid = File(file).owner;
    status->st_gid = File(file).group;
    return 0;
  }

  static int FstatAt(int, const char* name, struct stat* status, int) {
    if (!Directory().Get(name)) return Fail(ENOENT);
    const FakeFile file = *Directory().Get(name);
    *status = {};
    status->st_mode = S_IFREG | file.mode;
    status->st_uid = file.owner;
    status->st_gid = file.group;
    return 0;
  }

  static int Fchmod(int file, mode_t mode) {
    File(file).mode = mode;
    return Recorded();
  }

  static int Fchown(int file, uid_t owner, gid_t group) {
    if (!s_disk->may_chown_) return Fail(EPERM);
    File(file).owner = owner;
    File(file).group = group;
    return Recorded();
  }

  static int Flock(int, int) { return 0; }  // processes are dead after a crash
  static ssize_t Readlink(const char*, char*, size_t) { return Fail(EINVAL); }

  static int RenameAt(int, const char* from, int, const char* to) {
    const int file = Directory().entries.at(from);
    Directory().Apply([from = std::string(from), to = std::string(to),
                       file](FakeDirectory::Entries* entries) {
      entries->erase(from);
      (*entries)[to] = file;
    });
    return Recorded();
  }

  static int UnlinkAt(int, const char* name, int) {
    if (!Directory().Get(name)) return Fail(ENOENT);
    Directory().Apply(
        [name = std::string(name)](auto* entries) { entries->erase(name); });
    return Recorded();
  }

  static DIR* FdOpenDir(int directory) {
    return reinterpret_cast<DIR*>(&At(directory));
  }

  static dirent* ReadDir(DIR* listing) {
    static dirent s_entry;
    std::string& next = reinterpret_cast<FakeDisk::Open*>(listing)->next;
    const auto found = Directory().entries.upper_bound(next);
    if (found == Directory().entries.end()) return nullptr;
    next = found->first;
    std::strcpy(s_entry.d_name, next.c_str());
    return &s_entry;
  }

  static int CloseDir(DIR*) { return 0; }
};

FakeDisk* FakeCalls::s_disk = nullptr;

FakeDisk::FakeDisk(FakeDirectory directory) : directory_(std::move(directory)) {
  FakeCalls::s_disk = this;
  g_file_calls.openat = FakeCalls::OpenAt;
  g_file_calls.close = FakeCalls::Close;
  g_file_calls.read = nullptr;
  g_file_calls.pread = nullptr;
  g_file_calls.write = FakeCalls::Write;
  g_file_calls.sync_file_range = FakeCalls::SyncFileRange;
  g_file_calls.fsync = FakeCalls::Fsync;
  g_file_calls.fallocate = FakeCalls::Fallocate;
  g_file_calls.posix_fadvise = nullptr;
  g_file_calls.fstat = FakeCalls::Fstat;
  g_file_calls.fstatat = FakeCalls::FstatAt;
  g_file_calls.fchmod = FakeCalls::Fchmod;
  g_file_calls.fchown = FakeCalls::Fchown;
  g_file_calls.flock = FakeCalls::Flock;
  g_file_calls.readlink = FakeCalls::Readlink;
  g_file_calls.renameat = FakeCalls::RenameAt;
  g_file_calls.unlinkat = FakeCalls::UnlinkAt;
  g_file_calls.fdopendir = FakeCalls::FdOpenDir;
  g_file_calls.readdir = FakeCalls::ReadDir;
  g_file_calls.closedir = FakeCalls::CloseDir;
  Record();
}

FakeDisk::~FakeDisk() { FakeCalls::s_disk = nullptr; }

}  // namespace libopt::os
