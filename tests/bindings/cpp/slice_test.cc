// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Steps in slices.

#include <cstdint>
#include <vector>

#include "tests/bindings/cpp/failure.h"

namespace opt_test {
namespace {

class SliceTest : public testing::Test {
 protected:
  SliceTest() {
    optimizer_.Attach(opt::TensorSpec("a", a_, grad_a_));
    optimizer_.Attach(opt::TensorSpec("b", b_, grad_b_));
  }

  std::vector<float> a_ = {1}, grad_a_ = {2};
  std::vector<float> b_ = {1}, grad_b_ = {3};
  opt::Optimizer optimizer_{opt::Sgd().lr(1)};
};

TEST_F(SliceTest, StepsItsTensors) {
  opt::GradientReport report;
  const int64_t remaining =
      optimizer_.BeginStep(opt::StepOptions().ZeroGrads().Report(&report));
  EXPECT_EQ(remaining, 2);
  EXPECT_DOUBLE_EQ(report.norm * report.norm, 13);
  const int64_t left = optimizer_.StepSlice({1});
  EXPECT_EQ(left, 1);
  EXPECT_EQ(a_[0], 1);
  EXPECT_EQ(b_[0], -2);
  EXPECT_EQ(optimizer_.Info().remaining, 1);
  const int64_t last = optimizer_.StepRemaining();
  EXPECT_EQ(last, 0);
  EXPECT_EQ(a_[0], -1);
  EXPECT_EQ(grad_a_[0], 0);
}

TEST_F(SliceTest, IsLentItsBuffers) {
  std::vector<float> other = {5};
  opt::Lent lent = optimizer_.Lend();
  lent.Set(0, other, grad_a_);
  lent.Set(1, b_, grad_b_);
  optimizer_.BeginStep(lent);
  optimizer_.StepSlice(lent, {0});
  optimizer_.StepRemaining(lent);
  EXPECT_EQ(other[0], 3);
  EXPECT_EQ(a_[0], 1);
  EXPECT_EQ(b_[0], -2);
}

TEST_F(SliceTest, RefusesATensorThatHasHadItsTurn) {
  optimizer_.BeginStep();
  optimizer_.StepSlice({0});
  ExpectError(OPT_ERR_ARGUMENT, "'a' (index 0) has already had its turn",
              [&] { optimizer_.StepSlice({0}); });
  ExpectError(OPT_ERR_STATE, "tensor 'b' (index 1) has not had a turn",
              [&] { optimizer_.Step(); });
  optimizer_.AbandonStep();
  EXPECT_EQ(optimizer_.Info().steps, 1);
  EXPECT_EQ(b_[0], 1);
}

}  // namespace
}  // namespace opt_test
