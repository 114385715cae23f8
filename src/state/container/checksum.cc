// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/container/checksum.h"

#include <zlib.h>

#include <algorithm>

#include "src/base/error.h"
#include "src/base/pmr.h"

namespace libopt {
namespace {

// The bytes that are written or read at a time: few enough that they are still
// in the cache for their checksum.
constexpr int64_t kPiece = 256 * 1024;

}  // namespace

uint32_t Crc32(uint32_t crc, const void* data, int64_t size) {
  return static_cast<uint32_t>(crc32_z(crc, static_cast<const Bytef*>(data),
                                       static_cast<z_size_t>(size)));
}

void ChecksummedWriter::Write(const void* data, int64_t size) {
  const auto* bytes = static_cast<const char*>(data);
  uint32_t crc = 0;
  for (int64_t done = 0; done < size; done += kPiece) {
    const int64_t piece = std::min(kPiece, size - done);
    crc = Crc32(crc, bytes + done, piece);
    sink_->Write(bytes + done, piece);
  }
  crcs_.push_back(crc);
}

void ChecksummedWriter::WriteChecksums() {
  sink_->Write(crcs_.data(), static_cast<int64_t>(crcs_.size() * 4));
}

ChecksummedReader::ChecksummedReader(const Header& header,
                                     pmr::MemoryResource* memory)
    : header_(header),
      crcs_(memory),
      stored_(header.entries.size(), 0, memory),
      buffer_(memory, kPiece) {
  crcs_.reserve(header.entries.size() + 1);
  crcs_.push_back(header.crc);
}

void ChecksummedReader::Read(size_t index, void* data, Source* source) {
  const bool last = index + 1 == header_.entries.size();
  if (last) data = stored_.data();
  const int64_t size = header_.entries[index].size();
  uint32_t crc = 0;
  for (int64_t done = 0; done < size; done += kPiece) {
    const int64_t piece = std::min(kPiece, size - done);
    char* to =
        data == nullptr ? buffer_.data() : static_cast<char*>(data) + done;
    source->Read(to, piece);
    crc = Crc32(crc, to, piece);
  }
  crcs_.push_back(crc);
}

void ChecksummedReader::VerifyChecksums() const {
  if (stored_[0] != crcs_[0]) {
    Fail(OPT_ERR_FORMAT,
         "the checksum of the header, from byte 0 on, is wrong: the "
         "checkpoint is damaged; load another copy");
  }
  for (size_t i = 0; i + 1 < header_.entries.size(); ++i) {
    if (stored_[i + 1] == crcs_[i + 1]) continue;
    const HeaderEntry& entry = header_.entries[i];
    Fail(OPT_ERR_FORMAT, "the checksum of '", std::string_view(entry.name),
         "', from byte ", header_.data_start + entry.begin,
         " on, is wrong: the checkpoint is damaged; load another copy");
  }
}

}  // namespace libopt
