// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Each thread of a step has a room of its own for the update of a tensor.

#include "src/optimizer/update_rooms.h"

#include <gtest/gtest.h>

#include <cstring>

#include "src/parallel/context.h"

namespace libopt {
namespace {

class UpdateRoomsTest : public testing::Test {
 protected:
  UpdateRoomsTest() : rooms_(Context::Default()->memory(), 2) {
    rooms_.Reserve(100);
  }

  UpdateRooms rooms_;
};

TEST_F(UpdateRoomsTest, RoomsThatAreTakenAtOnceDoNotOverlap) {
  const UpdateRooms::Taken first(&rooms_, 100);
  const UpdateRooms::Taken second(&rooms_, 100);
  ASSERT_NE(first.data(), nullptr);
  ASSERT_NE(second.data(), nullptr);
  std::memset(first.data(), 1, 100);
  std::memset(second.data(), 2, 100);
  EXPECT_EQ(static_cast<const char*>(first.data())[0], 1);
  EXPECT_EQ(static_cast<const char*>(first.data())[99], 1);
}

TEST_F(UpdateRoomsTest, ThereIsNoneWhenAllAreTakenUntilOneIsGivenBack) {
  const UpdateRooms::Taken first(&rooms_, 1);
  {
    const UpdateRooms::Taken second(&rooms_, 1);
    EXPECT_EQ(UpdateRooms::Taken(&rooms_, 1).data(), nullptr);
  }
  EXPECT_NE(UpdateRooms::Taken(&rooms_, 1).data(), nullptr);
}

TEST_F(UpdateRoomsTest, ThereIsNoneForAnUpdateThatIsTooLargeOrNotWanted) {
  EXPECT_EQ(UpdateRooms::Taken(&rooms_, 1000).data(), nullptr);
  EXPECT_EQ(UpdateRooms::Taken(nullptr, 1).data(), nullptr);
  rooms_.Reserve(1000);
  EXPECT_NE(UpdateRooms::Taken(&rooms_, 1000).data(), nullptr);
}

}  // namespace
}  // namespace libopt
