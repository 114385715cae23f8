// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/own_header.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "src/base/error.h"
#include "src/state/checksum.h"
#include "src/state/header_reader.h"

namespace libopt {
namespace {

// How much of a header is read before there is memory for more.
constexpr int64_t kPiece = 1 << 20;

}  // namespace

Header ReadOwnHeader(Source* source, std::pmr::memory_resource* memory,
                     uint32_t* crc) {
  char start[kLengthSize];
  source->Read(start, kLengthSize);
  const int64_t length =
      ReadHeaderLength({start, sizeof(start)}, source->size());
  std::pmr::vector<char> json(memory);
  while (static_cast<int64_t>(json.size()) < length) {
    const auto have = static_cast<int64_t>(json.size());
    const int64_t piece = std::min(length - have, std::max(kPiece, have));
    json.resize(static_cast<size_t>(have + piece));
    source->Read(json.data() + have, piece);
  }
  *crc = Crc32(Crc32(0, start, kLengthSize), json.data(), length);
  const int64_t data_size =
      source->size() < 0 ? -1 : source->size() - kLengthSize - length;
  Header header = ReadHeader({json.data(), json.size()}, data_size, memory);
  CheckOwnHeader(header);
  return header;
}

const HeaderEntry* FindEntry(const Header& header, std::string_view name) {
  for (const HeaderEntry& entry : header.entries) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

}  // namespace libopt
