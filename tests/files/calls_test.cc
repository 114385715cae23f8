// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// How AtomicFile uses single system calls.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "src/os/atomic_file.h"
#include "tests/files/intercept.h"
#include "tests/files/scratch.h"

namespace libopt::os {
namespace {

class CallsTest : public TargetTest {
 protected:
  const std::string new_ = Content(1, 50000);
};

TEST_F(CallsTest, ShortWritesAreContinued) {
  const KeepCalls keep;
  g_file_calls.write = [](int file, const void* data, size_t size) {
    return ::write(file, data, std::min<size_t>(size, 409));
  };
  Save(target_, new_);
  EXPECT_TRUE(GetFile(target_) == new_);
}

TEST_F(CallsTest, AShortWriteIsContinuedWhicheverItIs) {
  static int s_left;  // writes up to the short one
  const KeepCalls keep;
  g_file_calls.write = [](int file, const void* data, size_t size) {
    return ::write(file, data, s_left-- == 0 ? (size + 1) / 2 : size);
  };
  int n = 0;
  do {
    s_left = n++;
    Save(target_, new_);
    ASSERT_TRUE(GetFile(target_) == new_) << n;
  } while (s_left < 0);  // until there is none so late
  EXPECT_GT(n, 2);
}

TEST_F(CallsTest, AWriteOfNothingIsAnError) {
  const KeepCalls keep;
  g_file_calls.write = [](int, const void*, size_t) { return ssize_t{0}; };
  const auto error = ErrorOf([&] { Save(target_, new_); });
  ASSERT_TRUE(error);
  EXPECT_STREQ(error->operation, "write");
  EXPECT_EQ(error->path, target_);
}

TEST_F(CallsTest, EarlyWritebackCoversTheFileWithoutOverlap) {
  static int64_t s_covered;
  s_covered = 0;
  const KeepCalls keep;
  g_file_calls.sync_file_range = [](int, off_t start, off_t size, unsigned) {
    EXPECT_EQ(start, s_covered);
    s_covered += size;
    return 0;
  };
  AtomicFile file(target_.c_str(), 0);
  const std::string piece(size_t{3} << 20, 'x');
  for (int i = 0; i < 12; ++i) file.Write(piece.data(), piece.size());
  EXPECT_GT(s_covered, int64_t{24} << 20);
}

TEST_F(CallsTest, WhatIsOpenedIsClosedOnce) {
  const KeepCalls keep;
  g_file_calls.close = [](int file) {
    EXPECT_EQ(::close(file), 0) << file;
    return 0;
  };
  const size_t open_files = OpenFiles();
  Save(target_, new_);
  EXPECT_EQ(OpenFiles(), open_files);
}

TEST_F(CallsTest, SpaceIsReservedInPiecesAndInFull) {
  static int64_t s_reserved;
  s_reserved = 0;
  const KeepCalls keep;
  g_file_calls.fallocate = [](int, int, off_t start, off_t size) {
    EXPECT_EQ(start, s_reserved);
    EXPECT_GT(size, 0);
    EXPECT_LE(size, off_t{64} << 20);
    s_reserved += size;
    return 0;
  };
  const int64_t size = (int64_t{200} << 20) + 1;
  const AtomicFile file(target_.c_str(), size);
  EXPECT_EQ(s_reserved, size);
}

}  // namespace
}  // namespace libopt::os
