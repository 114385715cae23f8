// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The promises of libopt's own files beyond being valid.

#include "src/base/memory.h"
#include "src/state/container/header.h"
#include "tests/state/hostile.h"
#include "tests/state/sample.h"

namespace opt_test {
namespace {

const std::string kOwn =
    R"("__metadata__":{"format":"libopt","format_version":"1"})";

// A text, its length such that the data are aligned.
std::string Padded(std::string text) {
  while ((text.size() + libopt::kLengthSize) % libopt::kDataAlignment != 0) {
    text += ' ';
  }
  return text;
}

std::optional<libopt::Error> CheckError(const std::string& text) {
  const libopt::Header header =
      libopt::ReadHeader(text, -1, libopt::ProcessMemory());
  return ErrorOf([&] { libopt::CheckOwnHeader(header); });
}

std::string Checksums(const std::string& dtype, const std::string& shape,
                      const std::string& offsets) {
  return Item("\"__crc32__\"", dtype, shape, offsets);
}

TEST(OwnHeader, IsTakenIfTheWriterMadeIt) {
  EXPECT_FALSE(
      ErrorOf([] { libopt::CheckOwnHeader(ReadFileHeader(SampleFile())); }));
  EXPECT_FALSE(CheckError(
      Padded("{" + kOwn + "," + Checksums("\"U32\"", "[1]", "[0,4]") + "}")));
}

TEST(OwnHeader, HasTheFormat) {
  const std::string entry = Checksums("\"U32\"", "[1]", "[0,4]");
  for (const std::string metadata :
       {"", R"("__metadata__":{},)", R"("__metadata__":{"format":"pt"},)",
        R"("__metadata__":{"format_version":"1"},)"}) {
    ExpectFormatError(CheckError(Padded("{" + metadata + entry + "}")), 8,
                      "no format 'libopt'");
  }
}

TEST(OwnHeader, HasTheVersion) {
  const std::string entry = Checksums("\"U32\"", "[1]", "[0,4]");
  for (const std::string version :
       {"", R"(,"format_version":"2")", R"(,"format_version":"1.0")"}) {
    ExpectFormatError(
        CheckError(Padded(R"({"__metadata__":{"format":"libopt")" + version +
                          "}," + entry + "}")),
        8, "a format_version other than 1");
  }
}

TEST(OwnHeader, HasAnAlignedLength) {
  ExpectFormatError(
      CheckError(Padded("{" + kOwn + "," +
                        Checksums("\"U32\"", "[1]", "[0,4]") + "}") +
                 " "),
      0, "which is not a multiple of 64");
}

TEST(OwnHeader, HasAlignedData) {
  const std::string start =
      "{" + kOwn + "," + Item("\"a\"", "\"F32\"", "[2]", "[0,8]") + ",";
  ExpectFormatError(
      CheckError(Padded(start + Checksums("\"U32\"", "[2]", "[8,16]") + "}")),
      8 + static_cast<int64_t>(start.size()), "begin at offset 8");
}

TEST(OwnHeader, HasChecksums) {
  ExpectFormatError(CheckError(Padded("{" + kOwn + "}")), 8,
                    "the last tensor is not '__crc32__'");
  ExpectFormatError(
      CheckError(Padded("{" + kOwn + "," +
                        Item("\"a\"", "\"F32\"", "[2]", "[0,8]") + "}")),
      8, "the last tensor is not '__crc32__'");
}

TEST(OwnHeader, HasTheChecksumsLast) {
  ExpectFormatError(
      CheckError(Padded("{" + kOwn + "," +
                        Checksums("\"U32\"", "[16]", "[0,64]") + "," +
                        Item("\"a\"", "\"F32\"", "[2]", "[64,72]") + "}")),
      8, "the last tensor is not '__crc32__'");
}

TEST(OwnHeader, HasAChecksumForTheHeaderAndEachTensor) {
  const std::string start =
      "{" + kOwn + "," + Item("\"a\"", "\"F32\"", "[16]", "[0,64]") + ",";
  const auto check = [&](const std::string& checksums) {
    return CheckError(Padded(start + checksums + "}"));
  };
  const auto byte = static_cast<int64_t>(start.size()) + 8;
  EXPECT_FALSE(check(Checksums("\"U32\"", "[2]", "[64,72]")));
  for (const std::string& wrong : {Checksums("\"U32\"", "[1]", "[64,68]"),
                                   Checksums("\"U32\"", "[3]", "[64,76]"),
                                   Checksums("\"I32\"", "[2]", "[64,72]"),
                                   Checksums("\"U32\"", "[2,1]", "[64,72]"),
                                   Checksums("\"U64\"", "[1]", "[64,72]")}) {
    ExpectFormatError(check(wrong), byte, "is not U32 [2]");
  }
}

}  // namespace
}  // namespace opt_test
