// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Options that many rules can bear, in steps whose result can be computed by
// hand: corrected weight decay under a schedule, in groups and with factors of
// tensors, and cautious steps of rules that look at whole tensors.

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/rules/harness.h"

namespace opt_test {
namespace {

constexpr double kSetLr = 0.5;
constexpr double kDecay = 0.25;
constexpr double kGamma = 0.5;  // of the schedule, which halves lr each step
enum Kind { kOff = 0, kSquared = 1, kRelative = 2 };

std::vector<std::string> RulesWith(const std::string& option) {
  std::vector<std::string> rules;
  for (const std::string& rule : Rules()) {
    if (Optimizer(rule).Values().count(option) != 0) rules.push_back(rule);
  }
  return rules;
}

// One parameter without a gradient, of which a step takes nothing but weight
// decay, in a group with a schedule.
class Decaying {
 public:
  Decaying(const std::string& rule, Kind kind, double max_lr)
      : optimizer_(rule, "",
                   {{"lr", kSetLr},
                    {"weight_decay", kDecay},
                    {"weight_decay_kind", 1},
                    {"corrected_weight_decay", kind},
                    {"max_lr", max_lr}}) {
    if (rule == "adan") optimizer_.Set("no_prox", 1);
    opt_schedule schedule = nullptr;
    Check(opt_schedule_create(nullptr, "exponential", &schedule));
    Check(opt_schedule_set(schedule, "gamma", kGamma));
    Check(opt_set_schedule(optimizer_.get(), OPT_ALL_GROUPS, OPT_LR, schedule));
    Check(opt_schedule_destroy(schedule));
    tensor_.param.Set(0, 8);
    tensor_.grad.Set(0, 0);
    optimizer_.Attach(&tensor_);
    // Adopt's first step leaves the parameter.
    optimizer_.Step();
  }

  void SetFactor(double factor) {
    Check(opt_set_attribute(optimizer_.get(), tensor_.index,
                            OPT_TENSOR_LR_FACTOR, factor));
  }

  // The part of the parameter that a step takes, divided by the weight decay.
  double Share() {
    const double before = tensor_.param.Get(0);
    optimizer_.Step();
    return (1 - tensor_.param.Get(0) / before) / kDecay;
  }

 private:
  Tensor tensor_ = Tensor(OPT_F64, OPT_F64, 1);
  Optimizer optimizer_;
};

class CorrectedDecay : public testing::TestWithParam<std::string> {};

TEST_P(CorrectedDecay, FollowsTheScheduleByTheLrThatIsSet) {
  const std::string& rule = GetParam();
  for (const double max_lr : {0.0, 2.0}) {
    const double most = max_lr == 0 ? kSetLr : max_lr;
    Decaying squared(rule, kSquared, max_lr);
    Decaying relative(rule, kRelative, max_lr);
    Decaying off(rule, kOff, max_lr);
    for (const double lr : {kSetLr * kGamma, kSetLr * kGamma * kGamma}) {
      EXPECT_NEAR(squared.Share(), lr * lr / most, 1e-14);
      EXPECT_NEAR(relative.Share(), lr / most, 1e-14);
      EXPECT_NEAR(off.Share(), lr, 1e-14);
    }
  }
}

// The largest rate of a tensor has its factor in it, too: relative decay is
// the same for all tensors, and squared decay is as the rate is.
TEST_P(CorrectedDecay, HasTheFactorOfATensorInBothRates) {
  const std::string& rule = GetParam();
  for (const double max_lr : {0.0, 2.0}) {
    const double most = max_lr == 0 ? kSetLr : max_lr;
    Decaying squared(rule, kSquared, max_lr);
    Decaying relative(rule, kRelative, max_lr);
    squared.SetFactor(0.125);
    relative.SetFactor(0.125);
    for (const double lr : {kSetLr * kGamma, kSetLr * kGamma * kGamma}) {
      EXPECT_NEAR(squared.Share(), 0.125 * lr * lr / most, 1e-14);
      EXPECT_NEAR(relative.Share(), lr / most, 1e-14);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, CorrectedDecay,
                         testing::ValuesIn(RulesWith("corrected_weight_decay")),
                         [](const auto& info) { return info.param; });

TEST(CorrectedDecayOfGroups, TakesEachGroupsOwnRate) {
  Optimizer sgd("sgd", "",
                {{"lr", 0.5},
                 {"weight_decay", 0.25},
                 {"weight_decay_kind", 1},
                 {"corrected_weight_decay", kRelative}});
  int32_t group = 0;
  Check(opt_add_group(sgd.get(), nullptr, nullptr, 0, &group));
  Tensor first(OPT_F64, OPT_F64, 1);
  Tensor second(OPT_F64, OPT_F64, 1);
  for (Tensor* tensor : {&first, &second}) {
    tensor->param.Set(0, 8);
    tensor->grad.Set(0, 0);
    sgd.Attach(tensor);
  }
  Check(opt_tensor_set_group(sgd.get(), second.index, group));
  Check(opt_set(sgd.get(), group, OPT_LR, 0.125));
  sgd.Step();
  // lr / lr of either group.
  EXPECT_EQ(first.param.Get(0), 6);
  EXPECT_EQ(second.param.Get(0), 6);
  Check(opt_set(sgd.get(), group, "corrected_weight_decay", kSquared));
  Check(opt_set(sgd.get(), group, "max_lr", 0.25));
  sgd.Step();
  // 0.125^2 / 0.25 * 0.25 of 6.
  EXPECT_EQ(first.param.Get(0), 4.5);
  EXPECT_EQ(second.param.Get(0), 5.90625);
}

// A tensor of two elements, of which the second disagrees in the second step:
// its gradient turns, and its first moment has not done so yet.
class TwoElements {
 public:
  TwoElements(const std::string& rule, const Options& options)
      : optimizer_(rule, "", options) {
    tensor_.param.Set(0, 3);
    tensor_.param.Set(1, 4);
    optimizer_.Attach(&tensor_);
    Step(1, 1);
  }

  void Step(double first, double second) {
    tensor_.grad.Set(0, first);
    tensor_.grad.Set(1, second);
    optimizer_.Step();
  }
  std::vector<double> Params() const {
    return {tensor_.param.Get(0), tensor_.param.Get(1)};
  }

 private:
  Tensor tensor_ = Tensor(OPT_F64, OPT_F64, 2);
  Optimizer optimizer_;
};

class CautiousWhole : public testing::TestWithParam<std::string> {};

// With beta1 or momentum of 0.9, a gradient that is a tenth as large and turned
// does not turn the average.
TEST_P(CautiousWhole, LeavesAnElementThatDisagreesWhereItIs) {
  for (const double cautious : {1, 2}) {
    Options options = {{"lr", 0.01}, {"weight_decay", 0}};
    options["cautious"] = cautious;
    const std::string average = GetParam() == "lars" ? "momentum" : "beta1";
    options[average] = 0.9;
    TwoElements run(GetParam(), options);
    const std::vector<double> before = run.Params();
    run.Step(1, -0.1);
    EXPECT_NE(run.Params()[0], before[0]);
    EXPECT_EQ(run.Params()[1], before[1]);
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, CautiousWhole,
                         testing::Values("lamb", "lars", "novograd",
                                         "adafactor"),
                         [](const auto& info) { return info.param; });

TEST(CautiousLamb, TakesTheNormOfWhatIsLeftOfTheUpdate) {
  // The step is as long as the parameters, whatever is left of the update.
  for (const double cautious : {1, 2}) {
    TwoElements run(
        "lamb", {{"lr", 0.01}, {"weight_decay", 0}, {"cautious", cautious}});
    const std::vector<double> before = run.Params();
    run.Step(1, -0.1);
    EXPECT_NEAR(before[0] - run.Params()[0],
                0.01 * std::hypot(before[0], before[1]), 1e-15);
  }
}

}  // namespace
}  // namespace opt_test
