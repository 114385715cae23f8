// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/files/scratch.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "src/os/atomic_file.h"

namespace libopt::os {
namespace {

constexpr size_t kPieces = 4;

}  // namespace

Scratch::Scratch() : path_(testing::TempDir() + "libopt-files-XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) {
    throw FileError{"create the directory", errno, path_};
  }
}

Scratch::~Scratch() { std::filesystem::remove_all(path_); }

std::string Scratch::operator/(const std::string& name) const {
  return path_ + "/" + name;
}

std::vector<std::string> Scratch::Names() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(path_)) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void PutFile(const std::string& path, const std::string& content) {
  std::ofstream file(path, std::ios::binary);
  file << content;
  file.close();
  ASSERT_TRUE(file) << path;
}

std::optional<std::string> GetFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string content(std::filesystem::file_size(path), '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  return content;
}

void Save(const std::string& path, const std::string& content) {
  AtomicFile file(path.c_str(), static_cast<int64_t>(content.size()));
  const size_t piece = content.size() / kPieces + 1;
  for (size_t done = 0; done < content.size(); done += piece) {
    file.Write(content.data() + done, std::min(piece, content.size() - done));
  }
  file.Commit();
}

std::optional<FileError> ErrorOf(const std::function<void()>& body) {
  try {
    body();
  } catch (const FileError& error) {
    return error;
  }
  return std::nullopt;
}

size_t OpenFiles() {
  const std::filesystem::directory_iterator files("/proc/self/fd");
  return static_cast<size_t>(std::distance(begin(files), end(files)));
}

std::string Content(int generation, size_t about) {
  const std::string word = "generation " + std::to_string(generation) + "\n";
  std::string content;
  while (content.size() < about) content += word;
  return content;
}

}  // namespace libopt::os
