// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Every quantity of every rule can be scheduled: a step uses the scheduled
// value as if it had been set, in the group that has the schedule alone.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/rules/configs.h"
#include "tests/schedules/described.h"

namespace opt_test {
namespace {

constexpr int64_t kCount = 21;
constexpr double kFactor = 0.5;
constexpr const char* kHalf = "constant factor=0.5 total_iters=100";

bool IsQuantity(const opt_option_info& option) {
  return (option.flags &
          (OPT_OPTION_BOOL | OPT_OPTION_CHOICE | OPT_OPTION_INTEGER)) == 0;
}

// A tensor in each of two groups.
struct Two {
  explicit Two(const std::string& rule, const Options& options = {})
      : optimizer(rule, "", options),
        tensors{Tensor(OPT_F32, OPT_F32, kCount),
                Tensor(OPT_F32, OPT_F32, kCount)} {
    int32_t group = 0;
    Check(opt_add_group(optimizer.get(), nullptr, nullptr, 0, &group));
  }

  void Attach() {
    for (int32_t i = 0; i < 2; ++i) {
      Tensor& tensor = tensors[static_cast<size_t>(i)];
      tensor.param.Fill(1, 0);
      opt_tensor description = OPT_TENSOR_INIT;
      description.group = i;
      description.count = kCount;
      description.param = tensor.param.data();
      description.grad = tensor.grad.data();
      Check(opt_attach(optimizer.get(), &description, 1, &tensor.index));
    }
  }

  // As many as rules take to move the parameters.
  void Steps() {
    for (uint32_t step = 0; step < 7; ++step) {
      for (Tensor& tensor : tensors) tensor.grad.Fill(2, step);
      optimizer.Step();
    }
  }

  std::vector<std::string> Bits(size_t tensor) const {
    return optimizer.AllBits(tensors[tensor]);
  }

  Optimizer optimizer;
  Tensor tensors[2];
};

class ScheduledOptionTest : public testing::TestWithParam<std::string> {};

TEST_P(ScheduledOptionTest, IsUsedAsIfItHadBeenSet) {
  int tested = 0;
  for (const opt_option_info& option : OptionInfos(GetParam())) {
    if (!IsQuantity(option)) continue;
    // It may have a schedule, which does not matter, since it counts once.
    if (StartsASlot(GetParam(), option.name) &&
        std::string(option.name) == OPT_LR) {
      continue;
    }
    // The schedule halves it.
    const double base =
        std::max(Values(option).back(), 4 * static_cast<double>(option.min));
    Two scheduled(GetParam(), {{option.name, base}, {"weight_decay", 0.25}});
    const Schedule half = Described(kHalf);
    if (opt_set_schedule(scheduled.optimizer.get(), 0, option.name,
                         half.get()) != OPT_OK) {
      EXPECT_TRUE(StartsASlot(GetParam(), option.name)) << option.name;
      continue;
    }
    Check(opt_set_schedule(scheduled.optimizer.get(), 0, option.name, nullptr));
    Two set(GetParam(), {{option.name, base}, {"weight_decay", 0.25}});
    double own = 0;
    Check(opt_get(set.optimizer.get(), 0, option.name, &own));
    Give(scheduled.optimizer.get(), 0, option.name, kHalf);
    Check(opt_set(set.optimizer.get(), 0, option.name, kFactor * own));
    for (Two* two : {&scheduled, &set}) {
      two->Attach();
      two->Steps();
    }
    EXPECT_EQ(scheduled.Bits(0), set.Bits(0)) << option.name;
    EXPECT_EQ(scheduled.Bits(1), set.Bits(1)) << option.name;
    if (std::string(option.name) == OPT_LR) {
      EXPECT_NE(scheduled.Bits(0), scheduled.Bits(1));
    }
    ++tested;
  }
  EXPECT_GE(tested, 2);
}

// A tensor's factors multiply what the schedules give.
TEST_P(ScheduledOptionTest, IsMultipliedByTheTensorsFactors) {
  Two scheduled(GetParam(), {{OPT_LR, 0.25}, {OPT_WEIGHT_DECAY, 0.5}});
  Two set(GetParam(), {{OPT_LR, 0.25}, {OPT_WEIGHT_DECAY, 0.5}});
  for (Two* two : {&scheduled, &set}) two->Attach();
  const opt_optimizer optimizer = scheduled.optimizer.get();
  Give(optimizer, 0, OPT_LR, kHalf);
  Give(optimizer, 0, OPT_WEIGHT_DECAY, kHalf);
  const int64_t index = scheduled.tensors[0].index;
  Check(opt_set_attribute(optimizer, index, OPT_TENSOR_LR_FACTOR, 3));
  Check(opt_set_attribute(optimizer, index, OPT_TENSOR_WEIGHT_DECAY_FACTOR, 5));
  Check(opt_set(set.optimizer.get(), 0, OPT_LR, 0.25 * kFactor * 3));
  Check(opt_set(set.optimizer.get(), 0, OPT_WEIGHT_DECAY, 0.5 * kFactor * 5));
  scheduled.Steps();
  set.Steps();
  EXPECT_EQ(scheduled.Bits(0), set.Bits(0));
  EXPECT_EQ(scheduled.Bits(1), set.Bits(1));
}

INSTANTIATE_TEST_SUITE_P(AllRules, ScheduledOptionTest,
                         testing::ValuesIn(Rules()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace opt_test
