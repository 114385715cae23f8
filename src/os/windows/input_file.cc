// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/input_file.h"

#include <algorithm>
#include <cerrno>

#include "src/os/windows/file_calls.h"

namespace libopt::os {
namespace {

// A checkpoint cannot be opened in the moment in which it takes the place of
// another, so that is tried again, this often, after a millisecond.
constexpr int kAttempts = 200;

HANDLE HandleOf(intptr_t file) { return reinterpret_cast<HANDLE>(file); }

// Whoever reads a file does not keep others from writing or replacing it.
HANDLE Open(const std::wstring& path) {
  for (int attempt = 1;; ++attempt) {
    HANDLE file = g_file_calls.create_file(
        path.c_str(), GENERIC_READ,
        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
        OPEN_EXISTING, FILE_FLAG_SEQUENTIAL_SCAN, nullptr);
    const bool is_busy = file == INVALID_HANDLE_VALUE &&
                         GetLastError() == ERROR_SHARING_VIOLATION;
    if (!is_busy || attempt == kAttempts) return file;
    Sleep(1);
  }
}

// Reads some bytes at the file's position; 0 at the end, -1 after an error.
int64_t ReadSome(HANDLE file, void* data, size_t size, OVERLAPPED* from) {
  constexpr size_t kMost = size_t{1} << 30;
  DWORD count = 0;
  if (g_file_calls.read_file(file, data,
                             static_cast<DWORD>(std::min(size, kMost)), &count,
                             from)) {
    return count;
  }
  const DWORD error = GetLastError();
  return error == ERROR_HANDLE_EOF || error == ERROR_BROKEN_PIPE ? 0 : -1;
}

}  // namespace

InputFile::InputFile(const char* path) : path_(path) {
  const std::wstring wide = WidePath(path, "open");
  Handle file(Open(wide));
  if (!file.is_open()) {
    const DWORD error = GetLastError();
    const DWORD attributes = GetFileAttributesW(wide.c_str());
    if (attributes != INVALID_FILE_ATTRIBUTES &&
        (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
      throw FileError{"open", EISDIR, path_};
    }
    SetLastError(error);
    ThrowLastError("open", path_);
  }
  if (GetFileType(file.get()) == FILE_TYPE_DISK) {
    BY_HANDLE_FILE_INFORMATION found = {};
    if (!g_file_calls.get_information(file.get(), &found)) {
      ThrowLastError("open", path_);
    }
    size_ = static_cast<int64_t>(found.nFileSizeHigh) << 32 |
            static_cast<int64_t>(found.nFileSizeLow);
  }
  file_ = reinterpret_cast<intptr_t>(file.Release());
}

InputFile::~InputFile() { CloseHandle(HandleOf(file_)); }

size_t InputFile::Read(void* data, size_t size) {
  const int64_t count = ReadSome(HandleOf(file_), data, size, nullptr);
  if (count < 0) ThrowLastError("read", path_);
  return static_cast<size_t>(count);
}

// A read at an offset moves the file's position, which is put back.
size_t InputFile::ReadAt(int64_t offset, void* data, size_t size) {
  LARGE_INTEGER position = {};
  if (!SetFilePointerEx(HandleOf(file_), {}, &position, FILE_CURRENT)) {
    ThrowLastError("read", path_);
  }
  size_t done = 0;
  while (done < size) {
    const auto from =
        static_cast<uint64_t>(offset) + static_cast<uint64_t>(done);
    OVERLAPPED overlapped = {};
    overlapped.Offset = static_cast<DWORD>(from);
    overlapped.OffsetHigh = static_cast<DWORD>(from >> 32);
    const int64_t count =
        ReadSome(HandleOf(file_), static_cast<char*>(data) + done, size - done,
                 &overlapped);
    if (count < 0) ThrowLastError("read", path_);
    if (count == 0) break;
    done += static_cast<size_t>(count);
  }
  if (!SetFilePointerEx(HandleOf(file_), position, nullptr, FILE_BEGIN)) {
    ThrowLastError("read", path_);
  }
  return done;
}

}  // namespace libopt::os
