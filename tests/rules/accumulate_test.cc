// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Mini-batch gradient descent: gradients of samples or of micro-batches are
// added up, and a step uses their mean. All numbers are exact in f32, so that
// accumulating and not accumulating have to give the same bits.

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "tests/rules/harness.h"

namespace opt_test {
namespace {

constexpr int64_t kCount = 37;

// Eighths between -16 and 16: sums and means of a few are exact.
double Eighths(uint32_t sample, int64_t i) {
  const auto mixed = static_cast<uint32_t>(i * 37 + sample * 101 + 11);
  return static_cast<double>(mixed % 257) / 8 - 16;
}

void FillWith(Array* array, const std::function<double(int64_t)>& value) {
  for (int64_t i = 0; i < array->count(); ++i) array->Set(i, value(i));
}

class Accumulate
    : public testing::TestWithParam<std::tuple<std::string, opt_dtype>> {
 protected:
  Accumulate()
      : tensor_(OPT_F32, std::get<1>(GetParam()), kCount),
        direct_tensor_(OPT_F32, std::get<1>(GetParam()), kCount),
        optimizer_(std::get<0>(GetParam())),
        direct_(std::get<0>(GetParam())) {
    tensor_.param.Fill(1, 0);
    direct_tensor_.param.Fill(1, 0);
    optimizer_.Attach(&tensor_);
    direct_.Attach(&direct_tensor_);
  }

  void Add(int64_t samples, const std::function<double(int64_t)>& grad,
           uint32_t flags = 0) {
    FillWith(&tensor_.grad, grad);
    opt_accumulate_args args = OPT_ACCUMULATE_ARGS_INIT;
    args.samples = samples;
    args.flags = flags;
    Check(opt_accumulate(optimizer_.get(), &args));
  }

  // Steps the optimizer with what was accumulated, and the other one with this
  // gradient: they have to agree.
  void ExpectStepWith(const std::function<double(int64_t)>& grad,
                      uint32_t flags = 0) {
    optimizer_.Step(flags);
    FillWith(&direct_tensor_.grad, grad);
    direct_.Step();
    EXPECT_EQ(optimizer_.AllBits(tensor_), direct_.AllBits(direct_tensor_));
  }

  Tensor tensor_;
  Tensor direct_tensor_;
  Optimizer optimizer_;
  Optimizer direct_;
};

TEST_P(Accumulate, StepsWithTheMeanOfSamples) {
  for (uint32_t step = 0; step < 3; ++step) {
    for (uint32_t sample = 0; sample < 4; ++sample) {
      Add(1, [&](int64_t i) { return Eighths(4 * step + sample, i); });
    }
    ExpectStepWith([&](int64_t i) {
      return (Eighths(4 * step, i) + Eighths(4 * step + 1, i) +
              Eighths(4 * step + 2, i) + Eighths(4 * step + 3, i)) /
             4;
    });
  }
}

TEST_P(Accumulate, StepsWithTheSumIfAsked) {
  for (uint32_t sample = 0; sample < 3; ++sample) {
    Add(1, [&](int64_t i) { return Eighths(sample, i); });
  }
  ExpectStepWith(
      [](int64_t i) { return Eighths(0, i) + Eighths(1, i) + Eighths(2, i); },
      OPT_STEP_SUM);
}

TEST_P(Accumulate, UnequalMicroBatchesCountBySamples) {
  Add(5, [](int64_t i) { return Eighths(0, i); });
  Add(3, [](int64_t i) { return Eighths(1, i); });
  ExpectStepWith([](int64_t i) { return (Eighths(0, i) + Eighths(1, i)) / 8; });
}

TEST_P(Accumulate, MeansAreWeightedBySamples) {
  Add(
      6, [](int64_t i) { return Eighths(0, i); }, OPT_ACCUMULATE_MEANS);
  Add(
      2, [](int64_t i) { return Eighths(1, i); }, OPT_ACCUMULATE_MEANS);
  ExpectStepWith(
      [](int64_t i) { return (6 * Eighths(0, i) + 2 * Eighths(1, i)) / 8; });
}

TEST_P(Accumulate, StartsAfreshAfterAStepAndAfterADiscard) {
  Add(1, [](int64_t i) { return Eighths(0, i); });
  ExpectStepWith([](int64_t i) { return Eighths(0, i); });
  Add(4, [](int64_t i) { return Eighths(1, i); });
  Check(opt_discard(optimizer_.get()));
  Add(1, [](int64_t i) { return Eighths(2, i); });
  ExpectStepWith([](int64_t i) { return Eighths(2, i); });
}

TEST_P(Accumulate, WithoutItAStepUsesTheRetainedGradient) {
  Add(1, [](int64_t i) { return Eighths(0, i); });
  ExpectStepWith([](int64_t i) { return Eighths(0, i); });
  FillWith(&tensor_.grad, [](int64_t i) { return Eighths(3, i); });
  ExpectStepWith([](int64_t i) { return Eighths(3, i); });
}

TEST_P(Accumulate, ZeroesTheGradientsInPassing) {
  Add(
      1, [](int64_t i) { return Eighths(0, i); }, OPT_ACCUMULATE_ZERO_GRADS);
  for (int64_t i = 0; i < kCount; ++i) EXPECT_EQ(tensor_.grad.Get(i), 0);
  ExpectStepWith([](int64_t i) { return Eighths(0, i); });
}

INSTANTIATE_TEST_SUITE_P(AllRules, Accumulate,
                         testing::Combine(testing::ValuesIn(Rules()),
                                          testing::Values(OPT_F32, OPT_F64)),
                         [](const auto& info) {
                           return std::get<0>(info.param) +
                                  (std::get<1>(info.param) == OPT_F32 ? "_f32"
                                                                      : "_f64");
                         });

// Two tensors of which one misses gradients; sgd with lr 1 shows them.
class AccumulateSome : public testing::Test {
 protected:
  AccumulateSome() : sgd_("sgd", "textbook", {{"lr", 1}}) {
    sgd_.Attach(&full_);
    sgd_.Attach(&some_);
  }

  void Add(double full, const double* some) {
    full_.grad.Set(0, full);
    if (some != nullptr) some_.grad.Set(0, *some);
    void* grads[] = {full_.grad.data(),
                     some != nullptr ? some_.grad.data() : nullptr};
    opt_accumulate_args args = OPT_ACCUMULATE_ARGS_INIT;
    opt_lent buffers = OPT_LENT_INIT;
    args.lent = &buffers;
    buffers.count = 2;
    buffers.grads = grads;
    Check(opt_accumulate(sgd_.get(), &args));
  }

  Tensor full_ = Tensor(OPT_F32, OPT_F32, 1);
  Tensor some_ = Tensor(OPT_F32, OPT_F32, 1);
  Optimizer sgd_;
};

TEST_F(AccumulateSome, MeanCountsTheSamplesWithoutAGradientToo) {
  const double eight = 8;
  Add(2, &eight);
  Add(4, nullptr);
  sgd_.Step();
  EXPECT_EQ(full_.param.Get(0), -3);
  EXPECT_EQ(some_.param.Get(0), -4);
}

TEST_F(AccumulateSome, TensorWithoutAnyGradientIsSkipped) {
  Add(2, nullptr);
  sgd_.Step();
  EXPECT_EQ(full_.param.Get(0), -2);
  EXPECT_EQ(some_.param.Get(0), 0);
  EXPECT_EQ(sgd_.StepCount(full_), 1);
  EXPECT_EQ(sgd_.StepCount(some_), 0);
}

}  // namespace
}  // namespace opt_test
