// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Ten digits of the parameters after five steps, worked out in float64 from the
// source code of other libraries, which presets have to reproduce where no
// recorded run of the library is at hand.

#include <gtest/gtest.h>

#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include "tests/rules/harness.h"

namespace opt_test {

struct Digits {
  const char* name;
  const char* rule;
  const char* preset;
  Options options;
  double params[4];
};

void PrintTo(const Digits& digits, std::ostream* out) { *out << digits.name; }

namespace {

constexpr double kParams[4] = {1, -2, 0.5, 0};
constexpr double kGrads[5][4] = {{0.5, -0.25, 0.125, 0},
                                 {-0.5, 0.25, 0.25, 1},
                                 {0.25, 0, -0.5, 0.5},
                                 {1, -1, 0.0625, -0.125},
                                 {0.125, 0.5, 2, -0.25}};

std::vector<Digits> Cases() {
  return {
      {"keras_sgd",
       "sgd",
       "keras",
       {{"lr", 0.1}, {"momentum", 0.9}, {"nesterov", 1}, {"weight_decay", 0.1}},
       {0.5457959294, -1.714121665, 0.09087934109, -0.49004291}},
      {"keras_adagrad",
       "adagrad",
       "keras",
       {{"lr", 0.1}, {"weight_decay", 0.1}},
       {0.8159034273, -1.845267787, 0.3531879468, -0.1031817959}},
      {"keras_rmsprop",
       "rmsprop",
       "keras",
       {{"lr", 0.01},
        {"momentum", 0.9},
        {"centered", 1},
        {"weight_decay", 0.1}},
       {0.8505828333, -1.886864584, 0.290668209, -0.1423335285}},
      {"keras_adam",
       "adam",
       "keras",
       {{"lr", 0.1}, {"eps", 0.01}, {"weight_decay", 0.1}, {"amsgrad", 1}},
       {0.7987592297, -1.809431313, 0.3790510709, -0.190013557}},
      {"keras_adamw",
       "adamw",
       "keras",
       {{"lr", 0.1}},
       {0.7791263235, -1.834051455, 0.2813885527, -0.2495079225}},
      {"keras_lion",
       "lion",
       "keras",
       {{"lr", 0.1}, {"weight_decay", 0.1}},
       {0.6549503489, -2.001960399, 0.181415524, -0.1940399}},
      {"timm_rmsprop_tf",
       "rmsprop_tf",
       "pytorch",
       {{"lr", 0.1}, {"momentum", 0.9}, {"weight_decay", 0.1}},
       {0.5416594028, -1.557376351, 0.2280818449, -0.4378150611}},
      {"keras_adadelta",
       "adadelta",
       "keras",
       {{"lr", 1}},
       {0.9967625841, -1.999176589, 0.4953955181, -0.001573065669}},
      {"keras_adamax",
       "adamax",
       "keras",
       {{"lr", 0.1}, {"eps", 0.1}},
       {0.8506577843, -1.900322329, 0.3828980702, -0.1420854791}},
      {"keras_nadam",
       "nadam",
       "keras",
       {{"lr", 0.1}, {"eps", 0.01}},
       {0.8142884577, -1.899313846, 0.2740782381, -0.1403377785}},
  };
}

// The largest error of a parameter after five steps, in units of its size.
double Distance(const Digits& digits, const Options& more) {
  Optimizer optimizer(digits.rule, digits.preset, digits.options);
  for (const auto& [option, value] : more) optimizer.Set(option, value);
  Tensor tensor(OPT_F64, OPT_F64, 4);
  optimizer.Attach(&tensor);
  for (int i = 0; i < 4; ++i) tensor.param.Set(i, kParams[i]);
  for (const double(&grads)[4] : kGrads) {
    for (int i = 0; i < 4; ++i) tensor.grad.Set(i, grads[i]);
    optimizer.Step();
  }
  double distance = 0;
  for (int i = 0; i < 4; ++i) {
    const double error = std::fabs(tensor.param.Get(i) - digits.params[i]);
    distance = std::fmax(distance, error / std::fabs(digits.params[i]));
  }
  return distance;
}

class TenDigits : public testing::TestWithParam<Digits> {};

TEST_P(TenDigits, AreThoseOfTheOtherLibrary) {
  EXPECT_LE(Distance(GetParam(), {}), 1e-9);
}

TEST_P(TenDigits, DifferWithAnotherLearningRate) {
  const Digits& digits = GetParam();
  const double lr =
      Optimizer(digits.rule, digits.preset, digits.options).Get("lr");
  EXPECT_GT(Distance(digits, {{"lr", lr * 1.0001}}), 1e-8);
}

INSTANTIATE_TEST_SUITE_P(Presets, TenDigits, testing::ValuesIn(Cases()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace opt_test
