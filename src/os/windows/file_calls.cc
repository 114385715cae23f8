// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

// Declares rand_s.
#define _CRT_RAND_S  // NOLINT(bugprone-reserved-identifier)

#include "src/os/windows/file_calls.h"

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace libopt::os {
namespace {

// The errno that is closest to an error of Windows; the rest is EIO, with its
// number.
int ErrnoOf(DWORD error) {
  switch (error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_DRIVE:
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME:
      return ENOENT;
    case ERROR_INVALID_NAME:
    case ERROR_BAD_PATHNAME:
    case ERROR_DIRECTORY:
    case ERROR_NO_UNICODE_TRANSLATION:
      return EINVAL;
    case ERROR_FILENAME_EXCED_RANGE:
      return ENAMETOOLONG;
    case ERROR_ACCESS_DENIED:
    case ERROR_NETWORK_ACCESS_DENIED:
    case ERROR_PRIVILEGE_NOT_HELD:
      return EACCES;
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION:
    case ERROR_BUSY:
      return EBUSY;
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS:
      return EEXIST;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
      return ENOSPC;
    case ERROR_FILE_TOO_LARGE:
      return EFBIG;
    case ERROR_WRITE_PROTECT:
      return EROFS;
    case ERROR_TOO_MANY_OPEN_FILES:
      return EMFILE;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
    case ERROR_NO_SYSTEM_RESOURCES:
      return ENOMEM;
    case ERROR_CANT_RESOLVE_FILENAME:
      return ELOOP;
    default:
      return EIO;
  }
}

int Random(unsigned* bits) { return rand_s(bits); }

bool StartsWith(const std::wstring& text, const wchar_t* start) {
  return text.rfind(start, 0) == 0;
}

}  // namespace

FileCalls g_file_calls = {CreateFileW,
                          ReadFile,
                          WriteFile,
                          FlushFileBuffers,
                          GetFileInformationByHandle,
                          SetFileInformationByHandle,
                          GetFinalPathNameByHandleW,
                          GetKernelObjectSecurity,
                          MoveFileExW,
                          DeleteFileW,
                          FindFirstFileW,
                          Random};

void ThrowLastError(const char* operation, const std::string& path) {
  const DWORD error = GetLastError();
  FileError thrown{operation, ErrnoOf(error), path};
  if (thrown.code == EIO) thrown.windows_error = error;
  throw thrown;
}

bool IsUnsupported() {
  const DWORD error = GetLastError();
  return error == ERROR_INVALID_FUNCTION || error == ERROR_NOT_SUPPORTED ||
         error == ERROR_INVALID_PARAMETER || error == ERROR_INVALID_LEVEL ||
         error == ERROR_CALL_NOT_IMPLEMENTED;
}

std::wstring WidePath(const char* path, const char* operation) {
  const int size =
      MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, nullptr, 0);
  if (size == 0) ThrowLastError(operation, path);
  std::wstring wide(static_cast<size_t>(size), L'\0');
  MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, wide.data(),
                      size);
  const DWORD room = GetFullPathNameW(wide.c_str(), 0, nullptr, nullptr);
  if (room == 0) throw FileError{operation, ENOENT, path};
  std::wstring full(room, L'\0');
  full.resize(GetFullPathNameW(wide.c_str(), room, full.data(), nullptr));
  if (StartsWith(full, L"\\\\?\\") || StartsWith(full, L"\\\\.\\")) return full;
  if (StartsWith(full, L"\\\\")) return L"\\\\?\\UNC" + full.substr(1);
  return L"\\\\?\\" + full;
}

Handle& Handle::operator=(Handle&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

void Handle::Close() {
  if (is_open()) CloseHandle(Release());
}

HANDLE Handle::Release() {
  return std::exchange(handle_, INVALID_HANDLE_VALUE);
}

}  // namespace libopt::os
