// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The reader's memory: no more than the header's length justifies, and none
// lost when an allocation fails.

#include <new>

#include "src/state/container/header.h"
#include "tests/state/counted_memory.h"
#include "tests/state/hostile.h"
#include "tests/state/sample.h"

namespace opt_test {
namespace {

// A part with ever another number at its '#', many times.
std::string Numbered(const std::string& part, int times) {
  const size_t mark = part.find('#');
  std::string all;
  for (int i = 0; i < times; ++i) {
    all += part.substr(0, mark) + std::to_string(i) + part.substr(mark + 1);
  }
  return all;
}

struct LargeText {
  const char* name;
  std::string text;
};

void PrintTo(const LargeText& large, std::ostream* out) { *out << large.name; }

class HeaderMemory : public testing::TestWithParam<LargeText> {};

TEST_P(HeaderMemory, IsProportionalToTheLength) {
  CountedMemory memory;
  try {
    libopt::ReadHeader(GetParam().text, -1, &memory);
  } catch (const libopt::Error& error) {
    EXPECT_EQ(error.status, OPT_ERR_FORMAT);
  }
  EXPECT_LT(memory.most, kMostPerByte * GetParam().text.size());
  EXPECT_EQ(memory.now, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Large, HeaderMemory,
    testing::Values(
        LargeText{"Entries",
                  "{" +
                      Numbered("\"#\":{\"dtype\":\"U8\",\"shape\":[0],"
                               "\"data_offsets\":[0,0]},",
                               20000) +
                      WithShape("[2]").substr(1)},
        LargeText{"EqualEntries",
                  "{" +
                      Repeat("\"\":{\"dtype\":\"U8\",\"shape\":[0],"
                             "\"data_offsets\":[0,0]},",
                             20000) +
                      WithShape("[2]").substr(1)},
        LargeText{"Metadata", "{\"__metadata__\":{" +
                                  Numbered("\"#\":\"\",", 100000) +
                                  "\"a\":\"\"}}"},
        LargeText{"EqualMetadata", "{\"__metadata__\":{" +
                                       Repeat("\"\":\"\",", 150000) +
                                       "\"a\":\"\"}}"},
        LargeText{"MetadataCutShort",
                  "{\"__metadata__\":{" + Repeat("\"\":\"\",", 150000)},
        LargeText{"Extents", WithShape("[" + Repeat("1,", 530000) + "2]")},
        LargeText{"ExtentsCutShort",
                  "{\"w\":{\"shape\":[" + Repeat("1,", 530000)},
        LargeText{"CommasForExtents",
                  WithShape("[" + Repeat(",", 1000000) + "]")},
        LargeText{"Offsets", WithOffsets("[" + Repeat("1,", 530000) + "2]")},
        LargeText{"Name", WithName("\"" + Repeat("w", 1000000) + "\"")},
        LargeText{"EscapedName",
                  WithName("\"" + Repeat("\\u0077", 200000) + "\"")},
        LargeText{"Dtype", WithDtype("\"" + Repeat("F", 1000000) + "\"")},
        LargeText{"WhiteSpace", "{" + Repeat("\n", 1000000) + "}"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(HeaderMemoryFailure, IsPassedOnAndLosesNothing) {
  const std::string file = SampleFile();
  const auto start = static_cast<size_t>(ReadFileHeader(file).data_start);
  const std::string_view json = std::string_view(file).substr(8, start - 8);
  CountedMemory memory;
  libopt::ReadHeader(json, -1, &memory);
  const int allocations = memory.allocations;
  ASSERT_GT(allocations, 10);
  for (int i = 0; i < allocations; ++i) {
    CountedMemory failing;
    failing.failing = i;
    EXPECT_THROW(libopt::ReadHeader(json, -1, &failing), std::bad_alloc) << i;
    EXPECT_EQ(failing.now, 0U) << i;
  }
}

}  // namespace
}  // namespace opt_test
