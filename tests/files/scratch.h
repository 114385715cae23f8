// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A directory for a test's files, and what is in it.

#ifndef OPT_TESTS_FILES_SCRATCH_H_
#define OPT_TESTS_FILES_SCRATCH_H_

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "src/os/posix/file_calls.h"

namespace libopt::os {

// A new directory, removed at the end with all that is in it.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  // The path of a name in it.
  std::string operator/(const std::string& name) const;
  std::vector<std::string> Names() const;  // sorted

 private:
  std::string path_;
};

// A test that saves to a target, in a directory of its own.
class TargetTest : public testing::Test {
 protected:
  const Scratch scratch_;
  const std::string target_ = scratch_ / "target";
};

// The name of a temporary file that a dead process left behind beside "target".
constexpr char kLeftover[] = ".target.libopt-0123456789abcdef.tmp";

void PutFile(const std::string& path, const std::string& content);

// Nothing if there is no such file.
std::optional<std::string> GetFile(const std::string& path);

// Replaces the file by one with this content, written in a few pieces.
void Save(const std::string& path, const std::string& content);

// The error that body() throws, if any.
std::optional<FileError> ErrorOf(const std::function<void()>& body);

// The number of descriptors that this process has open.
size_t OpenFiles();

// The content number `generation`: each has its own bytes and size.
std::string Content(int generation, size_t about);

}  // namespace libopt::os

#endif  // OPT_TESTS_FILES_SCRATCH_H_
