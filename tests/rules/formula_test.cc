// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Single points of the formulas that implementations get wrong, in numbers
// that can be checked by hand.

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/rules/harness.h"

namespace opt_test {
namespace {

// One f64 parameter that is stepped with the gradients given.
struct Scalar {
  Scalar(const std::string& rule, const std::string& preset,
         const Options& options, double param)
      : optimizer(rule, preset, options) {
    tensor.param.Set(0, param);
    optimizer.Attach(&tensor);
  }

  double Step(double grad) {
    tensor.grad.Set(0, grad);
    optimizer.Step();
    return tensor.param.Get(0);
  }

  double State(const std::string& slot) {
    return optimizer.State(tensor, slot, 0);
  }

  Tensor tensor = Tensor(OPT_F64, OPT_F64, 1);
  Optimizer optimizer;
};

TEST(Formula, Beta1OfZeroMakesTheFirstMomentTheGradient) {
  for (const opt_dtype dtype : {OPT_F32, OPT_F64}) {
    Tensor tensor(dtype, dtype, 1);
    Optimizer adam("adam", "textbook", {{"beta1", 0.9}});
    adam.Attach(&tensor);
    tensor.grad.Set(0, 1e9);
    adam.Step();
    ASSERT_NEAR(adam.State(tensor, "exp_avg", 0), 1e8, 100);
    adam.Set("beta1", 0);
    tensor.grad.Set(0, 1);
    adam.Step();
    EXPECT_EQ(adam.State(tensor, "exp_avg", 0), 1);
  }
}

TEST(Formula, DecayOfAdamwUsesTheParameterBeforeTheStep) {
  // m-hat / sqrt(v-hat) is 1: 8 - 0.5 - 0.5 * 0.25 * 8. The decay of the value
  // after the step would take 0.9375.
  Scalar adamw("adamw", "textbook",
               {{"lr", 0.5}, {"weight_decay", 0.25}, {"eps", 0}}, 8);
  EXPECT_EQ(adamw.Step(2), 6.5);
}

TEST(Formula, MaximizeFlipsTheGradientBeforeWeightDecayIsAdded) {
  // g = -3 + 0.5 * 2
  Scalar sgd("sgd", "textbook",
             {{"lr", 1}, {"weight_decay", 0.5}, {"maximize", 1}}, 2);
  EXPECT_EQ(sgd.Step(3), 4);
}

TEST(Formula, DampeningAppliesToTheFirstStepInTheTextbookOnly) {
  const Options options = {{"lr", 1}, {"momentum", 0.5}, {"dampening", 0.25}};
  Scalar textbook("sgd", "textbook", options, 0);
  EXPECT_EQ(textbook.Step(1), -0.75);
  Scalar pytorch("sgd", "pytorch", options, 0);
  EXPECT_EQ(pytorch.Step(1), -1);
  EXPECT_EQ(pytorch.Step(1), -1 - (0.5 + 0.75));
}

TEST(Formula, DampeningWithoutMomentumMeansNothingToPyTorch) {
  const Options options = {{"lr", 1}, {"momentum", 0}, {"dampening", 0.25}};
  EXPECT_EQ(Scalar("sgd", "textbook", options, 0).Step(1), -0.75);
  EXPECT_EQ(Scalar("sgd", "pytorch", options, 0).Step(1), -1);
}

TEST(Formula, NesterovLooksAheadAlongTheNewVelocity) {
  Scalar sgd("sgd", "textbook", {{"lr", 1}, {"momentum", 0.5}, {"nesterov", 1}},
             0);
  EXPECT_EQ(sgd.Step(1), -1.5);
  EXPECT_EQ(sgd.Step(1), -1.5 - (1 + 0.5 * 1.5));
}

TEST(Formula, LearningRateInTheVelocityIsThatOfTheStepWhichAddedIt) {
  Scalar sgd("sgd", "textbook",
             {{"lr", 1}, {"momentum", 0.5}, {"lr_in_velocity", 1}}, 0);
  EXPECT_EQ(sgd.Step(1), -1);
  sgd.optimizer.Set("lr", 0);
  EXPECT_EQ(sgd.Step(1), -1.5);
  EXPECT_EQ(sgd.State("momentum_buffer"), -0.5);
}

TEST(Formula, MomentumAliasHasMomentumAndGdHasNone) {
  EXPECT_EQ(Optimizer("momentum").Get("momentum"), 0.9);
  EXPECT_EQ(Optimizer("gd").Get("momentum"), 0);
  EXPECT_TRUE(Optimizer("gd").Slots().empty());
}

TEST(Formula, AdagradLrDecayCountsFromTheSecondStep) {
  // Rates 1 and 1 / (1 + 0.5); sqrt(G) is 3, then 5.
  Scalar adagrad("adagrad", "textbook",
                 {{"lr", 1}, {"lr_decay", 0.5}, {"eps", 0}}, 0);
  EXPECT_DOUBLE_EQ(adagrad.Step(3), -1);
  EXPECT_DOUBLE_EQ(adagrad.Step(4), -1 - (1 / 1.5) * 4 / 5);
}

TEST(Formula, AdagradDecoupledDecayUsesThePlainRate) {
  Scalar adagrad("adagrad", "textbook",
                 {{"lr", 0.5},
                  {"lr_decay", 100},
                  {"weight_decay", 0.5},
                  {"weight_decay_kind", 1},
                  {"eps", 1}},
                 16);
  EXPECT_EQ(adagrad.Step(0), 12);
  EXPECT_EQ(adagrad.Step(0), 9);
}

TEST(Formula, AdagradSumStartsAtTheInitialAccumulator) {
  Scalar adagrad("adagrad", "textbook",
                 {{"lr", 1}, {"initial_accumulator", 9}, {"eps", 0}}, 0);
  EXPECT_EQ(adagrad.State("sum"), 9);
  EXPECT_DOUBLE_EQ(adagrad.Step(4), -4.0 / 5);
}

TEST(Formula, CenteredRmspropClampsANegativeVarianceAtZero) {
  // With alpha 0, E and the squared mean are equal but for their rounding.
  Scalar rmsprop("rmsprop", "textbook",
                 {{"lr", 1}, {"alpha", 0}, {"centered", 1}, {"eps", 0.25}}, 0);
  EXPECT_EQ(rmsprop.Step(0.5), -1);
  // Constant gradients: E and the squared mean converge to the same number,
  // from either side.
  for (int i = 0; i < 40; ++i) {
    Scalar constant("rmsprop", "pytorch",
                    {{"lr", 1}, {"alpha", 0.5}, {"centered", 1}}, 0);
    double param = 0;
    for (int step = 0; step < 100; ++step)
      param = constant.Step(0.1 + 0.01 * i);
    EXPECT_TRUE(std::isfinite(param)) << i;
  }
}

TEST(Formula, RmspropMomentumAveragesTheNormalisedGradient) {
  Scalar rmsprop("rmsprop", "textbook",
                 {{"lr", 1}, {"alpha", 0}, {"momentum", 0.5}, {"eps", 0}}, 0);
  EXPECT_EQ(rmsprop.Step(4), -1);
  EXPECT_EQ(rmsprop.Step(-2), -1 - (0.5 - 1));
  EXPECT_EQ(rmsprop.State("momentum_buffer"), -0.5);
}

TEST(Formula, EpsilonStandsWhereItsPlacementSays) {
  const Options options = {{"lr", 1},
                           {"beta1", 0.5},
                           {"beta2", 0.75},
                           {"eps", 1.0},
                           {"weight_decay", 0}};
  const auto step = [&](double placement) {
    Scalar adam("adam", "textbook", options, 0);
    adam.optimizer.Set("eps_placement", placement);
    return -adam.Step(2);
  };
  EXPECT_DOUBLE_EQ(step(0), 2 / std::sqrt(4 + 1.0));
  EXPECT_DOUBLE_EQ(step(1), 2 / (2 + 1.0));
  // m = 1, v = 1: sqrt(0.25) / 0.5 * 1 / (1 + 1)
  EXPECT_DOUBLE_EQ(step(2), 0.5);
}

TEST(Formula, EpsRootStandsInsideTheRoot) {
  Scalar adam("adam", "pytorch", {{"lr", 1}, {"eps", 1}, {"eps_root", 5}}, 0);
  EXPECT_DOUBLE_EQ(adam.Step(2), -2 / (std::sqrt(4 + 5.0) + 1));
}

TEST(Formula, AmsgradKeepsTheLargestSecondMomentUncorrected) {
  Scalar adam(
      "adam", "textbook",
      {{"lr", 1}, {"beta1", 0}, {"beta2", 0.5}, {"eps", 0}, {"amsgrad", 1}}, 0);
  adam.Step(4);
  EXPECT_EQ(adam.State("max_exp_avg_sq"), 8);
  const double before = adam.tensor.param.Get(0);
  const double after = adam.Step(1);
  EXPECT_EQ(adam.State("exp_avg_sq"), 4.5);
  EXPECT_EQ(adam.State("max_exp_avg_sq"), 8);
  EXPECT_DOUBLE_EQ(after - before, -1 / std::sqrt(8 / 0.75));
}

TEST(Formula, AdabeliefKeepsEpsRootInTheSecondMoment) {
  Scalar adabelief("adabelief", "textbook",
                   {{"beta1", 0}, {"beta2", 0.5}, {"eps_root", 0.25}}, 0);
  adabelief.Step(2);
  adabelief.Step(2);
  EXPECT_EQ(adabelief.State("exp_avg_var"), 0.5 * 0.25 + 0.25);
}

TEST(Formula, AdabeliefWithRectifyStepsWithoutDivisionOrNotAtAllAtFirst) {
  const Options options = {{"lr", 0.5}, {"beta1", 0}, {"rectify", 1}};
  Scalar sgd("adabelief", "textbook", options, 0);
  EXPECT_EQ(sgd.Step(2), -1);
  Scalar silent("adabelief", "textbook", options, 0);
  silent.optimizer.Set("degenerated_to_sgd", 0);
  for (int step = 1; step <= 5; ++step) EXPECT_EQ(silent.Step(2), 0) << step;
  EXPECT_LT(silent.Step(2), 0);
}

TEST(Formula, FixedDecayHasNoLearningRateInIt) {
  Scalar adabelief("adabelief", "textbook",
                   {{"lr", 0.5}, {"weight_decay", 0.25}, {"fixed_decay", 1}},
                   16);
  EXPECT_EQ(adabelief.Step(0), 12);
}

TEST(Formula, YogiMovesItsSecondMomentByTheSquareOfTheGradient) {
  Scalar yogi("yogi", "textbook", {{"beta2", 0.75}, {"initial_accumulator", 9}},
              0);
  yogi.Step(2);
  EXPECT_EQ(yogi.State("exp_avg_sq"), 9 - 0.25 * 4);
  yogi.Step(4);
  EXPECT_EQ(yogi.State("exp_avg_sq"), 8 + 0.25 * 16);
}

TEST(Formula, AdoptTakesTheSecondMomentAloneFromTheFirstGradient) {
  Scalar adopt("adopt", "textbook",
               {{"lr", 1},
                {"beta1", 0},
                {"beta2", 0.75},
                {"weight_decay", 0.5},
                {"weight_decay_kind", 1}},
               8);
  EXPECT_EQ(adopt.Step(2), 8);
  EXPECT_EQ(adopt.State("exp_avg_sq"), 4);
  // 1 / sqrt(4), clipped to 1^0.25; decay 0.5 * 8
  EXPECT_EQ(adopt.Step(1), 8 - 0.5 - 4);
  EXPECT_EQ(adopt.State("exp_avg_sq"), 0.75 * 4 + 0.25);
}

TEST(Formula, AdemamixWarmsUpTheWeightOfTheSlowAverage) {
  // m1 / c1 = 2, m2 = 1, sqrt(v / c2) = 2; the warm-up begins with 3 / 4 of m2.
  Scalar ademamix("ademamix", "textbook",
                  {{"lr", 1}, {"beta3", 0.5}, {"alpha", 3}, {"eps", 0}}, 0);
  EXPECT_DOUBLE_EQ(ademamix.Step(2), -(2 + 3.0) / 2);
  Scalar warming("ademamix", "textbook",
                 {{"lr", 1},
                  {"beta3", 0.5},
                  {"alpha", 3},
                  {"alpha_warmup", 4},
                  {"eps", 0}},
                 0);
  EXPECT_DOUBLE_EQ(warming.Step(2), -(2 + 0.75) / 2);
}

TEST(Formula, SignumWithoutBetaIsSignsgdAndKeepsNothing) {
  EXPECT_TRUE(Optimizer("signsgd").Slots().empty());
  Scalar signsgd("signsgd", "textbook", {{"lr", 1}}, 0);
  EXPECT_EQ(signsgd.Step(1e-30), -1);
  EXPECT_EQ(signsgd.Step(-5), 0);
  EXPECT_EQ(signsgd.Step(0), 0);
}

TEST(Formula, FtrlMakesParametersExactlyZero) {
  Scalar ftrl("ftrl", "textbook", {{"lr", 1}, {"l1", 4}}, 0.5);
  EXPECT_EQ(ftrl.Step(3), 0);
  // z = 3 - 3 * 0.5 + 5, r = sqrt(34): (4 - z) / (1 + r)
  EXPECT_DOUBLE_EQ(ftrl.Step(5), -2.5 / (1 + std::sqrt(34.0)));
}

TEST(Formula, FtrlLeavesTheParameterWithALearningRateOfZero) {
  for (const std::string preset : {"textbook", "keras"}) {
    Scalar ftrl("ftrl", preset, {{"lr", 0}, {"l2", 1}}, 0.5);
    EXPECT_EQ(ftrl.Step(3), 0.5) << preset;
    EXPECT_EQ(ftrl.State("linear"), 3) << preset;
  }
}

TEST(Formula, AdanSeesNoChangeOfTheGradientInTheFirstStep) {
  Scalar adan("adan", "textbook",
              {{"lr", 1}, {"beta2", 0.5}, {"beta3", 0.75}, {"eps", 0}}, 0);
  EXPECT_DOUBLE_EQ(adan.Step(2), -1);
  EXPECT_EQ(adan.State("exp_avg_diff"), 0);
  EXPECT_EQ(adan.State("neg_pre_grad"), -2);
  adan.Step(4);
  EXPECT_EQ(adan.State("exp_avg_diff"), 0.5 * 2);
}

TEST(Formula, ScheduleFreeRadamRestsUntilItsSecondMomentIsWorthFourGradients) {
  Scalar silent("schedule_free_radam", "textbook", {{"lr", 1}}, 1);
  for (int step = 1; step <= 4; ++step) EXPECT_EQ(silent.Step(2), 1) << step;
  EXPECT_LT(silent.Step(2), 1);
  Scalar descending("schedule_free_radam", "textbook",
                    {{"lr", 0.25}, {"silent_sgd_phase", 0}}, 1);
  EXPECT_EQ(descending.Step(2), 0.5);
}

TEST(Formula, BiasCorrectionCanBeSwitchedOff) {
  Scalar adam("adam", "textbook",
              {{"lr", 1},
               {"beta1", 0.5},
               {"beta2", 0.75},
               {"eps", 0},
               {"bias_correction", 0}},
              0);
  EXPECT_DOUBLE_EQ(adam.Step(2), -1.0 / std::sqrt(1.0));
}

}  // namespace
}  // namespace opt_test
