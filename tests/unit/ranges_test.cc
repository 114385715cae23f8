// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/ranges.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory_resource>
#include <random>
#include <vector>

namespace libopt {
namespace {

char g_memory[256];

bool Overlap(const Range& a, const Range& b) {
  return a.begin < b.end && b.begin < a.end;
}

TEST(RangesTest, NothingAndNoBytesAreLeftOut) {
  Ranges ranges(std::pmr::get_default_resource());
  AddRange(nullptr, 8, 0, false, &ranges);
  AddRange(g_memory, 0, 0, false, &ranges);
  EXPECT_TRUE(ranges.empty());
  AddRange(g_memory, 8, 3, true, &ranges);
  ASSERT_EQ(ranges.size(), 1U);
  EXPECT_EQ(ranges[0].end - ranges[0].begin, 8U);
  EXPECT_EQ(ranges[0].tensor, 3);
  EXPECT_TRUE(ranges[0].is_grad);
}

// Among any ranges an overlap is found exactly if any two of them overlap.
TEST(RangesTest, FindsAnOverlapIfThereIsOne) {
  std::mt19937 random(1);
  int with = 0;
  int without = 0;
  for (int round = 0; round < 20000; ++round) {
    Ranges ranges(std::pmr::get_default_resource());
    const unsigned count = random() % 6;
    for (unsigned i = 0; i < count; ++i) {
      AddRange(g_memory + random() % 64, random() % 16, i, false, &ranges);
    }
    bool expected = false;
    for (const Range& a : ranges) {
      for (const Range& b : ranges) expected |= &a != &b && Overlap(a, b);
    }
    ++(expected ? with : without);
    std::sort(ranges.begin(), ranges.end(), IsBefore);
    const Range* found = FindOverlap(ranges);
    ASSERT_EQ(found != nullptr, expected);
    if (found != nullptr) {
      ASSERT_TRUE(Overlap(found[-1], found[0]));
    }
  }
  EXPECT_GT(with, 1000);
  EXPECT_GT(without, 1000);
}

}  // namespace
}  // namespace libopt
