// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/state/hostile.h"

#include <algorithm>
#include <tuple>

#include "src/base/memory.h"
#include "src/state/container/header.h"

namespace opt_test {
namespace {

constexpr char kMark = '@';

// The number after the only "at byte " of a message, or -1.
int64_t NamedByte(const std::string& message) {
  constexpr std::string_view kWords = "at byte ";
  const size_t at = message.find(kWords);
  if (at == std::string::npos || at != message.rfind(kWords)) return -1;
  return std::stoll(message.substr(at + kWords.size()));
}

}  // namespace

std::string Item(const std::string& name, const std::string& dtype,
                 const std::string& shape, const std::string& offsets) {
  return name + ":{\"dtype\":" + dtype + ",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

std::string Text(const Entry& entry) {
  return "{" + Item(entry.name, entry.dtype, entry.shape, entry.offsets) + "}";
}

std::string WithName(const std::string& name) {
  Entry entry;
  entry.name = name;
  return Text(entry);
}

std::string WithDtype(const std::string& dtype) {
  Entry entry;
  entry.dtype = dtype;
  return Text(entry);
}

std::string WithShape(const std::string& shape) {
  Entry entry;
  entry.shape = shape;
  return Text(entry);
}

std::string WithOffsets(const std::string& offsets) {
  Entry entry;
  entry.offsets = offsets;
  return Text(entry);
}

std::string Repeat(const std::string& part, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += part;
  return all;
}

std::optional<libopt::Error> ErrorOf(const std::function<void()>& read) {
  try {
    read();
  } catch (const libopt::Error& error) {
    return error;
  }
  return std::nullopt;
}

void ExpectFormatError(const std::optional<libopt::Error>& error, int64_t byte,
                       std::string_view says) {
  ASSERT_TRUE(error) << "it was taken";
  const std::string message = error->message.c_str();
  EXPECT_EQ(error->status, OPT_ERR_FORMAT) << message;
  EXPECT_EQ(NamedByte(message), byte) << message;
  EXPECT_NE(message.find(says), std::string::npos)
      << message << "\ndoes not say: " << says;
}

void ExpectRefused(std::string marked, int64_t data_size,
                   std::string_view says) {
  const size_t mark = marked.find(kMark);
  ASSERT_NE(mark, std::string::npos) << "the test marks no byte";
  marked.erase(mark, 1);
  ASSERT_EQ(marked.find(kMark), std::string::npos) << "two marks";
  const std::optional<libopt::Error> error = ErrorOf(
      [&] { libopt::ReadHeader(marked, data_size, libopt::ProcessMemory()); });
  ExpectFormatError(error, libopt::kLengthSize + static_cast<int64_t>(mark),
                    says);
}

libopt::Header ReadFileHeader(std::string_view file) {
  const auto size = static_cast<int64_t>(file.size());
  const int64_t length =
      libopt::ReadHeaderLength(file.substr(0, libopt::kLengthSize), size);
  return libopt::ReadHeader(
      file.substr(libopt::kLengthSize, static_cast<size_t>(length)),
      size - libopt::kLengthSize - length, libopt::ProcessMemory());
}

bool operator==(const libopt::Header& a, const libopt::Header& b) {
  const auto same_entry = [](const libopt::HeaderEntry& x,
                             const libopt::HeaderEntry& y) {
    return std::tie(x.name, x.dtype, x.shape, x.count, x.begin, x.end,
                    x.named_at) == std::tie(y.name, y.dtype, y.shape, y.count,
                                            y.begin, y.end, y.named_at);
  };
  const auto same_metadata = [&](const libopt::HeaderMetadata& x,
                                 const libopt::HeaderMetadata& y) {
    return a.KeyOf(x) == b.KeyOf(y) && a.ValueOf(x) == b.ValueOf(y) &&
           x.named_at == y.named_at;
  };
  return a.data_start == b.data_start &&
         std::equal(a.entries.begin(), a.entries.end(), b.entries.begin(),
                    b.entries.end(), same_entry) &&
         std::equal(a.metadata.begin(), a.metadata.end(), b.metadata.begin(),
                    b.metadata.end(), same_metadata);
}

}  // namespace opt_test
