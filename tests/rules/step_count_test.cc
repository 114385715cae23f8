// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The number of the step, t: each tensor has its own, and what depends on it.

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/rules/harness.h"
#include "tests/rules/measure.h"
#include "tests/rules/oracle.h"
#include "tests/rules/reference.h"

namespace opt_test {
namespace {

constexpr int64_t kCount = 21;

class StepCount : public testing::TestWithParam<std::string> {};

TEST_P(StepCount, LateFirstGradientStartsAtOne) {
  // The steps of a group count for all of its tensors.
  if (FindRule(GetParam()).prepare_group != nullptr) return;
  Tensor early(OPT_F32, OPT_F32, kCount);
  Tensor late(OPT_F32, OPT_F32, kCount);
  Tensor alone(OPT_F32, OPT_F32, kCount);
  early.param.Fill(1, 0);
  late.param.Fill(1, 1);
  alone.param.Fill(1, 1);
  Optimizer both(GetParam());
  both.Attach(&early);
  both.Attach(&late);
  Optimizer fresh(GetParam());
  fresh.Attach(&alone);

  early.grad.Fill(2, 0);
  for (int i = 0; i < 5; ++i) both.StepWith({&early, nullptr});
  for (uint32_t step = 1; step <= 4; ++step) {
    late.grad.Fill(3, step);
    alone.grad.Fill(3, step);
    both.StepWith({&early, &late});
    fresh.Step();
    EXPECT_EQ(both.StepCount(late), step);
    EXPECT_EQ(both.AllBits(late), fresh.AllBits(alone)) << "step " << step;
  }
  EXPECT_EQ(both.StepCount(early), 9);
}

TEST_P(StepCount, TensorWithoutGradientIsLeftAlone) {
  Tensor skipped(OPT_F32, OPT_F32, kCount);
  Tensor other(OPT_F32, OPT_F32, kCount);
  skipped.param.Fill(1, 0);
  skipped.grad.Fill(2, 0);
  other.param.Fill(1, 1);
  other.grad.Fill(2, 1);
  Optimizer optimizer(GetParam());
  optimizer.Attach(&skipped);
  optimizer.Attach(&other);
  optimizer.Set("weight_decay", 0.1);
  optimizer.Step();
  const std::vector<std::string> skipped_bits = optimizer.AllBits(skipped);
  const std::vector<std::string> other_bits = optimizer.AllBits(other);
  optimizer.StepWith({nullptr, &other});
  EXPECT_EQ(optimizer.AllBits(skipped), skipped_bits);
  EXPECT_NE(optimizer.AllBits(other), other_bits);
  EXPECT_EQ(optimizer.StepCount(skipped), 1);
  EXPECT_EQ(optimizer.StepCount(other), 2);
}

TEST_P(StepCount, AdvancesOncePerStepHoweverManyTensorsThereAre) {
  std::vector<Tensor> tensors;
  for (int i = 0; i < 7; ++i) tensors.emplace_back(OPT_F32, OPT_F32, kCount);
  Optimizer optimizer(GetParam());
  for (Tensor& tensor : tensors) {
    tensor.param.Fill(1, 0);
    tensor.grad.Fill(2, 0);
    optimizer.Attach(&tensor);
  }
  for (int64_t step = 1; step <= 3; ++step) {
    optimizer.Step();
    for (const Tensor& tensor : tensors) {
      EXPECT_EQ(optimizer.StepCount(tensor), step);
      EXPECT_EQ(optimizer.AllBits(tensor), optimizer.AllBits(tensors[0]));
    }
  }
}

TEST_P(StepCount, HugeCountsAreOrdinarySteps) {
  const libopt::Rule& rule = FindRule(GetParam());
  Options defaults;
  for (const opt_option_info& info : OptionInfos(GetParam())) {
    defaults[info.name] = info.default_value;
  }
  const std::vector<double> options = InOrder(rule, defaults);
  for (const int64_t step : {int64_t{1} << 31, int64_t{1} << 53, INT64_MAX}) {
    libopt::Scalars scalars = {};
    double numbers[libopt::kMaxSlots] = {};
    if (rule.prepare_group != nullptr) {
      rule.prepare_group(options.data(), numbers);
    }
    rule.prepare({options.data(), step, numbers, numbers}, &scalars);
    for (const double scalar : scalars.rule) EXPECT_TRUE(std::isfinite(scalar));
    double param = 1;
    const double grad = 0.5;
    double slots[libopt::kMaxSlots] = {};
    const int64_t one = 1;
    libopt::ReferenceStep reference = {options.data(), step,   0,  {&one, 1, 1},
                                       &grad,          &param, {}, numbers};
    for (int i = 0; i < libopt::kMaxSlots; ++i) reference.slots[i] = &slots[i];
    rule.reference(reference);
    EXPECT_TRUE(std::isfinite(param));
  }
}

INSTANTIATE_TEST_SUITE_P(AllRules, StepCount, testing::ValuesIn(Rules()),
                         [](const auto& info) { return info.param; });

class AdamStepCount : public testing::TestWithParam<std::string> {};

TEST_P(AdamStepCount, BiasCorrectionUsesThisStepsBetas) {
  Tensor tensor(OPT_F32, OPT_F32, kCount);
  tensor.param.Fill(1, 0);
  Optimizer optimizer(GetParam());
  optimizer.Attach(&tensor);
  for (uint32_t step = 1; step <= 7; ++step) {
    optimizer.Set("beta1", 0.5 + 0.05 * step);
    optimizer.Set("beta2", 0.9999 - 0.01 * step);
    tensor.grad.Fill(2, step);
    const Before before = TakeBefore(optimizer, tensor);
    optimizer.Step();
    const After expected =
        OracleStep(GetParam(), optimizer.Values(), step, before);
    EXPECT_EQ(Compare(optimizer, tensor, before, expected, kStepTolerance), "")
        << "step " << step;
  }
}

TEST_P(AdamStepCount, BiasCorrectionIsRightAfterAMillionSteps) {
  constexpr double kBeta2 = 0.9999999;
  Tensor tensor(OPT_F64, OPT_F64, 1);
  Optimizer optimizer(GetParam(), "textbook",
                      {{"beta1", 0},
                       {"beta2", kBeta2},
                       {"eps", 0},
                       {"lr", 1},
                       {"weight_decay", 0}});
  optimizer.Attach(&tensor);
  tensor.grad.Set(0, 1);
  constexpr int kSteps = 1'000'003;
  for (int i = 0; i < kSteps - 1; ++i) optimizer.Step();
  tensor.param.Set(0, 0);
  optimizer.Step();
  // A constant gradient of 1: v is 1 - beta2^t, so that the step is exactly lr
  // if the correction is. v has a million roundings of up to half an ulp.
  EXPECT_NEAR(tensor.param.Get(0), -1, kSteps * 0x1p-53);
  const double v = -std::expm1(kSteps * std::log1p(-1e-7));
  EXPECT_NEAR(optimizer.State(tensor, "exp_avg_sq", 0), v, 1e-9);
}

INSTANTIATE_TEST_SUITE_P(AdamFamily, AdamStepCount,
                         testing::Values("adam", "adamw"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace opt_test
