// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Norms, clipping, loss scaling, and what is done about Inf and NaN.

#include <limits>
#include <vector>

#include "tests/bindings/cpp/failure.h"

namespace opt_test {
namespace {

class GradientTest : public testing::Test {
 protected:
  GradientTest() {
    optimizer_.Attach(opt::TensorSpec("w", param_, grad_));
    optimizer_.Attach(
        opt::TensorSpec("b", bias_, bias_grad_).Group(optimizer_.AddGroup()));
  }

  static constexpr float kInf = std::numeric_limits<float>::infinity();
  opt::Optimizer optimizer_{opt::Sgd().lr(1)};
  std::vector<float> param_ = {0, 0}, grad_ = {3, 4};
  std::vector<float> bias_ = {0}, bias_grad_ = {12};
};

TEST_F(GradientTest, ItsNormIsMeasuredOverAllAndByGroup) {
  const opt::GradientReport report = optimizer_.GradNorm();
  EXPECT_EQ(report.norm, 13);
  EXPECT_EQ(report.group_norms, (std::vector<double>{5, 12}));
  EXPECT_EQ(report.factor, 1);
  EXPECT_EQ(optimizer_.GradNorm(opt::GradientWork().Norm(OPT_NORM_INF)).norm,
            12);
  opt::Lent lent = optimizer_.Lend();
  lent.SetGrad(0, grad_);
  EXPECT_EQ(optimizer_.GradNorm(lent).norm, 5);
  EXPECT_EQ(grad_[1], 4);
}

TEST_F(GradientTest, TellsWhatClippingMultipliedItBy) {
  const opt::GradientReport report =
      optimizer_.ClipGrads(opt::GradientWork().MaxNorm(6.5));
  EXPECT_NEAR(report.factor, 0.5, 1e-6);
  EXPECT_NEAR(bias_grad_[0], 6, 1e-5);
}

TEST_F(GradientTest, IsClippedInPlaceAndInAStep) {
  const double norm =
      optimizer_.ClipGrads(opt::GradientWork().MaxValue(6)).norm;
  EXPECT_EQ(norm, optimizer_.GradNorm().norm);
  EXPECT_EQ(bias_grad_[0], 6);
  opt::Lent lent = optimizer_.Lend();
  lent.SetGrad(1, bias_grad_);
  optimizer_.ClipGrads(lent, opt::GradientWork().LossScale(2));
  EXPECT_EQ(bias_grad_[0], 3);
  opt::GradientReport report;
  optimizer_.Step(
      opt::StepOptions(opt::GradientWork().MaxValue(2)).Report(&report));
  EXPECT_EQ(param_[1], -2);
  EXPECT_EQ(bias_[0], -2);
  EXPECT_GT(report.norm, 3);
  EXPECT_EQ(report.group_norms.size(), 2U);
  optimizer_.Step(opt::GradientWork().MaxNorm(1e-3).PerGroup());
  EXPECT_NEAR(bias_[0], -2.001, 1e-6);
}

TEST_F(GradientTest, InfIsAnErrorOrSkipsTheStepIfWanted) {
  bias_grad_[0] = kInf;
  ExpectError(OPT_ERR_NONFINITE, "'b'", [&] {
    optimizer_.Step(opt::GradientWork().Nonfinite(OPT_NONFINITE_ERROR));
  });
  opt::GradientReport report;
  report.norm = 7;
  ExpectError(OPT_ERR_NONFINITE, "'b'", [&] {
    optimizer_.Step(
        opt::StepOptions(opt::GradientWork().Nonfinite(OPT_NONFINITE_ERROR))
            .Report(&report));
  });
  EXPECT_EQ(report.norm, 7);
  EXPECT_TRUE(report.group_norms.empty());
  EXPECT_EQ(optimizer_.GradNorm().nonfinite_tensor, 1);
  optimizer_.Step(opt::GradientWork().Nonfinite(OPT_NONFINITE_SKIP));
  EXPECT_EQ(optimizer_.Info().skipped, 1);
  EXPECT_EQ(param_[0], 0);
}

TEST_F(GradientTest, IsDividedByALossScaleThatAdapts) {
  optimizer_.StartScaler(opt::ScalerOptions()
                             .InitialScale(4)
                             .GrowthFactor(3)
                             .BackoffFactor(0.25)
                             .GrowthInterval(1));
  optimizer_.Step();
  EXPECT_EQ(param_[1], -1);
  grad_[0] = kInf;
  optimizer_.Step();
  EXPECT_EQ(optimizer_.Scaler().scale, 4 * 3 * 0.25);
  EXPECT_EQ(optimizer_.Scaler().skipped, 1);
  optimizer_.SetScale(1024);
  EXPECT_EQ(optimizer_.Scaler().scale, 1024);
  ExpectError(OPT_ERR_ARGUMENT, "scale", [&] { optimizer_.SetScale(-1); });
  optimizer_.StopScaler();
  EXPECT_EQ(optimizer_.Scaler().active, 0);
  ExpectError(OPT_ERR_STATE, "", [&] { optimizer_.SetScale(2); });
}

}  // namespace
}  // namespace opt_test
