// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/rules/slot.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace libopt {
namespace {

using Extents = std::vector<int64_t>;

int64_t Product(const Extents& extents) {
  int64_t product = 1;
  for (const int64_t extent : extents) product *= extent;
  return product;
}

TensorShape Borrow(const Extents& extents) {
  return {extents.data(), static_cast<int32_t>(extents.size()),
          Product(extents)};
}

// The extents of a slot, whose product is the number of its elements.
Extents SlotOf(opt_shape slot, const Extents& tensor) {
  Extents extents(kMaxRank);
  extents.resize(
      static_cast<size_t>(SlotExtents(slot, Borrow(tensor), extents.data())));
  EXPECT_EQ(SlotElements(slot, Borrow(tensor)), Product(extents));
  return extents;
}

TEST(Slot, HasExtentsByItsShape) {
  const Extents tensor = {2, 3, 500};
  EXPECT_EQ(SlotOf(OPT_SHAPE_PARAM, tensor), tensor);
  EXPECT_EQ(SlotOf(OPT_SHAPE_ROWS, tensor), Extents{2});
  EXPECT_EQ(SlotOf(OPT_SHAPE_ROW_FACTOR, tensor), (Extents{2, 3, 1}));
  EXPECT_EQ(SlotOf(OPT_SHAPE_COLUMN_FACTOR, tensor), (Extents{2, 1, 500}));
  EXPECT_EQ(SlotOf(OPT_SHAPE_ROW_SQUARE, tensor), (Extents{2, 3, 3}));
  EXPECT_EQ(SlotOf(OPT_SHAPE_COLUMN_SQUARE, tensor), (Extents{2, 500, 500}));
  EXPECT_EQ(SlotOf(OPT_SHAPE_BLOCKS, tensor), Extents{12});
  EXPECT_EQ(SlotOf(OPT_SHAPE_NUMBER, tensor), Extents{});
  EXPECT_EQ(SlotOf(OPT_SHAPE_GROUP_NUMBER, tensor), Extents{});
}

TEST(Slot, IsLikeTheParameterWithoutTwoAxes) {
  for (const Extents& tensor : {Extents{}, Extents{7}}) {
    EXPECT_EQ(SlotOf(OPT_SHAPE_ROW_FACTOR, tensor), tensor);
    EXPECT_EQ(SlotOf(OPT_SHAPE_COLUMN_SQUARE, tensor), tensor);
    EXPECT_EQ(SlotOf(OPT_SHAPE_ROWS, tensor), tensor);
  }
  EXPECT_EQ(SlotOf(OPT_SHAPE_BLOCKS, {}), Extents{});
  EXPECT_EQ(SlotOf(OPT_SHAPE_BLOCKS, {257}), Extents{2});
}

TEST(Slot, OfAnEmptyTensorMayHaveElements) {
  EXPECT_EQ(SlotElements(OPT_SHAPE_ROW_FACTOR, Borrow({0, 5})), 0);
  EXPECT_EQ(SlotElements(OPT_SHAPE_COLUMN_FACTOR, Borrow({0, 5})), 5);
  EXPECT_EQ(SlotElements(OPT_SHAPE_BLOCKS, Borrow({0, 5})), 0);
  EXPECT_EQ(SlotElements(OPT_SHAPE_NUMBER, Borrow({0, 5})), 1);
}

TEST(Slot, ThatIsTooLargeToBeCountedIsToldSo) {
  const Extents tensor = {int64_t{1} << 40, 2};
  EXPECT_EQ(SlotElements(OPT_SHAPE_ROW_SQUARE, Borrow(tensor)), -1);
  EXPECT_EQ(SlotElements(OPT_SHAPE_COLUMN_SQUARE, Borrow(tensor)), 4);
}

}  // namespace
}  // namespace libopt
