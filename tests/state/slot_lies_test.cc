// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Checkpoints that are whole by every checksum, but whose state is of other
// tensors, in every slot of every rule.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/c/snapshot.h"
#include "tests/rules/configs.h"
#include "tests/state/edited.h"
#include "tests/state/training.h"

namespace opt_test {
namespace {

// Such that factors exist, and numbers.
const std::vector<TrainedTensor>& Shapes() {
  static const std::vector<TrainedTensor> tensors = {
      {"vector", OPT_F32, OPT_F32, {3}, false, 0},
      {"matrix", OPT_F64, OPT_F32, {2, 3}, true, 0},
      {"stack", OPT_F32, OPT_F32, {2, 3, 4}, false, 0},
  };
  return tensors;
}

constexpr const char* kGroupNumbers = "__group_numbers__";

// The entries with the state of the rule.
std::vector<Edited::Entry> StateIn(const Edited& honest,
                                   const std::string& rule) {
  const std::vector<std::string> slots = Optimizer(rule).Slots();
  std::vector<Edited::Entry> found;
  for (const Edited::Entry& entry : honest.entries) {
    const std::string slot = entry.name.substr(entry.name.find('/') + 1);
    const bool is_slot =
        slot != entry.name && std::count(slots.begin(), slots.end(), slot) != 0;
    if (is_slot || entry.name == kGroupNumbers) found.push_back(entry);
  }
  return found;
}

// Another shape of more and of fewer elements, of as many, another type, and
// none at all.
std::vector<Edited> LiesAbout(const Edited& honest,
                              const Edited::Entry& entry) {
  std::vector<std::vector<int64_t>> shapes = {{5000}};
  std::vector<int64_t> longer = entry.shape;
  longer.push_back(1);
  shapes.push_back(longer);
  if (!entry.shape.empty()) {
    std::vector<int64_t> shape = entry.shape;
    ++shape[0];
    shapes.push_back(shape);
    shape[0] -= 2;
    shapes.push_back(shape);
  }
  std::vector<Edited> lies;
  for (const std::vector<int64_t>& shape : shapes) {
    lies.push_back(honest);
    lies.back().Reshape(entry.name, entry.dtype, shape);
  }
  lies.push_back(honest);
  lies.back().Reshape(entry.name, entry.dtype == "F64" ? "F32" : "F64",
                      entry.shape);
  lies.push_back(honest);
  lies.back().Remove(entry.name);
  return lies;
}

class SlotLieTest : public testing::TestWithParam<std::string> {};

TEST_P(SlotLieTest, StateOfAnotherShapeOrTypeIsRefusedAndChangesNothing) {
  const Training training(GetParam(), {}, Shapes());
  Training other(GetParam(), {}, Shapes());
  other.Steps(0, 2);
  const Edited honest(other.Save());
  const std::vector<Edited::Entry> state = StateIn(honest, GetParam());
  const Optimizer optimizer(GetParam());
  EXPECT_EQ(state.empty(), optimizer.Slots().empty());
  const uint64_t before = snapshot(training.get());
  for (const Edited::Entry& entry : state) {
    for (const Edited& lie : LiesAbout(honest, entry)) {
      const opt_status status = LoadAll(training.get(), lie.Build());
      const std::string message = opt_last_error();
      EXPECT_TRUE(status == OPT_ERR_MISMATCH || status == OPT_ERR_FORMAT)
          << entry.name << ": " << status << ' ' << message;
      const char* says =
          entry.name == kGroupNumbers ? "group" : entry.name.c_str();
      EXPECT_NE(message.find(says), std::string::npos) << message;
      ASSERT_EQ(snapshot(training.get()), before) << entry.name;
    }
  }
  Check(LoadAll(training.get(), honest.Build()));
  EXPECT_NE(snapshot(training.get()), before);
}

INSTANTIATE_TEST_SUITE_P(Rules, SlotLieTest, testing::ValuesIn(Rules()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace opt_test
