// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/header_reader.h"

#include <cstddef>

#include "src/base/error.h"
#include "src/state/header_parser.h"
#include "src/state/json_text.h"

namespace libopt {

int64_t ReadHeaderLength(std::string_view start, int64_t file_size) {
  const auto available = static_cast<int64_t>(start.size());
  if (available < kLengthSize) {
    FailAt(available, "it ends, but the length of its header takes ",
           kLengthSize, " bytes");
  }
  uint64_t length = 0;
  for (int64_t i = kLengthSize; i-- > 0;) {
    const auto byte = static_cast<unsigned char>(start[static_cast<size_t>(i)]);
    length = length << 8 | byte;
  }
  if (length > static_cast<uint64_t>(kMaxHeaderLength)) {
    FailAt(0, "its header is said to have more than ", kMaxHeaderLength,
           " bytes");
  }
  const auto size = static_cast<int64_t>(length);
  if (file_size >= 0 && size > file_size - kLengthSize) {
    FailAt(file_size, "it ends, but its header reaches to byte ",
           kLengthSize + size);
  }
  return size;
}

Header ReadHeader(std::string_view json, int64_t data_size,
                  std::pmr::memory_resource* memory) {
  Header header = ParseHeader(json, memory);
  const int64_t described =
      header.entries.empty() ? 0 : header.entries.back().end;
  if (data_size >= 0 && data_size < described) {
    FailAt(header.data_start + data_size,
           "it ends, but its data reach to byte ",
           header.data_start + described);
  }
  if (data_size > described) {
    FailAt(header.data_start + described, "its data end, but the file has ",
           data_size - described, " more bytes");
  }
  return header;
}

void CheckOwnHeader(const Header& header) {
  if (header.Metadata("format") != kFormat) {
    Fail(OPT_ERR_FORMAT, "not a checkpoint of libopt: the metadata at byte ",
         kLengthSize, " have no format '", kFormat, "'");
  }
  if (header.Metadata("format_version") != kFormatVersion) {
    Fail(OPT_ERR_FORMAT, "the metadata at byte ", kLengthSize,
         " have another format_version than ", kFormatVersion,
         ": load it with a newer libopt");
  }
  if (header.data_start % kDataAlignment != 0) {
    FailAt(0, "its data start at ", header.data_start,
           ", which is no multiple of ", kDataAlignment);
  }
  for (const HeaderEntry& entry : header.entries) {
    if (!entry.is_pad() && entry.begin % kDataAlignment != 0) {
      FailAt(entry.named_at, "the data of '", std::string_view(entry.name),
             "' begin at offset ", entry.begin, ", which is no multiple of ",
             kDataAlignment);
    }
  }
  const auto count = static_cast<int64_t>(header.entries.size());
  if (count == 0 || !header.entries.back().is_checksum()) {
    FailAt(kLengthSize, "the last tensor is not '", kChecksumName, "'");
  }
  const HeaderEntry& checksums = header.entries.back();
  if (checksums.dtype != "U32" || checksums.shape.size() != 1 ||
      checksums.count != count) {
    FailAt(checksums.named_at, "'", kChecksumName, "' is not U32 [", count,
           "], for the header and each other tensor");
  }
}

}  // namespace libopt
