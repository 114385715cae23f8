// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/atomic_file.h"

#include <algorithm>
#include <cerrno>

#include "src/os/windows/file_calls.h"
#include "src/os/windows/temporary_file.h"

namespace libopt::os {
namespace {

constexpr size_t kMostWritten = size_t{8} << 20;  // bytes by one call

// Reserves space on the disk. The size of the file stays 0, so that the file
// ends where the written bytes end; when it is closed, what is beyond them is
// given back.
void Reserve(int64_t size, HANDLE file, const std::string& path) {
  if (size == 0) return;
  FILE_ALLOCATION_INFO reserved = {};
  reserved.AllocationSize.QuadPart = size;
  if (!g_file_calls.set_information(file, FileAllocationInfo, &reserved,
                                    sizeof(reserved)) &&
      !IsUnsupported()) {
    ThrowLastError("reserve space for", path);
  }
}

}  // namespace

class AtomicFile::Replacement {
 public:
  Replacement(const char* path, int64_t size)
      : path_(path), temporary_(Target(path)) {
    Reserve(size, temporary_.file(), path_);
  }
  void Write(const void* data, size_t size);
  void Commit();

 private:
  const std::string path_;
  TemporaryFile temporary_;
};

void AtomicFile::Replacement::Write(const void* data, size_t size) {
  const auto* from = static_cast<const char*>(data);
  while (size > 0) {
    DWORD count = 0;
    if (!g_file_calls.write_file(
            temporary_.file(), from,
            static_cast<DWORD>(std::min(size, kMostWritten)), &count,
            nullptr)) {
      ThrowLastError("write", path_);
    }
    if (count == 0) throw FileError{"write", EIO, path_};
    from += count;
    size -= count;
  }
}

// There is nothing like a sync of the directory: NTFS keeps a journal of its
// names, so that after a power loss the target is the old file or the new one.
void AtomicFile::Replacement::Commit() {
  if (!g_file_calls.flush(temporary_.file())) ThrowLastError("sync", path_);
  temporary_.ReplaceTarget();
}

AtomicFile::AtomicFile(const char* path, int64_t size)
    : replacement_(std::make_unique<Replacement>(path, size)) {}

AtomicFile::~AtomicFile() = default;

void AtomicFile::Write(const void* data, size_t size) {
  replacement_->Write(data, size);
}

void AtomicFile::Commit() { replacement_->Commit(); }

}  // namespace libopt::os
