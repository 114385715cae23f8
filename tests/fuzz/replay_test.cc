// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Gives every file of a corpus to a fuzz target, with any compiler. A file that
// breaks it ends the process, and the line before tells which it was.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/fuzz/fuzzer.h"

namespace opt_test {
namespace {

std::vector<std::string> Corpus() {
  std::vector<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(OPT_CORPUS)) {
    names.push_back(file.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

class Replay : public testing::TestWithParam<std::string> {};

TEST_P(Replay, DoesNotBreakTheTarget) {
  const std::string path = std::string(OPT_CORPUS) + "/" + GetParam();
  std::ifstream file(path, std::ios::binary);
  const std::string input(std::istreambuf_iterator<char>(file), {});
  ASSERT_TRUE(file) << path << " cannot be read";
  EXPECT_EQ(LLVMFuzzerTestOneInput(
                reinterpret_cast<const uint8_t*>(input.data()), input.size()),
            0);
}

INSTANTIATE_TEST_SUITE_P(Corpus, Replay, testing::ValuesIn(Corpus()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace opt_test
