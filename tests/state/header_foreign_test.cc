// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Headers that others write: valid, but not as libopt would write them.

#include <vector>

#include "src/base/memory.h"
#include "src/base/pmr.h"
#include "src/state/container/header.h"
#include "tests/state/hostile.h"

namespace opt_test {
namespace {

using namespace std::literals;

libopt::Header Read(const std::string& text) {
  return libopt::ReadHeader(text, -1, libopt::ProcessMemory());
}

TEST(ForeignHeader, MayBeEmpty) {
  EXPECT_TRUE(Read("{}").entries.empty());
  EXPECT_TRUE(Read(R"({"__metadata__":{}})").metadata.empty());
}

TEST(ForeignHeader, MayHaveSpacesAfterItsEnd) {
  const libopt::Header header = Read("{}      ");
  EXPECT_EQ(header.data_start, 16);
}

TEST(ForeignHeader, IsReadWithAllItSays) {
  const libopt::Header header = Read(
      R"({"__metadata__":{"format":"pt"},"w":{"dtype":"BF16","shape":[2,3],"data_offsets":[0,12]}})");
  ASSERT_EQ(header.entries.size(), 1U);
  const libopt::HeaderEntry& w = header.entries[0];
  EXPECT_EQ(w.name, "w");
  EXPECT_EQ(w.dtype, "BF16");
  EXPECT_EQ(w.shape,
            (libopt::pmr::Vector<int64_t>({2, 3}, libopt::ProcessMemory())));
  EXPECT_EQ(w.count, 6);
  EXPECT_EQ(w.begin, 0);
  EXPECT_EQ(w.end, 12);
  EXPECT_EQ(w.named_at, 8 + 32);
  EXPECT_EQ(header.data_start, 8 + 89);
  EXPECT_EQ(header.Metadata("format"), "pt");
  EXPECT_EQ(header.Metadata("w"), "");
}

TEST(ForeignHeader, MayHaveItsKeysInAnyOrder) {
  EXPECT_EQ(Read(R"({"w":{"data_offsets":[0,8],"shape":[2],"dtype":"F32"}})")
                .entries[0]
                .size(),
            8);
  EXPECT_EQ(
      Read(
          R"({"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"__metadata__":{"a":"b"}})")
          .Metadata("a"),
      "b");
}

TEST(ForeignHeader, HasItsEntriesSortedByTheirData) {
  const libopt::Header header =
      Read("{" + Item("\"last\"", "\"U8\"", "[4]", "[4,8]") + "," +
           Item("\"empty\"", "\"U8\"", "[0]", "[4,4]") + "," +
           Item("\"first\"", "\"U8\"", "[4]", "[0,4]") + "," +
           Item("\"after\"", "\"U8\"", "[0]", "[8,8]") + "," +
           Item("\"empty too\"", "\"U8\"", "[0]", "[4,4]") + "}");
  std::vector<std::string> names;
  for (const auto& entry : header.entries) names.emplace_back(entry.name);
  EXPECT_EQ(names, (std::vector<std::string>{"first", "empty", "empty too",
                                             "last", "after"}));
}

TEST(ForeignHeader, MayHaveWhiteSpaceBetweenTokens) {
  EXPECT_EQ(Read("{ \n\t\r\"w\" : { \"dtype\" : \"F32\" , \"shape\" : [ 2 , 1 "
                 "] , \"data_offsets\"\n:\n[\n0\n,\n8\n]\n}\n}  ")
                .entries[0]
                .count,
            2);
}

TEST(ForeignHeader, MayEscapeAnyCharacter) {
  const libopt::Header header = Read(
      R"({"\u0062\/\ud83d\ude00":{"\u0064type":"\u00558","sh\u0061pe":[],"data_offsets":[0,1]}})");
  EXPECT_EQ(header.entries[0].name, "b/\U0001F600");
  EXPECT_EQ(header.entries[0].dtype, "U8");
  EXPECT_EQ(header.entries[0].count, 1);
}

TEST(ForeignHeader, HasItsEscapesReplaced) {
  const libopt::Header header = Read(
      R"({"__metadata__":{"\"\\\/\b\f\n\r\t":"\u0000\u007f\u0080\u07ff\u0800\uffff\ud800\udc00\udbff\udfff\uD83D\uDE00"}})");
  ASSERT_EQ(header.metadata.size(), 1U);
  EXPECT_EQ(header.KeyOf(header.metadata[0]), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(header.ValueOf(header.metadata[0]),
            "\0\x7F\u0080\u07FF\u0800\uFFFF\U00010000\U0010FFFF\U0001F600"sv);
}

TEST(ForeignHeader, MayHaveAnEmptyName) {
  EXPECT_EQ(Read(WithName("\"\"")).entries[0].name, "");
}

TEST(ForeignHeader, MayHaveNamesThatDifferInNormalizationAlone) {
  EXPECT_EQ(Read("{" + Item("\"\u00E9\"", "\"U8\"", "[0]", "[0,0]") + "," +
                 Item("\"e\u0301\"", "\"U8\"", "[0]", "[0,0]") + "}")
                .entries.size(),
            2U);
}

TEST(ForeignHeader, MayHaveAnEmptyTensorOfHugeExtents) {
  EXPECT_EQ(Read(Text({"\"w\"", "\"F64\"",
                       "[0,9223372036854775807,9223372036854775807]", "[0,0]"}))
                .entries[0]
                .count,
            0);
}

TEST(ForeignHeader, MayHaveManyExtents) {
  std::string shape = "[1";
  for (int i = 0; i < 999; ++i) shape += ",1";
  EXPECT_EQ(Read(Text({"\"w\"", "\"U8\"", shape + "]", "[0,1]"}))
                .entries[0]
                .shape.size(),
            1000U);
}

TEST(ForeignHeader, MayHaveTheLargestTensor) {
  const std::string most = "1152921504606846975";
  EXPECT_EQ(
      Read(Text({"\"w\"", "\"U8\"", "[" + most + "]", "[0," + most + "]"}))
          .entries[0]
          .count,
      1152921504606846975);
}

struct DtypeSize {
  const char* dtype;
  int64_t bytes;  // of 4 elements
};

class ForeignDtype : public testing::TestWithParam<DtypeSize> {};

TEST_P(ForeignDtype, HasItsSize) {
  const libopt::Header header =
      Read(Text({"\"w\"", std::string("\"") + GetParam().dtype + "\"", "[2,2]",
                 "[0," + std::to_string(GetParam().bytes) + "]"}));
  EXPECT_EQ(header.entries[0].dtype, GetParam().dtype);
  EXPECT_EQ(header.entries[0].count, 4);
}

INSTANTIATE_TEST_SUITE_P(
    All, ForeignDtype,
    testing::Values(DtypeSize{"BOOL", 4}, DtypeSize{"U8", 4},
                    DtypeSize{"I8", 4}, DtypeSize{"U16", 8},
                    DtypeSize{"I16", 8}, DtypeSize{"F16", 8},
                    DtypeSize{"BF16", 8}, DtypeSize{"U32", 16},
                    DtypeSize{"I32", 16}, DtypeSize{"F32", 16},
                    DtypeSize{"U64", 32}, DtypeSize{"I64", 32},
                    DtypeSize{"F64", 32}, DtypeSize{"C64", 32},
                    DtypeSize{"F4", 2}, DtypeSize{"F6_E2M3", 3},
                    DtypeSize{"F6_E3M2", 3}, DtypeSize{"F8_E4M3", 4},
                    DtypeSize{"F8_E5M2", 4}, DtypeSize{"F8_E8M0", 4},
                    DtypeSize{"F8_E4M3FNUZ", 4}, DtypeSize{"F8_E5M2FNUZ", 4}),
    [](const auto& info) { return std::string(info.param.dtype); });

}  // namespace
}  // namespace opt_test
