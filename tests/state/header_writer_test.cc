// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include <random>
#include <vector>

#include "src/base/memory.h"
#include "src/base/pmr.h"
#include "src/state/container/header.h"
#include "tests/state/hostile.h"
#include "tests/state/sample.h"

namespace opt_test {
namespace {

using namespace std::literals;

TEST(HeaderWriter, WritesExactlyTheseBytes) {
  const std::string json =
      R"({"__metadata__":{"format":"libopt","format_version":"1",)"
      R"("note":"a \"tab\":\u0009\\"},)"
      R"("fc1.weight":{"dtype":"F32","shape":[4,8],"data_offsets":[0,128]},)"
      R"("fc1.weight/exp_avg":{"dtype":"F64","shape":[3],"data_offsets":[128,152]},)"
      R"("__pad__.0":{"dtype":"U8","shape":[40],"data_offsets":[152,192]},)"
      R"("fc1.weight/step":{"dtype":"I64","shape":[],"data_offsets":[192,200]},)"
      R"("__pad__.1":{"dtype":"U8","shape":[56],"data_offsets":[200,256]},)"
      "\"b\u00EFas \\\"\\\\ \U0001F600\""
      R"(:{"dtype":"F32","shape":[0],"data_offsets":[256,256]},)"
      R"("__own__.epoch":{"dtype":"U8","shape":[65],"data_offsets":[256,321]},)"
      R"("__pad__.2":{"dtype":"U8","shape":[63],"data_offsets":[321,384]},)"
      R"("__crc32__":{"dtype":"U32","shape":[9],"data_offsets":[384,420]}})";
  ASSERT_EQ(json.size(), 695U);  // padded to 696, and 8 + 696 = 11 * 64
  EXPECT_EQ(std::string(SampleHeader().text()),
            "\xB8\x02\0\0\0\0\0\0"s + json + ' ');
}

TEST(HeaderWriter, TellsWhatTheDataAre) {
  const libopt::HeaderWriter writer = SampleHeader();
  std::string kinds;
  int64_t size = static_cast<int64_t>(writer.text().size());
  for (const auto& tensor : writer.tensors()) {
    kinds += tensor.is_checksum ? 'c' : tensor.is_pad ? 'p' : 't';
    size += tensor.size;
  }
  EXPECT_EQ(kinds, "ttptpttpc");
  EXPECT_EQ(writer.file_size(), size);
  EXPECT_EQ(size, 704 + 420);
}

TEST(HeaderWriter, WritesNoMetadataIfThereAreNone) {
  libopt::HeaderWriter writer(libopt::ProcessMemory());
  writer.Finish();
  EXPECT_EQ(
      std::string(writer.text()).substr(8),
      R"({"__crc32__":{"dtype":"U32","shape":[1],"data_offsets":[0,4]}})" +
          std::string(120 - 62, ' '));
}

TEST(HeaderWriter, NeedsNoSpacesIfTheTextIsAligned) {
  for (size_t length = 1; length <= 64; ++length) {
    libopt::HeaderWriter writer(libopt::ProcessMemory());
    writer.AddEntry(std::string(length, 'w'), "U8", {1}, 1);
    writer.Finish();
    const libopt::pmr::String& text = writer.text();
    EXPECT_EQ(text.size() % 64, 0U);
    EXPECT_LT(text.size() - text.rfind('}'), 65U) << length;
  }
}

TEST(HeaderWriter, WritesWhatTheReaderReads) {
  std::mt19937 random(1);
  const char* const kDtypes[] = {"U8", "F32", "I64", "F64"};
  const int64_t kSizes[] = {1, 4, 8, 8};
  for (int round = 0; round < 200; ++round) {
    libopt::HeaderWriter writer(libopt::ProcessMemory());
    writer.AddMetadata("format", libopt::kFormat);
    writer.AddMetadata("format_version", libopt::kFormatVersion);
    writer.AddMetadata("\x01\x1F\"\\\u00FF", "\0\x7F"sv);
    const auto count = random() % 20;
    for (unsigned i = 0; i < count; ++i) {
      const auto dtype = random() % 4;
      const auto rows = static_cast<int64_t>(random() % 5);
      const auto columns = static_cast<int64_t>(random() % 50);
      writer.AddEntry(std::to_string(i) + "/\"\u00E9", kDtypes[dtype],
                      {rows, columns}, rows * columns * kSizes[dtype]);
    }
    writer.Finish();
    std::string file(writer.text());
    file.resize(static_cast<size_t>(writer.file_size()));
    const libopt::Header header = ReadFileHeader(file);
    libopt::CheckOwnHeader(header);
    ASSERT_EQ(header.metadata.size(), 3U);
    EXPECT_EQ(header.Metadata("\x01\x1F\"\\\u00FF"), "\0\x7F"sv);
    ASSERT_EQ(header.entries.size(), writer.tensors().size());
    unsigned next = 0;
    for (size_t i = 0; i < header.entries.size(); ++i) {
      const libopt::HeaderEntry& entry = header.entries[i];
      EXPECT_EQ(entry.size(), writer.tensors()[i].size);
      EXPECT_EQ(entry.is_pad(), writer.tensors()[i].is_pad);
      EXPECT_EQ(entry.is_checksum(), writer.tensors()[i].is_checksum);
      if (entry.is_pad() || entry.is_checksum()) continue;
      EXPECT_EQ(std::string(entry.name), std::to_string(next++) + "/\"\u00E9");
    }
    EXPECT_EQ(next, count);
  }
}

TEST(HeaderWriter, RefusesAHeaderThatNoReaderTakes) {
  libopt::HeaderWriter writer(libopt::ProcessMemory());
  const std::string name(10000000, 'w');
  for (int i = 0; i < 10; ++i) {
    writer.AddEntry(name + std::to_string(i), "U8", {0}, 0);
  }
  const std::optional<libopt::Error> error = ErrorOf([&] { writer.Finish(); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->status, OPT_ERR_LIMIT);
  EXPECT_NE(error->message.view().find("100000000"), std::string_view::npos)
      << error->message.c_str();
}

TEST(HeaderWriter, RefusesMoreDataThanAFileCanHave) {
  libopt::HeaderWriter writer(libopt::ProcessMemory());
  const int64_t half = INT64_MAX / 2;
  writer.AddEntry("a", "U8", {half}, half);
  const std::optional<libopt::Error> error =
      ErrorOf([&] { writer.AddEntry("b", "U8", {half}, half); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->status, OPT_ERR_LIMIT);
  EXPECT_NE(error->message.view().find("with 'b'"), std::string_view::npos)
      << error->message.c_str();
}

}  // namespace
}  // namespace opt_test
