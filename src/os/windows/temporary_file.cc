// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/windows/temporary_file.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>

namespace libopt::os {
namespace {

constexpr char kCreate[] = "create a temporary file beside";
constexpr std::wstring_view kMark = L".libopt-";
constexpr std::wstring_view kSuffix = L".tmp";
constexpr std::wstring_view kHex = L"0123456789abcdef";
constexpr size_t kDigits = 16;
constexpr int kMaxAttempts = 100;
constexpr DWORD kShareAll =
    FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

// Of FileRenameInfoEx, which the headers of mingw-w64 have for Windows 10
// alone.
constexpr int kFileRenameInfoEx = 22;
constexpr DWORD kReplaceIfExists = 1;
constexpr DWORD kPosixSemantics = 2;

// The beginning of the names of a target's temporary files. The name of the
// target is cut if they would be too long, though not inside a character.
std::wstring Prefix(const std::wstring& target) {
  constexpr size_t kMaxName = 255 - 1 - kMark.size() - kDigits - kSuffix.size();
  size_t length = std::min(target.size(), kMaxName);
  const auto is_second_half = [&](size_t i) {
    return i < target.size() && (target[i] & 0xFC00) == 0xDC00;
  };
  if (is_second_half(length)) --length;
  return L"." + target.substr(0, length) + std::wstring(kMark);
}

bool IsTemporary(std::wstring_view name, std::wstring_view prefix) {
  if (name.size() != prefix.size() + kDigits + kSuffix.size()) return false;
  const std::wstring_view digits = name.substr(prefix.size(), kDigits);
  return name.substr(0, prefix.size()) == prefix &&
         digits.find_first_not_of(kHex) == std::wstring_view::npos &&
         name.substr(prefix.size() + kDigits) == kSuffix;
}

// Leftovers take space but do no harm, so failures are ignored here.
void RemoveIfStale(const std::wstring& path) {
  const Handle file(g_file_calls.create_file(
      path.c_str(), GENERIC_READ | DELETE, kShareAll, nullptr, OPEN_EXISTING,
      FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
  if (file.is_open()) g_file_calls.delete_file(path.c_str());
}

void RemoveStale(const std::wstring& directory, const std::wstring& prefix) {
  WIN32_FIND_DATAW found = {};
  const std::wstring pattern =
      directory + prefix + L"*" + std::wstring(kSuffix);
  HANDLE listing = g_file_calls.find_first(pattern.c_str(), &found);
  if (listing == INVALID_HANDLE_VALUE) return;
  do {
    if (IsTemporary(found.cFileName, prefix)) {
      RemoveIfStale(directory + found.cFileName);
    }
  } while (FindNextFileW(listing, &found) != 0);
  FindClose(listing);
}

// Empty if the system has no random numbers.
std::wstring RandomDigits() {
  std::wstring digits;
  while (digits.size() < kDigits) {
    unsigned bits = 0;
    if (g_file_calls.random(&bits) != 0) return L"";
    for (int i = 0; i < 8; ++i, bits >>= 4) digits += kHex[bits & 15];
  }
  return digits;
}

std::wstring FinalPath(HANDLE file, const std::string& path) {
  std::wstring found(MAX_PATH, L'\0');
  for (;;) {
    const DWORD size = g_file_calls.final_path(
        file, found.data(), static_cast<DWORD>(found.size()), 0);
    if (size == 0) ThrowLastError("look up", path);
    const bool has_room = size < found.size();
    found.resize(size);
    if (has_room) return found;
  }
}

bool EndsAsDirectory(const std::string& path) {
  return !path.empty() && (path.back() == '/' || path.back() == '\\');
}

}  // namespace

Target::Target(const char* path) : path_(path) {
  if (path_.empty()) throw FileError{"replace", ENOENT, path_};
  if (EndsAsDirectory(path_)) throw FileError{"replace", EISDIR, path_};
  place_ = WidePath(path, "replace");
  const Handle file(g_file_calls.create_file(
      place_.c_str(), READ_CONTROL | FILE_READ_ATTRIBUTES, kShareAll, nullptr,
      OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr));
  if (file.is_open()) {
    LookAt(file.get());
  } else if (GetLastError() != ERROR_FILE_NOT_FOUND) {
    ThrowLastError("look up", path_);
  } else if (GetFileAttributesW(place_.c_str()) != INVALID_FILE_ATTRIBUTES) {
    throw FileError{"follow the link", ENOENT, path_};
  }
  name_ = place_.rfind(L'\\') + 1;
}

void Target::LookAt(HANDLE file) {
  BY_HANDLE_FILE_INFORMATION found = {};
  if (GetFileType(file) != FILE_TYPE_DISK) {
    throw FileError{"replace the device, pipe or socket", EOPNOTSUPP, path_};
  }
  if (!g_file_calls.get_information(file, &found)) {
    ThrowLastError("look up", path_);
  }
  if ((found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
    throw FileError{"replace", EISDIR, path_};
  }
  place_ = FinalPath(file, path_);
  DWORD size = 0;
  while (!g_file_calls.get_security(
      file, DACL_SECURITY_INFORMATION, security_.data(),
      static_cast<DWORD>(security_.size()), &size)) {
    if (GetLastError() != ERROR_INSUFFICIENT_BUFFER) {
      ThrowLastError("keep the permissions of", path_);
    }
    security_.resize(size);
  }
}

void* Target::security() const {
  return security_.empty() ? nullptr : const_cast<char*>(security_.data());
}

TemporaryFile::TemporaryFile(const Target& target) : target_(target) {
  RemoveStale(target_.directory(), Prefix(target_.name()));
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    if (TryCreate()) return;
  }
  throw FileError{kCreate, EEXIST, target_.path()};
}

// Returns false if the name is taken. The file is created with the permissions
// of the old one, so that nobody may read it who could not read that.
bool TemporaryFile::TryCreate() {
  const std::wstring digits = RandomDigits();
  if (digits.empty()) throw FileError{kCreate, EIO, target_.path()};
  std::wstring name = target_.directory() + Prefix(target_.name()) + digits +
                      std::wstring(kSuffix);
  SECURITY_ATTRIBUTES security = {sizeof(security), target_.security(), FALSE};
  // Others may rename or remove it, which needs FILE_SHARE_DELETE, but not open
  // it to read or to write.
  file_ = Handle(g_file_calls.create_file(
      name.c_str(), GENERIC_WRITE | DELETE, FILE_SHARE_DELETE, &security,
      CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr));
  if (file_.is_open()) {
    name_ = std::move(name);
  } else if (GetLastError() != ERROR_FILE_EXISTS &&
             GetLastError() != ERROR_ALREADY_EXISTS) {
    ThrowLastError(kCreate, target_.path());
  }
  return file_.is_open();
}

// Replaces the target even while somebody reads it, on NTFS since Windows 10.
bool TemporaryFile::TryRename() const {
  const std::wstring& to = target_.place();
  const size_t bytes = to.size() * sizeof(wchar_t);
  std::vector<char> buffer(sizeof(FILE_RENAME_INFO) + bytes);
  auto* request = reinterpret_cast<FILE_RENAME_INFO*>(buffer.data());
  const DWORD flags = kReplaceIfExists | kPosixSemantics;
  std::memcpy(request, &flags, sizeof(flags));
  request->FileNameLength = static_cast<DWORD>(bytes);
  std::memcpy(request->FileName, to.data(), bytes);
  return g_file_calls.set_information(
             file_.get(),
             static_cast<FILE_INFO_BY_HANDLE_CLASS>(kFileRenameInfoEx), request,
             static_cast<DWORD>(buffer.size())) != 0;
}

// The older way: not while the target is open, whoever has opened it.
bool TemporaryFile::TryMove() const {
  return g_file_calls.move_file(
             name_.c_str(), target_.place().c_str(),
             MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) != 0;
}

// Readers and scanners for viruses hold the target for a moment, and then it is
// tried again after a millisecond.
void TemporaryFile::ReplaceTarget() {
  constexpr ULONGLONG kPatience = 2000;  // milliseconds
  const ULONGLONG end = GetTickCount64() + kPatience;
  while (!TryRename() && !(IsUnsupported() && TryMove())) {
    const DWORD error = GetLastError();
    const bool is_held =
        error == ERROR_ACCESS_DENIED || error == ERROR_SHARING_VIOLATION;
    if (!is_held || GetTickCount64() >= end) {
      ThrowLastError("replace", target_.path());
    }
    Sleep(1);
  }
  name_.clear();
  file_.Close();
}

void TemporaryFile::Remove() {
  if (!name_.empty()) {
    g_file_calls.delete_file(name_.c_str());
    name_.clear();
  }
  file_.Close();
}

}  // namespace libopt::os
