// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The header of a safetensors file: its contents as plain data, and how they
// are read and written. FORMAT.md documents the format.

#ifndef OPT_SRC_STATE_CONTAINER_HEADER_H_
#define OPT_SRC_STATE_CONTAINER_HEADER_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "opt/opt_base.h"
#include "src/base/pmr.h"
#include "src/state/container/stream.h"

namespace libopt {

// A file starts with the length of the JSON text that follows.
constexpr int64_t kLengthSize = 8;
constexpr int64_t kMaxHeaderLength = 100000000;

// The metadata that marks a checkpoint as libopt's.
constexpr std::string_view kFormat = "libopt";
constexpr std::string_view kFormatVersion = "1";

// In libopt's own files the data of all entries start at multiples of this.
constexpr int64_t kDataAlignment = 64;

constexpr std::string_view kMetadataName = "__metadata__";
constexpr std::string_view kPadPrefix = "__pad__.";
constexpr std::string_view kChecksumName = "__crc32__";

// The size of an element in bytes, or 0 if libopt has no such type.
int64_t DtypeSize(opt_dtype dtype);
// The name in safetensors of a type that libopt has.
const char* FormatDtype(opt_dtype dtype);
// The type with this name in safetensors, or -1 if libopt does not have it.
opt_dtype ParseDtype(std::string_view name);

struct HeaderEntry {
  explicit HeaderEntry(pmr::MemoryResource* memory)
      : name(memory), shape(memory) {}
  int64_t size() const { return end - begin; }
  bool is_pad() const {
    return std::string_view(name).substr(0, kPadPrefix.size()) == kPadPrefix;
  }
  bool is_checksum() const { return name == kChecksumName; }

  pmr::String name;
  std::string_view dtype;  // safetensors' name, such as "F32"; a constant
  pmr::Vector<int64_t> shape;
  int64_t count = 0;  // elements
  int64_t begin = 0;  // of the data, from Header::data_start on
  int64_t end = 0;
  int64_t named_at = 0;  // the byte of the file where the header names it
};

// A key and its value, in Header::metadata_text. It is small because a
// malicious header can be full of empty strings.
struct HeaderMetadata {
  uint32_t begin = 0;  // of the key; its value follows it
  uint32_t key_size = 0;
  uint32_t value_size = 0;
  uint32_t named_at = 0;  // the byte of the file where the key stands
};

struct Header {
  explicit Header(pmr::MemoryResource* memory)
      : entries(memory), metadata(memory), metadata_text(memory) {}

  std::string_view KeyOf(const HeaderMetadata& item) const {
    return std::string_view(metadata_text).substr(item.begin, item.key_size);
  }
  std::string_view ValueOf(const HeaderMetadata& item) const {
    return std::string_view(metadata_text)
        .substr(item.begin + item.key_size, item.value_size);
  }
  // The value of a key of the metadata, or "".
  std::string_view Metadata(std::string_view key) const;
  // The entry with a name, or nullptr. Looks at every entry.
  const HeaderEntry* Find(std::string_view name) const;
  // The byte of the file where the data of an entry begin.
  int64_t ByteOf(const HeaderEntry& entry) const {
    return data_start + entry.begin;
  }

  pmr::Vector<HeaderEntry> entries;  // in the order of their data
  pmr::Vector<HeaderMetadata> metadata;
  pmr::String metadata_text;
  int64_t data_start = 0;  // a byte of the file
  uint32_t crc = 0;        // of the header's bytes, if ReadOwnHeader read them
};

// Reading a header, of libopt's file or another program's, as strictly as the
// specification of safetensors demands. Faults throw OPT_ERR_FORMAT with a
// message that names the byte of the file. For a header of n bytes this takes
// O(n log n) time and O(n) memory, whatever the header says.

// Returns the length of the JSON text.
//   start      the first kLengthSize bytes of the file, or the fewer it has
//   file_size  bytes of the whole file, or -1 if unknown
int64_t ReadHeaderLength(std::string_view start, int64_t file_size);

// Reads the JSON text.
//   json       all of it, with the spaces at its end; no longer than
//              kMaxHeaderLength
//   data_size  bytes that follow it in the file, or -1 if unknown
Header ReadHeader(std::string_view json, int64_t data_size,
                  pmr::MemoryResource* memory);

// Checks what only libopt's own files promise: format and version, alignment,
// and the checksums as the last tensor, one for the header and each other.
void CheckOwnHeader(const Header& header);

// Reads and checks the header of a libopt file. Takes memory only in
// proportion to the bytes that the source really has. Throws OPT_ERR_IO as
// well.
Header ReadOwnHeader(Source* source, pmr::MemoryResource* memory);

// Writes the header of a libopt file. The same calls give the same bytes.
class HeaderWriter {
 public:
  // An array of the data: one that was added, or one that the format needs.
  struct Tensor {
    int64_t size = 0;  // bytes
    bool is_pad = false;
    bool is_checksum = false;
  };

  explicit HeaderWriter(pmr::MemoryResource* memory);

  // Adds to the metadata, before any entry is added. No key may be given twice.
  void AddMetadata(std::string_view key, std::string_view value);
  // Adds an entry whose data follow those of the ones before. Names must be
  // printable UTF-8, none may be given twice, and the other arguments must
  // agree. Throws OPT_ERR_LIMIT if no file can be that large.
  void AddEntry(std::string_view name, std::string_view dtype,
                const int64_t* shape, size_t rank, int64_t bytes);
  void AddEntry(std::string_view name, std::string_view dtype,
                std::initializer_list<int64_t> shape, int64_t bytes) {
    AddEntry(name, dtype, shape.begin(), shape.size(), bytes);
  }
  // Adds the checksums. Throws OPT_ERR_LIMIT if the header is too long.
  void Finish();

  // After Finish(): the file up to the data.
  const pmr::String& text() const { return text_; }
  // After Finish(): the data, one after another.
  const pmr::Vector<Tensor>& tensors() const { return tensors_; }
  int64_t file_size() const;

 private:
  void StartItem();
  void CloseMetadata();
  void AddTensor(std::string_view name, std::string_view dtype,
                 const int64_t* shape, size_t rank, Tensor tensor);
  void Align();

  pmr::String text_;
  pmr::Vector<Tensor> tensors_;
  bool in_metadata_ = false;
  int64_t pads_ = 0;
  int64_t end_ = 0;  // of the data so far
};

}  // namespace libopt

#endif  // OPT_SRC_STATE_CONTAINER_HEADER_H_
