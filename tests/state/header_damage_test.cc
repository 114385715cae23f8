// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Damage to a small file: cut at every byte, every bit of its header flipped,
// and at every place a byte that means something there.

#include <memory_resource>

#include "src/state/header_reader.h"
#include "tests/state/hostile.h"
#include "tests/state/sample.h"

namespace opt_test {
namespace {

// Expects that the file is refused with a byte of it named, or read as another
// header than this.
void ExpectNoticed(const std::string& file, const libopt::Header& right,
                   size_t at) {
  const std::optional<libopt::Error> error = ErrorOf(
      [&] { EXPECT_FALSE(ReadFileHeader(file) == right) << "byte " << at; });
  if (!error) return;
  EXPECT_EQ(error->status, OPT_ERR_FORMAT) << error->message.c_str();
  EXPECT_NE(error->message.view().find("at byte "), std::string_view::npos)
      << error->message.c_str();
}

TEST(HeaderDamage, ACutAtEveryByteOfTheFileIsRefusedAtThatByte) {
  const std::string file = SampleFile();
  EXPECT_FALSE(ErrorOf([&] { ReadFileHeader(file); }));
  for (size_t size = 0; size < file.size(); ++size) {
    ExpectFormatError(ErrorOf([&] { ReadFileHeader(file.substr(0, size)); }),
                      static_cast<int64_t>(size), "it ends, but");
  }
}

TEST(HeaderDamage, ACutAtEveryByteOfTheTextIsRefusedAtThatByte) {
  const std::string text = "{\"__metadata__\":{\"a\":\"b\"}," +
                           Item("\"w\"", "\"F32\"", "[2,3]", "[0,24]") + "}";
  for (size_t size = 0; size < text.size(); ++size) {
    ExpectRefused(text.substr(0, size) + "@", -1, "");
  }
}

TEST(HeaderDamage, AFlipOfEveryBitIsRefusedOrReadsAnotherHeader) {
  const std::string file = SampleFile();
  const libopt::Header right = ReadFileHeader(file);
  for (size_t i = 0; i < static_cast<size_t>(right.data_start) * 8; ++i) {
    std::string damaged = file;
    damaged[i / 8] = static_cast<char>(damaged[i / 8] ^ 1 << i % 8);
    ExpectNoticed(damaged, right, i / 8);
  }
}

TEST(HeaderDamage, AnyTokenAtEveryPlaceIsRefusedOrReadsAnotherHeader) {
  const std::string file = SampleFile();
  const libopt::Header right = ReadFileHeader(file);
  for (size_t at = libopt::kLengthSize;
       at < static_cast<size_t>(right.data_start); ++at) {
    for (const char token : "{}[],:\"\\ \t\n019-.eu") {
      std::string damaged = file;
      damaged[at] = token;
      if (damaged != file) ExpectNoticed(damaged, right, at);
    }
  }
}

}  // namespace
}  // namespace opt_test
