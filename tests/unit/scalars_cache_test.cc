// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include <vector>

#include "src/base/memory.h"
#include "src/optimizer/scalars.h"

namespace libopt {
namespace {

class ScalarsCacheTest : public testing::Test {
 protected:
  // The constants of a key; prepared ones are told apart by a serial number.
  const Scalars* Get(int32_t group, int64_t step, double lr_factor = 1,
                     double weight_decay_factor = 1,
                     const double* numbers = nullptr) {
    return cache_.Get(
        {group, step, lr_factor, weight_decay_factor, numbers},
        [this](Scalars* scalars) { scalars->grad_scale = ++prepared_; });
  }

  ScalarsCache cache_{ProcessMemory()};
  int prepared_ = 0;
};

TEST_F(ScalarsCacheTest, TellsKeysApartByTheirNumbers) {
  cache_.Reserve(2);
  cache_.Clear();
  double numbers[kMaxSlots] = {0, 0, 0.5};
  const Scalars* first = Get(0, 1, 1, 1, numbers);
  const double same[kMaxSlots] = {0, 0, 0.5};
  EXPECT_EQ(Get(0, 1, 1, 1, same), first);
  numbers[2] = 0.25;  // the key is a copy
  EXPECT_EQ(Get(0, 1, 1, 1, same), first);
  EXPECT_NE(Get(0, 1, 1, 1, numbers), first);
}

TEST_F(ScalarsCacheTest, PreparesEachKeyOnce) {
  cache_.Reserve(5);
  cache_.Clear();
  const Scalars* first = Get(0, 1);
  EXPECT_EQ(Get(0, 1), first);
  EXPECT_NE(Get(1, 1), first);
  EXPECT_NE(Get(0, 2), first);
  EXPECT_EQ(prepared_, 3);
  EXPECT_NE(Get(0, 1, 0.5), first);
  EXPECT_NE(Get(0, 1, 1, 0.5), Get(0, 1, 0.5));
  EXPECT_NE(Get(0, 1, 1, 0.5), first);
  EXPECT_EQ(Get(0, 1, 0.5, 1), Get(0, 1, 0.5));
  EXPECT_EQ(prepared_, 5);
  EXPECT_EQ(first->grad_scale, 1);
}

TEST_F(ScalarsCacheTest, ForgetsAtClear) {
  cache_.Reserve(1);
  cache_.Clear();
  EXPECT_EQ(Get(0, 1)->grad_scale, 1);
  cache_.Clear();
  EXPECT_EQ(Get(0, 1)->grad_scale, 2);
}

TEST_F(ScalarsCacheTest, TellsGroupsOfTheSameStepApart) {
  constexpr int32_t kGroups = 1000;
  cache_.Reserve(kGroups);
  cache_.Clear();
  for (int32_t group = 0; group < kGroups; ++group) Get(group, 1);
  EXPECT_EQ(prepared_, kGroups);
  EXPECT_EQ(Get(0, 1)->grad_scale, 1);
  EXPECT_EQ(Get(kGroups - 1, 1)->grad_scale, kGroups);
}

// As many keys as there is room for, all different, and none moves.
TEST_F(ScalarsCacheTest, HoldsAsManyAsWereReserved) {
  constexpr int64_t kPairs = 1000;
  cache_.Reserve(10);
  cache_.Reserve(kPairs);
  for (int round = 0; round < 2; ++round) {
    std::vector<const Scalars*> seen;
    cache_.Clear();
    prepared_ = 0;
    for (int64_t i = 0; i < kPairs; ++i) {
      seen.push_back(Get(static_cast<int32_t>(i % 7), i));
    }
    EXPECT_EQ(prepared_, kPairs);
    for (int64_t i = 0; i < kPairs; ++i) {
      EXPECT_EQ(Get(static_cast<int32_t>(i % 7), i),
                seen[static_cast<size_t>(i)]);
      EXPECT_EQ(seen[static_cast<size_t>(i)]->grad_scale,
                static_cast<double>(i + 1));
    }
    EXPECT_EQ(prepared_, kPairs);
  }
}

}  // namespace
}  // namespace libopt
