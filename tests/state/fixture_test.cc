// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Checkpoints that were committed when their version was released: they load
// for ever, and the training goes on to the same bytes.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <sstream>
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

std::string NameOf(const Fixture& fixture) {
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

std::vector<std::string> Names(const std::string& list) {
  std::vector<std::string> names;
  std::istringstream stream(list);
  for (std::string name; std::getline(stream, name, ',');) {
    names.push_back(name);
  }
  return names;
}

// A file as its version would have written it with the options that came later,
// at their defaults.
Edited WithLaterOptions(const std::string& file, const std::string& rule) {
  Edited edited(file);
  const std::vector<std::string> before = Names(edited.metadata["options"]);
  Edited::Entry& table = edited.At("__options__");
  std::string values;
  std::string names;
  for (int64_t row = 0; row < table.shape[0]; ++row) {
    names.clear();
    for (const opt_option_info& option : OptionInfos(rule)) {
      names += (names.empty() ? "" : ",") + std::string(option.name);
      const auto found = std::find(before.begin(), before.end(), option.name);
      const size_t column = static_cast<size_t>(found - before.begin());
      double value = option.default_value;
      if (found != before.end()) {
        const size_t at = static_cast<size_t>(row) * before.size() + column;
        std::memcpy(&value, &table.data[at * sizeof(value)], sizeof(value));
      }
      values.append(reinterpret_cast<const char*>(&value), sizeof(value));
    }
  }
  edited.metadata["options"] = names;
  table.shape[1] = static_cast<int64_t>(Names(names).size());
  table.data = values;
  table.bytes = static_cast<int64_t>(values.size());
  return edited;
}

class FixtureTest : public testing::TestWithParam<Fixture> {
 protected:
  FixtureTest() : training_(FixtureTraining(NameOf(GetParam()))) {
    training_.Load(Read(GetParam() + kStop));
  }

  // Expects the training to be what a file has.
  void ExpectIs(const std::string& file) {
    const Edited expected = WithLaterOptions(Read(GetParam() + file),
                                             RuleOfFixture(NameOf(GetParam())));
    const Edited saved(SaveFixture(training_));
    EXPECT_EQ(EntriesOf(saved.Build()), EntriesOf(expected.Build()));
    if (expected.metadata.at("libopt_version") == opt_version()) {
      EXPECT_EQ(saved.Build(), expected.Build());
    }
  }

  Training training_;
};

TEST_P(FixtureTest, IsSavedAgainAsItWas) { ExpectIs(kStop); }

TEST_P(FixtureTest, GoesOnToTheSameEnd) {
  TrainFromFixture(NameOf(GetParam()), &training_);
  ExpectIs(kEnd);
}

TEST(FixturesTest, EachNameHasOne) {
  const std::vector<Fixture> fixtures = Fixtures();
  for (const std::string& name : FixtureNames()) {
    EXPECT_TRUE(std::any_of(
        fixtures.begin(), fixtures.end(),
        [&](const Fixture& fixture) { return NameOf(fixture) == name; }))
        << name << ": build the target state_fixtures";
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
