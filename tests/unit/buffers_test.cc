// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/buffers.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "src/base/memory.h"

namespace libopt {
namespace {

char g_memory[256];

bool Overlap(const Range& a, const Range& b) {
  return a.begin < b.end && b.begin < a.end;
}

TEST(DisjointRangesTest, NothingAndNoBytesAreLeftOut) {
  DisjointRanges ranges(ProcessMemory());
  ranges.Add(RangeOf(nullptr, 8, 0, false));
  ranges.Add(RangeOf(g_memory, 0, 0, false));
  EXPECT_EQ(ranges.size(), 0U);
  const Range range = RangeOf(g_memory, 8, 3, true);
  EXPECT_EQ(range.end - range.begin, 8U);
  EXPECT_EQ(range.tensor, 3);
  EXPECT_TRUE(range.is_grad);
  ranges.Add(range);
  EXPECT_EQ(ranges.size(), 1U);
  ranges.Remove(RangeOf(g_memory, 0, 3, true));
  EXPECT_EQ(ranges.size(), 1U);
  ranges.Remove(range);
  EXPECT_EQ(ranges.size(), 0U);
}

// Ranges are added while they overlap none; each is compared with all.
TEST(DisjointRangesTest, FindsAnOverlapIfThereIsOne) {
  std::mt19937 random(1);
  int with = 0;
  int without = 0;
  for (int round = 0; round < 5000; ++round) {
    DisjointRanges ranges(ProcessMemory());
    std::vector<Range> added;
    for (unsigned i = 0; i < random() % 8 + 1; ++i) {
      const int64_t ignored = random() % 8;
      const Range range =
          RangeOf(g_memory + random() % 64, random() % 16, i, false);
      bool expected = false;
      bool expected_of_others = false;
      for (const Range& other : added) {
        if (!Overlap(other, range) || range.begin == range.end) continue;
        expected = true;
        expected_of_others |= other.tensor != ignored;
      }
      ++(expected ? with : without);
      const Range* found = ranges.FindOverlap(range);
      ASSERT_EQ(found != nullptr, expected);
      if (found != nullptr) {
        ASSERT_TRUE(Overlap(*found, range));
      }
      ASSERT_EQ(ranges.FindOverlap(range, ignored) != nullptr,
                expected_of_others);
      if (expected) continue;
      ranges.Add(range);
      if (range.begin != range.end) added.push_back(range);
    }
  }
  EXPECT_GT(with, 1000);
  EXPECT_GT(without, 1000);
}

}  // namespace
}  // namespace libopt
