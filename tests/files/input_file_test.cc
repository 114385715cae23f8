// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/input_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <thread>

#include "tests/files/intercept.h"
#include "tests/files/scratch.h"

namespace libopt::os {
namespace {

std::string ReadAll(InputFile* file) {
  std::string content;
  char part[1000];
  while (const size_t size = file->Read(part, sizeof(part))) {
    content.append(part, size);
  }
  return content;
}

TEST(InputFileTest, ReadsAFileToItsEnd) {
  const Scratch scratch;
  const std::string content = Content(1, 12345);
  PutFile(scratch / "file", content);
  InputFile file((scratch / "file").c_str());
  EXPECT_EQ(file.size(), static_cast<int64_t>(content.size()));
  EXPECT_EQ(ReadAll(&file), content);
  char byte = 0;
  EXPECT_EQ(file.Read(&byte, 1), 0);
}

TEST(InputFileTest, ReadsAnywhereWithoutMovingOn) {
  const Scratch scratch;
  PutFile(scratch / "file", "0123456789");
  InputFile file((scratch / "file").c_str());
  char part[5] = {};
  EXPECT_EQ(file.ReadAt(7, part, 2), 2);
  EXPECT_STREQ(part, "78");
  EXPECT_EQ(file.ReadAt(7, part, 4), 3);
  EXPECT_EQ(file.ReadAt(100, part, 4), 0);
  EXPECT_EQ(ReadAll(&file), "0123456789");
}

TEST(InputFileTest, ShortReadsAreContinuedWhereAllIsWanted) {
  const Scratch scratch;
  const std::string content = Content(1, 1000);
  PutFile(scratch / "file", content);
  const KeepCalls keep;
  g_file_calls.pread = [](int file, void* data, size_t size, off_t offset) {
    return ::pread(file, data, std::min<size_t>(size, 3), offset);
  };
  InputFile file((scratch / "file").c_str());
  std::string part(500, ' ');
  EXPECT_EQ(file.ReadAt(100, part.data(), part.size()), part.size());
  EXPECT_EQ(part, content.substr(100, 500));
}

TEST(InputFileTest, ReadsBeyondFourGibibytes) {
  const Scratch scratch;
  const int64_t offset = (int64_t{5} << 30) + 1;
  PutFile(scratch / "file", "");
  ASSERT_EQ(truncate((scratch / "file").c_str(), offset), 0);  // a hole
  {
    const int end = open((scratch / "file").c_str(), O_WRONLY | O_APPEND);
    ASSERT_EQ(write(end, "end", 3), 3);
    ASSERT_EQ(close(end), 0);
  }
  InputFile file((scratch / "file").c_str());
  EXPECT_EQ(file.size(), offset + 3);
  char part[4] = {};
  EXPECT_EQ(file.ReadAt(offset, part, 4), 3);
  EXPECT_STREQ(part, "end");
}

TEST(InputFileTest, APipeHasNoSizeAndIsReadToItsEnd) {
  const Scratch scratch;
  const std::string path = scratch / "pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const std::string content = Content(1, 200000);
  std::thread writer([&] { PutFile(path, content); });
  InputFile file(path.c_str());
  EXPECT_EQ(file.size(), -1);
  EXPECT_TRUE(ReadAll(&file) == content);
  writer.join();
}

TEST(InputFileTest, SaysWhatItCannotOpen) {
  const Scratch scratch;
  const std::string missing = scratch / "missing";
  auto error = ErrorOf([&] { InputFile file(missing.c_str()); });
  ASSERT_TRUE(error);
  EXPECT_STREQ(error->operation, "open");
  EXPECT_EQ(error->code, ENOENT);
  EXPECT_EQ(error->path, missing);

  const std::string directory = scratch / "";
  error = ErrorOf([&] { InputFile file(directory.c_str()); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, EISDIR);
  EXPECT_EQ(error->path, directory);
}

TEST(InputFileTest, AProgramThatTheHostStartsDoesNotInheritIt) {
  const Scratch scratch;
  PutFile(scratch / "file", "");
  const int next = open((scratch / "file").c_str(), O_RDONLY);
  close(next);
  const InputFile file((scratch / "file").c_str());
  EXPECT_EQ(fcntl(next, F_GETFD), FD_CLOEXEC);
}

TEST(InputFileTest, EveryFailureIsReportedAndNoInterruptionIs) {
  const Scratch scratch;
  const std::string path = scratch / "file";
  PutFile(path, Content(1, 1000));
  for (const int code : {EIO, EINTR}) {
    std::set<std::string> calls;
    for (int n = 1;; ++n) {
      const size_t open_files = OpenFiles();
      std::string head(10, ' ');
      std::string tail(10, ' ');
      const FailNth fail(n, code);
      const auto error = ErrorOf([&] {
        InputFile file(path.c_str());
        file.Read(head.data(), head.size());
        file.ReadAt(20, tail.data(), tail.size());
      });
      const std::string& call = fail.struck();
      EXPECT_EQ(OpenFiles(), open_files);
      const bool harmless =
          code == EINTR || call == "close" || call == "posix_fadvise";
      if (harmless || call.empty()) {
        EXPECT_FALSE(error);
        EXPECT_EQ(head + tail, Content(1, 1000).substr(0, 10) +
                                   Content(1, 1000).substr(20, 10));
      } else {
        ASSERT_TRUE(error) << call;
        EXPECT_EQ(error->code, code);
        EXPECT_EQ(error->path, path);
      }
      if (call.empty()) break;
      calls.insert(call);
    }
    EXPECT_EQ(calls.size(), 6);
  }
}

}  // namespace
}  // namespace libopt::os
