// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/windows/scratch.h"

#include <algorithm>
#include <fstream>

#include "src/os/atomic_file.h"
#include "src/os/input_file.h"
#include "src/os/windows/system.h"

namespace libopt::os {
namespace {

std::filesystem::path PathOf(const std::string& utf8) {
  return std::filesystem::u8path(utf8);
}

}  // namespace

Scratch::Scratch() {
  static int count = 0;
  path_ =
      std::filesystem::temp_directory_path() /
      PathOf("libopt-\xE2\x9C\x93-" + std::to_string(GetCurrentProcessId()) +
             "-" + std::to_string(count++));
  std::filesystem::create_directory(path_);
}

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string Scratch::operator/(const std::string& name) const {
  return (path_ / PathOf(name)).u8string();
}

std::vector<std::string> Scratch::Names() const {
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(path_)) {
    names.push_back(file.path().filename().u8string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void PutFile(const std::string& path, const std::string& content) {
  std::ofstream file(PathOf(path), std::ios::binary);
  file << content;
}

// Not by std::ifstream, which keeps others from replacing the file.
std::optional<std::string> GetFile(const std::string& path) {
  try {
    InputFile file(path.c_str());
    std::string content(static_cast<size_t>(file.size()), '\0');
    content.resize(file.ReadAt(0, content.data(), content.size()));
    return content;
  } catch (const FileError&) {
    return std::nullopt;
  }
}

void Save(const std::string& path, const std::string& content) {
  AtomicFile file(path.c_str(), static_cast<int64_t>(content.size()));
  const size_t half = content.size() / 2;
  file.Write(content.data(), half);
  file.Write(content.data() + half, content.size() - half);
  file.Commit();
}

std::string Content(int generation, size_t about) {
  std::string content(about + static_cast<size_t>(generation % 7), ' ');
  for (size_t i = 0; i < content.size(); ++i) {
    content[i] = static_cast<char>(i * 31 + static_cast<size_t>(generation));
  }
  return content;
}

}  // namespace libopt::os
