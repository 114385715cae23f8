// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The input is the JSON text of a header. Whatever it is, the reader returns a
// header that holds together, or throws an error that names one of its bytes.

#include <optional>
#include <string>
#include <string_view>

#include "src/base/error.h"
#include "src/base/memory.h"
#include "src/base/pmr.h"
#include "src/state/container/header.h"
#include "tests/fuzz/fuzzer.h"
#include "tests/state/counted_memory.h"

namespace {

using opt_test::Require;

// Room for what does not grow with the header.
constexpr size_t kFixedMemory = 4096;

void CheckError(const libopt::Error& error, int64_t first, int64_t last) {
  constexpr std::string_view kWords = "at byte ";
  Require(error.status == OPT_ERR_FORMAT, "the status is OPT_ERR_FORMAT");
  const size_t at = error.message.view().find(kWords);
  Require(at != std::string_view::npos, "the message names a byte");
  const int64_t byte = std::atoll(error.message.c_str() + at + kWords.size());
  Require(first <= byte && byte <= last, "the byte is one of the header");
}

bool IsReserved(std::string_view name) { return name.substr(0, 2) == "__"; }

void CheckHeader(const libopt::Header& header) {
  int64_t end = 0;
  for (const libopt::HeaderEntry& entry : header.entries) {
    Require(entry.begin == end && entry.end >= end, "the data are contiguous");
    Require(!entry.dtype.empty() && entry.count >= 0, "the entry is complete");
    int64_t count = 1;
    for (const int64_t extent : entry.shape) count *= extent;
    Require(entry.count == count, "the shape has that count");
    end = entry.end;
  }
  Require(end <= INT64_MAX - header.data_start, "the file's size is a number");
}

// A header that was read is written as libopt would, and read again.
void CheckRoundTrip(const libopt::Header& header,
                    libopt::pmr::MemoryResource* memory) {
  libopt::HeaderWriter writer(memory);
  writer.AddMetadata("format", libopt::kFormat);
  writer.AddMetadata("format_version", libopt::kFormatVersion);
  for (const libopt::HeaderMetadata& item : header.metadata) {
    writer.AddMetadata("." + std::string(header.KeyOf(item)),
                       header.ValueOf(item));
  }
  try {
    for (const libopt::HeaderEntry& entry : header.entries) {
      if (IsReserved(entry.name)) continue;
      writer.AddEntry(entry.name, entry.dtype, entry.shape.data(),
                      entry.shape.size(), entry.size());
    }
  } catch (const libopt::Error& error) {
    Require(error.status == OPT_ERR_LIMIT, "only too much is refused");
    return;
  }
  writer.Finish();
  const auto length = static_cast<int64_t>(writer.text().size()) - 8;
  Require(libopt::ReadHeaderLength(writer.text(), writer.file_size()) == length,
          "the length is right");
  const libopt::Header again =
      libopt::ReadHeader(std::string_view(writer.text()).substr(8),
                         writer.file_size() - 8 - length, memory);
  libopt::CheckOwnHeader(again);
  for (const libopt::HeaderMetadata& item : header.metadata) {
    Require(again.Metadata("." + std::string(header.KeyOf(item))) ==
                header.ValueOf(item),
            "the metadata are the same");
  }
  size_t next = 0;
  for (const libopt::HeaderEntry& entry : header.entries) {
    if (IsReserved(entry.name)) continue;
    while (IsReserved(again.entries[next].name)) ++next;
    const libopt::HeaderEntry& same = again.entries[next++];
    Require(same.name == entry.name && same.dtype == entry.dtype &&
                same.shape == entry.shape && same.size() == entry.size(),
            "the entries are the same");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto length = static_cast<int64_t>(size);
  try {
    libopt::ReadHeaderLength(text.substr(0, 8), length);
  } catch (const libopt::Error& error) {
    CheckError(error, 0, length);
  }
  opt_test::CountedMemory memory;
  std::optional<libopt::Header> header;
  try {
    header = libopt::ReadHeader(text, -1, &memory);
  } catch (const libopt::Error& error) {
    CheckError(error, 8, 8 + length);
  }
  Require(memory.most <= kFixedMemory + opt_test::kMostPerByte * size,
          "the memory is proportional to the header");
  if (header) {
    CheckHeader(*header);
    CheckRoundTrip(*header, &memory);
  }
  header.reset();
  Require(memory.now == 0, "no memory is lost");
  return 0;
}
