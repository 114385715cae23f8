// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The values of weight averages: the formula, and the same bits on every SIMD
// target, with every thread count and alignment.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/rules/grid.h"
#include "tests/rules/harness.h"

namespace opt_test {
namespace {

opt_average_config ConfigOf(int32_t kind, double decay, uint32_t flags = 0) {
  opt_average_config config = OPT_AVERAGE_CONFIG_INIT;
  config.kind = kind;
  config.decay = decay;
  config.flags = flags;
  return config;
}

const std::vector<opt_average_config>& Configs() {
  static const std::vector<opt_average_config> configs = {
      ConfigOf(OPT_AVERAGE_EMA, 0.99),
      ConfigOf(OPT_AVERAGE_EMA, 0.25),
      ConfigOf(OPT_AVERAGE_EMA, 0.9, OPT_AVERAGE_WARMUP),
      ConfigOf(OPT_AVERAGE_EMA, 1),
      ConfigOf(OPT_AVERAGE_EMA, 0),
      ConfigOf(OPT_AVERAGE_SWA, 0),
  };
  return configs;
}

// The weight of the parameters in the update after `updates` others.
long double WeightOf(const opt_average_config& config, int updates) {
  const long double n = updates;
  if (updates == 0) return 1;
  if (config.kind == OPT_AVERAGE_SWA) return 1 / (n + 1);
  const bool warmup = (config.flags & OPT_AVERAGE_WARMUP) != 0;
  return 1 - (warmup ? std::min<long double>(config.decay, (1 + n) / (10 + n))
                     : config.decay);
}

double Epsilon(opt_dtype dtype) {
  return dtype == OPT_F64 ? std::numeric_limits<double>::epsilon()
                          : std::numeric_limits<float>::epsilon();
}

class AverageTest : public testing::TestWithParam<opt_dtype> {};

// Each update from the library's own average before it: a few roundings of the
// larger of the two.
TEST_P(AverageTest, IsWhatTheFormulaSays) {
  constexpr int64_t kCount = 1029;
  for (const opt_average_config& config : Configs()) {
    Tensor tensor(GetParam(), OPT_F32, kCount);
    tensor.param.Fill(1, 0);
    Optimizer optimizer("adamw");
    optimizer.Attach(&tensor);
    Check(opt_average_start(optimizer.get(), &config));
    std::vector<double> before(kCount, 0.0);
    for (int updates = 0; updates < 6; ++updates) {
      tensor.grad.Fill(2, static_cast<uint32_t>(updates));
      optimizer.Step(updates % 2 == 0 ? OPT_STEP_ZERO_GRADS : 0);
      const long double weight = WeightOf(config, updates);
      for (int64_t i = 0; i < kCount; ++i) {
        double& old = before[static_cast<size_t>(i)];
        const long double param = tensor.param.Get(i);
        const double got = optimizer.State(tensor, OPT_SLOT_PARAM_AVERAGE, i);
        const long double size =
            std::max<long double>(std::fabs(param), std::fabs(old));
        ASSERT_NEAR(static_cast<double>(old + weight * (param - old)), got,
                    3 * Epsilon(GetParam()) * static_cast<double>(size))
            << config.kind << ' ' << config.decay << " update " << updates
            << " element " << i;
        old = got;
      }
    }
  }
}

TEST_P(AverageTest, StoresWhatIsSubnormalAsZeroAndKeepsInfAndNaN) {
  const double smallest = GetParam() == OPT_F64
                              ? std::numeric_limits<double>::min()
                              : std::numeric_limits<float>::min();
  const double inf = std::numeric_limits<double>::infinity();
  Tensor tensor(GetParam(), OPT_F32, 4);
  Optimizer optimizer("sgd", "", {{"frozen", 1}});
  optimizer.Attach(&tensor);
  const opt_average_config config = ConfigOf(OPT_AVERAGE_SWA, 0);
  Check(opt_average_start(optimizer.get(), &config));
  const double values[] = {smallest, smallest / 2, inf, std::nan("")};
  for (int64_t i = 0; i < 4; ++i) tensor.param.Set(i, values[i]);
  optimizer.Step();
  const auto average = [&](int64_t i) {
    return optimizer.State(tensor, OPT_SLOT_PARAM_AVERAGE, i);
  };
  EXPECT_EQ(average(0), smallest);
  EXPECT_EQ(average(1), 0);
  EXPECT_EQ(average(2), inf);
  EXPECT_TRUE(std::isnan(average(3)));
  for (int64_t i = 0; i < 4; ++i) tensor.param.Set(i, 0);
  optimizer.Step();
  EXPECT_EQ(average(0), 0);
}

INSTANTIATE_TEST_SUITE_P(Dtypes, AverageTest, testing::Values(OPT_F32, OPT_F64),
                         [](const auto& info) {
                           return info.param == OPT_F64 ? "f64" : "f32";
                         });

// A frozen tensor's average is a pass of its own: as that in the step.
TEST(AveragePass, OfAFrozenTensorHasTheBitsOfTheStepsOwn) {
  for (const std::string& target : Targets()) {
    const Context context(target);
    for (const opt_average_config& config : Configs()) {
      Grid grid(EverySize());
      std::vector<std::vector<std::string>> bits;
      for (const double frozen : {0.0, 1.0}) {
        Optimizer optimizer("sgd", "", {{"lr", 0}, {"frozen", frozen}},
                            context.get());
        for (Tensor& tensor : grid.tensors()) optimizer.Attach(&tensor);
        grid.FillGrads(1);
        Check(opt_average_start(optimizer.get(), &config));
        for (uint32_t step = 0; step < 3; ++step) {
          for (Tensor& tensor : grid.tensors()) tensor.param.Fill(1, step);
          optimizer.Step();
        }
        for (const Tensor& tensor : grid.tensors()) {
          bits.push_back({AverageBits(optimizer, tensor)});
        }
      }
      const size_t half = bits.size() / 2;
      for (size_t i = 0; i < half; ++i) ASSERT_EQ(bits[i], bits[half + i]);
    }
  }
}

}  // namespace
}  // namespace opt_test
