// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The header of a checkpoint as plain data. FORMAT.md documents the format.

#ifndef OPT_SRC_STATE_HEADER_H_
#define OPT_SRC_STATE_HEADER_H_

#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

namespace libopt {

// A file starts with the length of the JSON text that follows.
constexpr int64_t kLengthSize = 8;
constexpr int64_t kMaxHeaderLength = 100000000;

// The metadata that mark a checkpoint as libopt's.
constexpr std::string_view kFormat = "libopt";
constexpr std::string_view kFormatVersion = "1";

// In libopt's own files the data start at multiples of it.
constexpr int64_t kDataAlignment = 64;

constexpr std::string_view kMetadataName = "__metadata__";
constexpr std::string_view kPadPrefix = "__pad__.";
constexpr std::string_view kChecksumName = "__crc32__";

struct HeaderEntry {
  explicit HeaderEntry(std::pmr::memory_resource* memory)
      : name(memory), shape(memory) {}
  int64_t size() const { return end - begin; }
  bool is_pad() const {
    return std::string_view(name).substr(0, kPadPrefix.size()) == kPadPrefix;
  }
  bool is_checksum() const { return name == kChecksumName; }

  std::pmr::string name;
  std::string_view dtype;  // safetensors' name, such as "F32"; a constant
  std::pmr::vector<int64_t> shape;
  int64_t count = 0;  // elements
  int64_t begin = 0;  // of the data, from Header::data_start on
  int64_t end = 0;
  int64_t named_at = 0;  // the byte of the file where the header names it
};

// A key and its value, in Header::metadata_text. Small, for a hostile header
// can be full of empty strings.
struct HeaderMetadata {
  uint32_t begin = 0;  // of the key; its value follows it
  uint32_t key_size = 0;
  uint32_t value_size = 0;
  uint32_t named_at = 0;  // the byte of the file where the key stands
};

struct Header {
  explicit Header(std::pmr::memory_resource* memory)
      : entries(memory), metadata(memory), metadata_text(memory) {}

  std::string_view KeyOf(const HeaderMetadata& item) const {
    return std::string_view(metadata_text).substr(item.begin, item.key_size);
  }
  std::string_view ValueOf(const HeaderMetadata& item) const {
    return std::string_view(metadata_text)
        .substr(item.begin + item.key_size, item.value_size);
  }
  // The value of a key of the metadata, or "".
  std::string_view Metadata(std::string_view key) const {
    for (const HeaderMetadata& item : metadata) {
      if (KeyOf(item) == key) return ValueOf(item);
    }
    return "";
  }

  std::pmr::vector<HeaderEntry> entries;  // in the order of their data
  std::pmr::vector<HeaderMetadata> metadata;
  std::pmr::string metadata_text;
  int64_t data_start = 0;  // a byte of the file
};

}  // namespace libopt

#endif  // OPT_SRC_STATE_HEADER_H_
