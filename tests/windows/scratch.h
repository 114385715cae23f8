// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#ifndef OPT_TESTS_WINDOWS_SCRATCH_H_
#define OPT_TESTS_WINDOWS_SCRATCH_H_

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace libopt::os {

// A new directory, with a name that no code page has, removed at the end with
// all that is in it.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  // The path of a name in it, in UTF-8.
  std::string operator/(const std::string& name) const;
  std::vector<std::string> Names() const;  // sorted, in UTF-8

 private:
  std::filesystem::path path_;
};

// The name of a temporary file that a dead process left behind beside "target".
constexpr char kLeftover[] = ".target.libopt-0123456789abcdef.tmp";

void PutFile(const std::string& path, const std::string& content);

// Nothing if there is no such file.
std::optional<std::string> GetFile(const std::string& path);

// Replaces the file by one with this content, written in a few pieces.
void Save(const std::string& path, const std::string& content);

// The content number `generation`: each has its own bytes and size.
std::string Content(int generation, size_t about);

}  // namespace libopt::os

#endif  // OPT_TESTS_WINDOWS_SCRATCH_H_
