// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/files/fake_disk.h"

#include <fcntl.h>

#include <cstring>
#include <utility>

namespace libopt::os {
namespace {

constexpr uid_t kSelf = 0;  // the owner and the group of what is created

}  // namespace

void FakeFile::Write::Put(size_t length, std::string* content) const {
  const size_t end = offset + length;
  if (content->size() < end) content->resize(end, '\0');
  content->replace(offset, length, data, 0, length);
}

std::vector<FakeFile> FakeFile::Outcomes() const {
  std::vector<std::string> contents = {synced, content};
  // The size on the disk but not the data: zeros, or what was there before.
  contents.emplace_back(content.size(), '\0');
  contents.emplace_back(content.size(), '?');
  for (size_t i = 0; i < unsynced.size(); ++i) {
    std::string only = synced;
    std::string all_but = synced;
    std::string torn = synced;
    for (size_t k = 0; k < unsynced.size(); ++k) {
      const size_t size = unsynced[k].data.size();
      if (k == i) unsynced[k].Put(size, &only);
      if (k != i) unsynced[k].Put(size, &all_but);
      if (k <= i) unsynced[k].Put(k == i ? size / 2 : size, &torn);
    }
    contents.insert(contents.end(), {only, all_but, torn});
  }
  if (unsynced.empty()) contents = {synced};

  std::vector<FakeFile> outcomes;
  for (const std::string& survivor : contents) {
    for (const mode_t mode_then : {mode, synced_mode}) {
      outcomes.push_back(
          {survivor, mode_then, owner, group, survivor, mode_then, {}});
    }
  }
  return outcomes;
}

void FakeDirectory::Put(const std::string& name, const FakeFile& file) {
  entries[name] = synced[name] = static_cast<int>(files.size());
  files.push_back(file);
  files.back().synced = file.content;
  files.back().synced_mode = file.mode;
}

std::optional<FakeFile> FakeDirectory::Get(const std::string& name) const {
  const auto found = entries.find(name);
  if (found == entries.end()) return std::nullopt;
  return files[static_cast<size_t>(found->second)];
}

void FakeDirectory::Apply(const Change& change) {
  change(&entries);
  unsynced.push_back(change);
}

std::vector<FakeDirectory> FakeDirectory::Outcomes() const {
  std::vector<FakeDirectory> outcomes;
  for (size_t kept = 0; kept < size_t{1} << unsynced.size(); ++kept) {
    FakeDirectory outcome;
    outcome.files = files;
    outcome.entries = synced;
    for (size_t i = 0; i < unsynced.size(); ++i) {
      if ((kept >> i & 1) != 0) unsynced[i](&outcome.entries);
    }
    outcome.synced = outcome.entries;
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

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
