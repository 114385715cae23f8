// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Checkpoints that were committed when their version was released: they load
// for ever, and the training goes on to the same bytes.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>
#include <vector>

#include "tests/state/edited.h"
#include "tests/state/fixtures.h"

namespace opt_test {
namespace {

constexpr const char* kStop = ".safetensors";
constexpr const char* kEnd = ".end.safetensors";

// "state-0.1-adam"
using Fixture = std::string;

std::string RuleOf(const Fixture& fixture) {
  return fixture.substr(fixture.rfind('-') + 1);
}

std::vector<Fixture> Fixtures() {
  std::vector<Fixture> fixtures;
  for (const auto& file : std::filesystem::directory_iterator(FIXTURES)) {
    const std::string name = file.path().filename().string();
    const size_t end = name.find(kEnd);
    if (end != std::string::npos) fixtures.push_back(name.substr(0, end));
  }
  std::sort(fixtures.begin(), fixtures.end());
  return fixtures;
}

std::string Read(const std::string& name) {
  std::ifstream file(FIXTURES "/" + name, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

class FixtureTest : public testing::TestWithParam<Fixture> {
 protected:
  FixtureTest() : training_(FixtureTraining(RuleOf(GetParam()))) {
    training_.Load(Read(GetParam() + kStop));
  }

  // Expects the training to be what a file has.
  void ExpectIs(const std::string& file) {
    const std::string expected = Read(GetParam() + file);
    const std::string saved = SaveFixture(training_);
    EXPECT_EQ(EntriesOf(saved), EntriesOf(expected));
    if (Edited(expected).metadata["libopt_version"] == opt_version()) {
      EXPECT_EQ(saved, expected);
    }
  }

  Training training_;
};

TEST_P(FixtureTest, IsSavedAgainAsItWas) { ExpectIs(kStop); }

TEST_P(FixtureTest, GoesOnToTheSameEnd) {
  TrainFromFixture(&training_);
  ExpectIs(kEnd);
}

TEST(FixturesTest, EachRuleHasOne) {
  const std::vector<Fixture> fixtures = Fixtures();
  for (const std::string& rule : Rules()) {
    EXPECT_TRUE(std::any_of(
        fixtures.begin(), fixtures.end(),
        [&](const Fixture& fixture) { return RuleOf(fixture) == rule; }))
        << rule << ": build the target state_fixtures";
  }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, FixtureTest, testing::ValuesIn(Fixtures()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace_if(
                               name.begin(), name.end(),
                               [](char c) { return c == '-' || c == '.'; },
                               '_');
                           return name;
                         });

}  // namespace
}  // namespace opt_test
