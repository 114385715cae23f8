// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Entries that are right one by one, but do not follow one another, or do not
// fill the file.

#include <memory_resource>

#include "src/state/header_reader.h"
#include "tests/state/hostile.h"

namespace opt_test {
namespace {

// An entry of bytes.
std::string Bytes(const std::string& name, int64_t begin, int64_t end) {
  return Item("\"" + name + "\"", "\"U8\"",
              "[" + std::to_string(end - begin) + "]",
              "[" + std::to_string(begin) + "," + std::to_string(end) + "]");
}

class HeaderLayout : public testing::TestWithParam<Hostile> {};

TEST_P(HeaderLayout, IsRefusedAtTheByte) {
  ExpectRefused(GetParam().marked, -1, GetParam().says);
}

INSTANTIATE_TEST_SUITE_P(
    Holes, HeaderLayout,
    testing::Values(
        Hostile{"AtTheStart", "{@" + Bytes("a", 8, 16) + "}",
                "begin at offset 8, but those before end at 0"},
        Hostile{"BetweenTwo",
                "{" + Bytes("a", 0, 8) + ",@" + Bytes("b", 9, 16) + "}",
                "begin at offset 9, but those before end at 8"},
        Hostile{"BetweenTwoInTheOtherOrder",
                "{@" + Bytes("b", 9, 16) + "," + Bytes("a", 0, 8) + "}",
                "begin at offset 9, but those before end at 8"},
        Hostile{"BeforeAnEmptyTensor",
                "{" + Bytes("a", 0, 8) + ",@" + Bytes("b", 64, 64) + "}",
                "begin at offset 64, but those before end at 8"},
        Hostile{"OfManyExabytes",
                "{" + Bytes("a", 0, 8) + ",@" +
                    Bytes("b", 4611686018427387904, 4611686018427387905) + "}",
                "but those before end at 8"}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    Overlaps, HeaderLayout,
    testing::Values(
        Hostile{"OfOneByte",
                "{" + Bytes("a", 0, 8) + ",@" + Bytes("b", 7, 16) + "}",
                "begin at offset 7, but those before end at 8"},
        Hostile{"OfAll", "{" + Bytes("a", 0, 8) + ",@" + Bytes("b", 0, 8) + "}",
                "begin at offset 0, but those before end at 8"},
        Hostile{"InsideAnother",
                "{" + Bytes("a", 0, 8) + ",@" + Bytes("b", 2, 4) + "," +
                    Bytes("c", 8, 9) + "}",
                "begin at offset 2, but those before end at 8"},
        Hostile{"OfAnEmptyTensor",
                "{" + Bytes("a", 0, 8) + ",@" + Bytes("b", 4, 4) + "}",
                "begin at offset 4, but those before end at 8"},
        Hostile{"OfTheFirstOfThree",
                "{" + Bytes("a", 0, 8) + "," + Bytes("b", 8, 9) + ",@" +
                    Bytes("c", 8, 16) + "}",
                "begin at offset 8, but those before end at 9"}),
    NameOf);

TEST(HeaderData, MustBeAsLongAsDescribed) {
  const std::string text = "{" + Bytes("a", 0, 8) + "}";
  const auto start = static_cast<int64_t>(text.size()) + libopt::kLengthSize;
  const auto read = [&](int64_t data_size) {
    return ErrorOf([&] {
      libopt::ReadHeader(text, data_size, std::pmr::new_delete_resource());
    });
  };
  for (int64_t size = 0; size < 8; ++size) {
    ExpectFormatError(read(size), start + size, "it ends, but its data reach");
  }
  EXPECT_FALSE(read(8));
  EXPECT_FALSE(read(-1));
  ExpectFormatError(read(9), start + 8, "the file has 1 more bytes");
  ExpectFormatError(read(INT64_MAX - start), start + 8, "more bytes");
}

TEST(HeaderData, MayNotFollowAHeaderWithoutTensors) {
  ExpectFormatError(
      ErrorOf(
          [] { libopt::ReadHeader("{}", 1, std::pmr::new_delete_resource()); }),
      10, "the file has 1 more bytes");
}

}  // namespace
}  // namespace opt_test
