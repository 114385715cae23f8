// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Game engines and audio hosts set rounding and the flushing of subnormal
// numbers, on their threads and so on ours. It changes no result, and the host
// finds its settings again.

#include "tests/determinism/fp_state.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cfenv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "tests/rules/data.h"
#include "tests/rules/harness.h"

namespace opt_test {
namespace {

constexpr int64_t kCount = 30011;  // enough for threads

// Every third parameter and gradient is subnormal in f32.
void FillWithSubnormal(Array* array, uint32_t stream) {
  for (int64_t i = 0; i < array->count(); ++i) {
    const double value = Varied(stream, 0, static_cast<uint32_t>(i));
    array->Set(i, i % 3 == 0 ? std::ldexp(value, -135) : value);
  }
}

// A step, and one with the mean of three samples: 1/3 is rounded, too.
void TwoSteps(const Optimizer& optimizer) {
  Check(opt_step(optimizer.get(), nullptr));
  opt_accumulate_args args = OPT_ACCUMULATE_ARGS_INIT;
  for (const int64_t samples : {2, 1}) {
    args.samples = samples;
    Check(opt_accumulate(optimizer.get(), &args));
  }
  Check(opt_step(optimizer.get(), nullptr));
}

// The result of two steps in this state of the thread; nullptr: the usual.
std::vector<std::string> BitsOfTwoSteps(const std::string& rule,
                                        const opt_context_config& config,
                                        const FpState* state) {
  Tensor tensor(OPT_F32, OPT_F32, kCount);
  FillWithSubnormal(&tensor.param, 1);
  FillWithSubnormal(&tensor.grad, 2);
  const Context context(config);
  Optimizer optimizer(rule, "", {{"lr", 0.3}, {"weight_decay", 0.1}},
                      context.get());
  optimizer.Attach(&tensor);
  if (state == nullptr) {
    TwoSteps(optimizer);
  } else {
    const FpScope scope(*state);
    const uint64_t before = FpBits();
    TwoSteps(optimizer);
    EXPECT_EQ(FpBits(), before);
  }
  return optimizer.AllBits(tensor);
}

class FpStates
    : public testing::TestWithParam<std::tuple<std::string, FpState>> {
 protected:
  void ExpectNoInfluence(const opt_context_config& config) {
    const auto& [rule, state] = GetParam();
    const opt_context_config plain = OPT_CONTEXT_CONFIG_INIT;
    EXPECT_TRUE(BitsOfTwoSteps(rule, config, &state) ==
                BitsOfTwoSteps(rule, plain, nullptr));
  }
};

TEST_P(FpStates, OfTheCallerHasNoInfluence) {
  const opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  ExpectNoInfluence(config);
}

TEST_P(FpStates, InheritedByWorkersHasNoInfluence) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  config.threads = 3;
  ExpectNoInfluence(config);
}

// The value with which state begins, and the scale with which a scaler begins,
// are rounded to f32.
TEST(FpScope, HasNoInfluenceOnBeginnings) {
  const auto begin = [](const FpState* state) {
    Tensor tensor(OPT_F32, OPT_F32, 3);
    Optimizer adagrad("adagrad", "", {{"initial_accumulator", 0.1}});
    opt_scaler_config config = OPT_SCALER_CONFIG_INIT;
    config.initial_scale = 65536.1;
    if (state == nullptr) {
      adagrad.Attach(&tensor);
      Check(opt_scaler_start(adagrad.get(), &config));
    } else {
      const FpScope scope(*state);
      adagrad.Attach(&tensor);
      Check(opt_scaler_start(adagrad.get(), &config));
    }
    opt_scaler_info info = OPT_SCALER_INFO_INIT;
    Check(opt_scaler_get_info(adagrad.get(), &info));
    std::vector<std::string> bits = adagrad.AllBits(tensor);
    bits.push_back(std::to_string(info.scale));
    return bits;
  };
  const std::vector<std::string> usual = begin(nullptr);
  for (const FpState& state : UnusualFpStates()) {
    EXPECT_TRUE(begin(&state) == usual) << state.name;
  }
}

// A host's job threads, each in an unusual state.
struct Host {
  FpState state;
  std::atomic<int> tasks{0};
  std::atomic<int> changed{0};
};

int32_t RunOnThreads(void* user, int64_t count,
                     void (*task)(void* task_data, int64_t i),
                     void* task_data) {
  auto* host = static_cast<Host*>(user);
  std::vector<std::thread> threads;
  for (int64_t i = 0; i < count; ++i) {
    threads.emplace_back([=] {
      const FpScope scope(host->state);
      const uint64_t before = FpBits();
      task(task_data, i);
      ++host->tasks;
      if (FpBits() != before) ++host->changed;
    });
  }
  for (std::thread& thread : threads) thread.join();
  return 0;
}

TEST_P(FpStates, OfTheHostsThreadsHasNoInfluence) {
  Host host;
  host.state = std::get<FpState>(GetParam());
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  config.threads = 3;
  config.user = &host;
  config.parallel_for = RunOnThreads;
  ExpectNoInfluence(config);
  EXPECT_GE(host.tasks, 2);
  EXPECT_EQ(host.changed, 0);
}

INSTANTIATE_TEST_SUITE_P(AllRules, FpStates,
                         testing::Combine(testing::ValuesIn(Rules()),
                                          testing::ValuesIn(UnusualFpStates())),
                         [](const auto& info) {
                           return std::get<0>(info.param) + "_" +
                                  std::get<1>(info.param).name;
                         });

// That the states are unusual: the same operations give other results in them.
TEST(FpScope, ChangesArithmeticAndEnds) {
  const volatile float one = 1;
  const volatile float tiny = 0x1p-40F;
  const volatile float smallest = std::numeric_limits<float>::min();
  const auto compute = [&] {
    return std::array<float, 3>{one + tiny, one - tiny, smallest / 2};
  };
  const std::array<float, 3> usual = compute();
  for (const FpState& state : UnusualFpStates()) {
    const uint64_t before = FpBits();
    std::array<float, 3> unusual = {};
    {
      const FpScope scope(state);
      unusual = compute();
    }
    EXPECT_NE(unusual, usual) << state.name;
    EXPECT_EQ(FpBits() & ~uint64_t{0x3f}, before & ~uint64_t{0x3f});
  }
}

#ifdef __GLIBC__
TEST(FpTraps, SetByTheCallerDoNotFire) {
  Tensor tensor(OPT_F32, OPT_F32, 5);
  tensor.grad.Set(1, std::numeric_limits<double>::infinity());
  tensor.grad.Set(2, std::numeric_limits<double>::quiet_NaN());
  Optimizer adam("adam", "textbook", {{"eps", 0}});
  adam.Attach(&tensor);
  std::feclearexcept(FE_ALL_EXCEPT);
  feenableexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW);
  adam.Step();  // 0 / 0 in the elements without a gradient
  const int enabled = fegetexcept();
  fedisableexcept(FE_ALL_EXCEPT);
  EXPECT_EQ(enabled, FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW);
  EXPECT_TRUE(std::isnan(tensor.param.Get(0)));
}
#endif

}  // namespace
}  // namespace opt_test
