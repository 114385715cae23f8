// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Five steps of four parameters, as float64 programs made them that follow the
// text of the rules' authors, of Keras or of timm: for options and rules of
// which peers.txt has no run.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include "tests/rules/harness.h"

namespace opt_test {
namespace {

constexpr double kParams[] = {1, -2, 0.5, 0};
constexpr double kGradients[][4] = {{0.5, -0.25, 0.125, 0},
                                    {-0.5, 0.25, 0.25, 1},
                                    {0.25, 0, -0.5, 0.5},
                                    {1, -1, 0.0625, -0.125},
                                    {0.125, 0.5, 2, -0.25}};

struct Numbers {
  const char* name;
  const char* rule;
  const char* preset;
  Options options;
  std::vector<double> params;  // after the last step, printed with 10 digits
  std::vector<double> eval;    // the evaluation weights then, or nothing
  std::vector<int64_t> shape = {};  // nothing: a vector
};

void PrintTo(const Numbers& one, std::ostream* out) { *out << one.name; }

const Numbers kCases[] = {
    {"adabelief_decoupled",
     "adabelief",
     "timm",
     {{"lr", 0.1}, {"eps", 0.01}, {"eps_root", 0.01}, {"weight_decay", 0.1}},
     {0.9148426189, -1.883392444, 0.4544587809, -0.04754899592},
     {}},
    {"adabelief_rectified",
     "radabelief",
     "",
     {{"lr", 0.1},
      {"eps", 0.01},
      {"eps_root", 0.01},
      {"weight_decay", 0.1},
      {"beta2", 0.9}},
     {0.8349161468, -1.842528425, 0.4071858437, -0.1532141719},
     {}},
    {"yogi_coupled",
     "yogi",
     "optax",
     {{"lr", 0.1},
      {"eps", 0.01},
      {"initial_accumulator", 0.1},
      {"initial_exp_avg", 0.1},
      {"weight_decay", 0.1}},
     {0.9460883932, -2.000052988, 0.4568221895, -0.05344426406},
     {}},
    {"adopt_coupled",
     "adopt",
     "timm",
     {{"lr", 0.1}, {"weight_decay", 0.1}},
     {0.9759577142, -1.971086013, 0.4717391362, -0.02526658692},
     {}},
    {"adopt_defaults",
     "adopt",
     "textbook",
     {},
     {0.9999333487, -2.000235267, 0.4997420392, -0.0002746997095},
     {}},
    {"adopt_unclipped",
     "adopt",
     "textbook",
     {{"lr", 0.1},
      {"weight_decay", 0.1},
      {"weight_decay_kind", 1},
      {"clip", 0}},
     {0.9407222636, -1.899407144, 0.3505564404, -33833.79699},
     {}},
    {"ademamix_with_warmups",
     "ademamix",
     "textbook",
     {{"lr", 0.1},
      {"eps", 0.01},
      {"weight_decay", 0.1},
      {"alpha_warmup", 4},
      {"beta3_warmup", 4}},
     {0.739940528, -1.748314356, 0.2748468896, -0.2420361716},
     {}},
    {"signum", "signum", "textbook", {{"lr", 0.1}}, {0.7, -1.9, 0.4, -0.4}, {}},
    {"ftrl_of_keras",
     "ftrl",
     "keras",
     {{"lr", 0.1}},
     {0.3275910383, -0.3725767375, -0.08907992024, -0.1067630738},
     {}},
    {"ftrl_with_penalties",
     "ftrl",
     "keras",
     {{"lr", 0.1},
      {"l1", 0.01},
      {"l2", 0.1},
      {"l2_shrinkage", 0.05},
      {"beta", 0.1}},
     {0.2393848272, -0.2296967414, -0.08944789786, -0.09252483334},
     {}},
    {"adan_proximal",
     "adan",
     "textbook",
     {{"lr", 0.1}, {"eps", 0.01}, {"weight_decay", 0.1}},
     {0.8438248022, -1.830925731, 0.2965026664, -0.166597748},
     {}},
    {"adan_without_prox",
     "adan",
     "textbook",
     {{"lr", 0.1}, {"eps", 0.01}, {"weight_decay", 0.1}, {"no_prox", 1}},
     {0.8423015918, -1.829279737, 0.2945264321, -0.1682288716},
     {}},
    {"schedule_free_sgd",
     "schedule_free_sgd",
     "textbook",
     {{"lr", 0.1}, {"weight_decay", 0.1}, {"warmup_steps", 3}},
     {0.9016861189, -1.909539955, 0.4343592, -0.08995756889},
     {0.9085192636, -1.912863693, 0.448948738, -0.09143250792}},
    {"schedule_free_adamw",
     "schedule_free_adamw",
     "textbook",
     {{"lr", 0.1},
      {"eps", 0.01},
      {"weight_decay", 0.1},
      {"warmup_steps", 3},
      {"r", 1}},
     {0.8259818583, -1.878395219, 0.4018988178, -0.1236846805},
     {0.8334675025, -1.88021377, 0.4150461279, -0.1267617133}},
    {"schedule_free_adamw_with_inner_momentum",
     "schedule_free_adamw",
     "textbook",
     {{"lr", 0.1}, {"eps", 0.01}, {"inner_momentum", 0.9}},
     {0.8560782368, -1.88135642, 0.3344154782, -0.1471682175},
     {}},
    {"schedule_free_radam",
     "schedule_free_radam",
     "textbook",
     {{"lr", 0.1},
      {"beta2", 0.9},
      {"weight_decay", 0.1},
      {"silent_sgd_phase", 0}},
     {0.899376196, -1.895105843, 0.4731989719, -0.1052386333},
     {0.9069121181, -1.90205276, 0.4751532295, -0.1027063238}},
    {"schedule_free_radam_after_silence",
     "schedule_free_radam",
     "textbook",
     {{"lr", 0.1}, {"beta2", 0.8}, {"weight_decay", 0.1}},
     {0.995864187, -2.008675339, 0.4762265706, 0.006856039865},
     {0.995864187, -2.008675339, 0.4762265706, 0.006856039865}},
    {"stableadamw",
     "stableadamw",
     "textbook",
     {{"lr", 0.1}},
     {0.7953319906, -1.842087396, 0.3020229904, -0.2204963472},
     {}},
    {"adamw_with_cautious_weight_decay",
     "adamw",
     "optax",
     {{"lr", 0.1},
      {"eps", 0.01},
      {"weight_decay", 0.1},
      {"cautious_weight_decay", 1}},
     {0.7491954417, -1.785514605, 0.2814608388, -0.2457059084},
     {}},
    {"adamw_with_squared_weight_decay",
     "adamw",
     "pytorch",
     {{"lr", 0.1},
      {"eps", 0.01},
      {"weight_decay", 0.1},
      {"corrected_weight_decay", 1},
      {"max_lr", 0.2}},
     {0.7625180745, -1.79520955, 0.2844298548, -0.2435364124},
     {}},
    {"adamw_with_relative_weight_decay",
     "adamw",
     "pytorch",
     {{"lr", 0.1},
      {"eps", 0.01},
      {"weight_decay", 0.1},
      {"corrected_weight_decay", 2},
      {"max_lr", 0.2}},
     {0.5805656868, -1.409586686, 0.2087067184, -0.2246744659},
     {}},
    {"adamw_with_update_clipping",
     "adamw",
     "pytorch",
     {{"lr", 0.1},
      {"eps", 0.01},
      {"beta2", 0.5},
      {"weight_decay", 0.1},
      {"update_clipping", 0.8}},
     {0.7693653593, -1.790843162, 0.3299084934, -0.2263491282},
     {}},
    {"lion_smooth",
     "lion",
     "textbook",
     {{"lr", 0.1}, {"weight_decay", 0.1}, {"mode", 2}, {"sharpness", 4}},
     {0.8919414385, -1.879876003, 0.410385569, -0.05480194215},
     {}},
    {"ranger",
     "ranger",
     "textbook",
     {{"lr", 0.1}, {"beta2", 0.8}, {"eps", 0.01}, {"lookahead", 2}},
     {0.9488357413, -1.972272372, 0.4834305526, -0.07368423924},
     {}},
    {"lambc",
     "lambc",
     "textbook",
     {{"lr", 0.1}},
     {0.7764182147, -1.828324711, 0.2802745232, -0.2492433176},
     {}},
    {"lamb_of_keras",
     "lamb",
     "keras",
     {{"lr", 0.1}, {"weight_decay", 0.1}},
     {0.5615121716, -1.643435766, 0.1432778414, -0.5134928793},
     {}},
    {"adafactor_of_keras_on_a_vector",
     "adafactor",
     "keras",
     {{"lr", 0.1}},
     {0.7433535049, -1.896733532, 0.2315125635, -0.1349524306},
     {}},
    {"adafactor_of_keras_on_a_matrix",
     "adafactor",
     "keras",
     {{"lr", 0.1}},
     {0.7547252772, -1.8860219, 0.2566217864, -0.1715885398},
     {},
     {2, 2}},
};

class FiveSteps {
 public:
  FiveSteps(const Numbers& one, const Options& differences)
      : optimizer_(one.rule, one.preset, one.options) {
    for (const auto& [option, value] : differences) {
      optimizer_.Set(option, value);
    }
    for (int64_t i = 0; i < 4; ++i) tensor_.param.Set(i, kParams[i]);
    optimizer_.Attach(&tensor_, one.shape);
    for (const auto& gradient : kGradients) {
      for (int64_t i = 0; i < 4; ++i) tensor_.grad.Set(i, gradient[i]);
      optimizer_.Step();
    }
  }

  void SwapEvalWeights() {
    Check(opt_swap_eval_weights(optimizer_.get(), nullptr));
  }

  // The largest error, in units of the number or, if that is less, of 1.
  double Distance(const std::vector<double>& expected) const {
    double distance = 0;
    for (size_t i = 0; i < expected.size(); ++i) {
      const double got = tensor_.param.Get(static_cast<int64_t>(i));
      distance = std::max(distance, std::fabs(got - expected[i]) /
                                        std::max(1.0, std::fabs(expected[i])));
    }
    return distance;
  }

 private:
  Tensor tensor_ = Tensor(OPT_F64, OPT_F64, 4);
  Optimizer optimizer_;
};

constexpr double kTolerance = 6e-10;

class Authors : public testing::TestWithParam<Numbers> {};

TEST_P(Authors, StepsAlike) {
  EXPECT_LE(FiveSteps(GetParam(), {}).Distance(GetParam().params), kTolerance);
}

TEST_P(Authors, EvaluatesAtTheSameWeights) {
  if (GetParam().eval.empty()) return;
  FiveSteps run(GetParam(), {});
  run.SwapEvalWeights();
  EXPECT_LE(run.Distance(GetParam().eval), kTolerance);
}

TEST_P(Authors, DiffersWithAnotherLearningRate) {
  const double lr =
      Optimizer(GetParam().rule, GetParam().preset, GetParam().options)
          .Get("lr");
  EXPECT_GT(
      FiveSteps(GetParam(), {{"lr", lr * 1.0001}}).Distance(GetParam().params),
      10 * kTolerance);
}

INSTANTIATE_TEST_SUITE_P(All, Authors, testing::ValuesIn(kCases),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace opt_test
