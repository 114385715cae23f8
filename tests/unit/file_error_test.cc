// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Messages about files.

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "src/base/error.h"
#include "src/state/container/stream.h"

namespace libopt {
namespace {

std::string MessageOf(const os::FileError& failure) {
  try {
    ThrowFileError(failure);
  } catch (const Error& error) {
    EXPECT_EQ(error.status, OPT_ERR_IO);
    return std::string(error.message.view());
  }
}

TEST(FileErrorTest, NamesOperationPathCauseAndRemedy) {
  EXPECT_EQ(MessageOf({"write", ENOSPC, "/data/w"}),
            "cannot write '/data/w': No space left on device: free some space "
            "there, or give a path elsewhere");
  EXPECT_EQ(MessageOf({"open", EACCES, "w"}),
            "cannot open 'w': Permission denied: give a path that this process "
            "may use");
  EXPECT_EQ(MessageOf({"open", EMFILE, "w"}),
            "cannot open 'w': Too many open files: close some files first");
}

TEST(FileErrorTest, AsksToSaveAgainIfTheNewFileMayBeLost) {
  const std::string message = MessageOf({"sync", EIO, "w", true});
  EXPECT_EQ(message.find("cannot sync 'w': Input/output error; the new file"),
            0U);
  EXPECT_NE(message.find("save again"), std::string::npos);
}

}  // namespace
}  // namespace libopt
