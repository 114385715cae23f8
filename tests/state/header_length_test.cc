// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The first eight bytes of a file.

#include "src/state/header_reader.h"
#include "tests/state/hostile.h"

namespace opt_test {
namespace {

// The header's length, as the first bytes of a file have it.
std::string LittleEndian(uint64_t length) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) {
    bytes += static_cast<char>(length >> 8 * i & 0xFF);
  }
  return bytes;
}

std::optional<libopt::Error> LengthError(uint64_t length, int64_t file_size) {
  return ErrorOf(
      [&] { libopt::ReadHeaderLength(LittleEndian(length), file_size); });
}

TEST(HeaderLength, MustBeThereAsAWhole) {
  for (int64_t size = 0; size < 8; ++size) {
    const std::string file(static_cast<size_t>(size), '\x01');
    ExpectFormatError(ErrorOf([&] { libopt::ReadHeaderLength(file, size); }),
                      size, "it ends");
  }
}

TEST(HeaderLength, IsLittleEndian) {
  EXPECT_EQ(libopt::ReadHeaderLength(LittleEndian(0x030201), -1), 0x030201);
}

TEST(HeaderLength, IsNotAboveTheFilesSize) {
  EXPECT_FALSE(LengthError(92, 100));
  ExpectFormatError(LengthError(93, 100), 100, "reaches to byte 101");
  ExpectFormatError(LengthError(1, 8), 8, "reaches to byte 9");
}

TEST(HeaderLength, IsNotAboveTheLimitWhateverTheFilesSize) {
  EXPECT_FALSE(LengthError(100000000, -1));
  for (const uint64_t length :
       {uint64_t{100000001}, uint64_t{1} << 32, uint64_t{1} << 63,
        (uint64_t{1} << 63) + 64, UINT64_MAX - 7, UINT64_MAX}) {
    ExpectFormatError(LengthError(length, -1), 0, "more than 100000000");
    ExpectFormatError(LengthError(length, INT64_MAX), 0, "more than 100000000");
    ExpectFormatError(LengthError(length, 100), 0, "more than 100000000");
  }
}

}  // namespace
}  // namespace opt_test
