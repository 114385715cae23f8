// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/container/stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <system_error>

#include "src/base/error.h"

namespace libopt {
namespace {

// The end of a message about a system call that failed, or nothing.
const char* RemedyOf(int code) {
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      return ": check the path";
    case EISDIR:
      return ": give the path of a file";
    case EOPNOTSUPP:
      return ": give the path of a regular file";
    case EACCES:
    case EPERM:
    case EROFS:
      return ": give a path that this process may use";
    case ENOSPC:
#ifdef EDQUOT
    case EDQUOT:
#endif
      return ": free some space there, or give a path elsewhere";
    case EMFILE:
    case ENFILE:
      return ": close some files first";
    case ENAMETOOLONG:
      return ": give a shorter path";
    default:
      return "";
  }
}

Text MeaningOf(const os::FileError& error) {
  if (error.windows_error != 0) {
    return Text("error ", error.windows_error, " of Windows");
  }
  // The C library of Windows has no words for these two.
  if (error.code == EOPNOTSUPP) return Text("Operation not supported");
  if (error.code == ELOOP) return Text("Too many levels of symbolic links");
  return Text(std::error_code(error.code, std::generic_category()).message());
}

}  // namespace

void Source::Read(void* data, int64_t size) {
  auto* to = static_cast<char*>(data);
  while (size > 0) {
    const int64_t got = ReadSome(to, size);
    if (got == 0) {
      Fail(OPT_ERR_FORMAT, "the checkpoint ends at byte ", offset_, ", but ",
           size,
           " more bytes belong to it: it was cut short; load another copy");
    }
    to += got;
    size -= got;
    offset_ += got;
  }
}

void Source::ExpectEnd() {
  char byte = 0;
  if (ReadSome(&byte, 1) != 0) {
    Fail(OPT_ERR_FORMAT, "the checkpoint is complete at byte ", offset_,
         ", but more bytes follow: it is damaged; load another copy");
  }
}

void ThrowFileError(const os::FileError& error) {
  Fail(OPT_ERR_IO, "cannot ", error.operation, " '",
       std::string_view(error.path), "': ", MeaningOf(error),
       error.replaced ? "; the new file is in place, but may not survive a "
                        "power loss: save again"
                      : RemedyOf(error.code));
}

void MemorySink::Write(const void* data, int64_t size) {
  std::memcpy(to_, data, static_cast<size_t>(size));
  to_ += size;
}

void CallbackSink::Write(const void* data, int64_t size) {
  const int32_t result = write_(user_, data, size);
  if (result != 0) {
    Fail(OPT_ERR_IO, "the write callback returned ", result, " for ", size,
         " bytes: the checkpoint is incomplete");
  }
}

void FileSink::Write(const void* data, int64_t size) {
  WithFileErrors([&] { file_->Write(data, static_cast<size_t>(size)); });
}

int64_t MemorySource::ReadSome(void* data, int64_t size) {
  const int64_t count = std::min(size, size_ - offset());
  if (count > 0) {
    std::memcpy(data, from_ + offset(), static_cast<size_t>(count));
  }
  return count;
}

int64_t CallbackSource::ReadSome(void* data, int64_t size) {
  const int64_t count = read_(user_, data, size);
  if (count < 0 || count > size) {
    Fail(OPT_ERR_IO, "the read callback returned ", count, " when asked for ",
         size, " bytes at byte ", offset(),
         ": it must return a number from 0 to that");
  }
  return count;
}

int64_t FileSource::ReadSome(void* data, int64_t size) {
  int64_t count = 0;
  WithFileErrors([&] {
    count = static_cast<int64_t>(file_->Read(data, static_cast<size_t>(size)));
  });
  return count;
}

}  // namespace libopt
