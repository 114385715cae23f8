// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Inf and NaN are found in any place of any tensor: at both ends, at the
// borders of rows, vectors, blocks and threads, in every dtype, on every
// target; with a norm and without.

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "opt/opt.h"
#include "tests/rules/harness.h"

namespace opt_test {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
// The blocks that a norm is measured in, the least that a thread is given.
constexpr int64_t kBlock = 64 * 1024;
const std::vector<int64_t> kCounts = {1, 17, kBlock + 35, 0, 3 * kBlock};

// Places in a tensor of so many elements.
std::vector<int64_t> Places(int64_t count) {
  std::vector<int64_t> places;
  for (const int64_t border :
       {int64_t{0}, int64_t{16}, int64_t{1024}, kBlock, 2 * kBlock, count}) {
    for (const int64_t place : {border - 1, border}) {
      if (place >= 0 && place < count) places.push_back(place);
    }
  }
  return places;
}

class NonfinitePlaceTest : public testing::TestWithParam<Dtypes> {
 protected:
  // Gradient descent over a tensor of each count.
  void Attach(Optimizer* optimizer) {
    tensors_.clear();
    for (const int64_t count : kCounts) {
      tensors_.emplace_back(GetParam().param, GetParam().grad, count);
    }
    for (Tensor& tensor : tensors_) {
      tensor.grad.Fill(1, 0);
      optimizer->Attach(&tensor);
    }
  }

  // Each place in turn, of a tensor in turn.
  template <typename Check>
  void ForEachPlace(const Check& check) {
    for (size_t t = 0; t < tensors_.size(); ++t) {
      Array& grad = tensors_[t].grad;
      for (const int64_t place : Places(grad.count())) {
        const double kept = grad.Get(place);
        for (const double value : {kInf, -kInf, kNaN}) {
          grad.Set(place, value);
          check(static_cast<int64_t>(t), place);
        }
        grad.Set(place, kept);
      }
    }
  }

  std::vector<Tensor> tensors_;
};

void ExpectFound(opt_optimizer optimizer, int64_t tensor) {
  for (const double max_norm : {0.0, 1.0}) {
    opt_grad_work work = OPT_GRAD_WORK_INIT;
    work.max_norm = max_norm;
    work.nonfinite = OPT_NONFINITE_ERROR;
    opt_step_args args = OPT_STEP_ARGS_INIT;
    args.work = &work;
    ASSERT_EQ(opt_step(optimizer, &args), OPT_ERR_NONFINITE);
    const std::string name = "'tensor." + std::to_string(tensor) + "'";
    ASSERT_NE(std::string(opt_last_error()).find(name), std::string::npos)
        << opt_last_error();
  }
}

TEST_P(NonfinitePlaceTest, IsFoundOnEveryTarget) {
  for (const std::string& target : Targets()) {
    const Context context(target);
    Optimizer optimizer(OPT_RULE_GD, "", {}, context.get());
    Attach(&optimizer);
    ForEachPlace([&](int64_t tensor, int64_t place) {
      SCOPED_TRACE(target + ", place " + std::to_string(place));
      ExpectFound(optimizer.get(), tensor);
    });
    optimizer.Step();
    EXPECT_EQ(optimizer.StepCount(tensors_[0]), 1);
  }
}

TEST_P(NonfinitePlaceTest, IsFoundByEveryThread) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  config.threads = 3;
  const Context context(config);
  Optimizer optimizer(OPT_RULE_GD, "", {}, context.get());
  Attach(&optimizer);
  ForEachPlace([&](int64_t tensor, int64_t place) {
    SCOPED_TRACE("place " + std::to_string(place));
    ExpectFound(optimizer.get(), tensor);
  });
}

// The sums, which have the parameter's dtype, are what a step looks at.
TEST_P(NonfinitePlaceTest, IsFoundAmongAccumulatedGradients) {
  Optimizer optimizer(OPT_RULE_GD);
  Attach(&optimizer);
  ForEachPlace([&](int64_t tensor, int64_t place) {
    SCOPED_TRACE("place " + std::to_string(place));
    Check(opt_accumulate(optimizer.get(), nullptr));
    ExpectFound(optimizer.get(), tensor);
    Check(opt_discard(optimizer.get()));
  });
}

INSTANTIATE_TEST_SUITE_P(Dtypes, NonfinitePlaceTest,
                         testing::ValuesIn(kEveryDtypes), [](const auto& info) {
                           const auto name = [](opt_dtype dtype) {
                             return std::string(dtype == OPT_F32 ? "F32"
                                                                 : "F64");
                           };
                           return name(info.param.param) + "Of" +
                                  name(info.param.grad);
                         });

}  // namespace
}  // namespace opt_test
