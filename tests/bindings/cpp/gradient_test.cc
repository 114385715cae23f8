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
    optimizer_.Attach(opt::Tensor("w", param_, grad_));
    optimizer_.Attach(
        opt::Tensor("b", bias_, bias_grad_).Group(optimizer_.AddGroup()));
  }

  static constexpr float kInf = std::numeric_limits<float>::infinity();
  opt::Optimizer optimizer_{opt::Sgd().lr(1)};
  std::vector<float> param_ = {0, 0}, grad_ = {3, 4};
  std::vector<float> bias_ = {0}, bias_grad_ = {12};
};

TEST_F(GradientTest, ItsNormIsMeasuredOverAllAndByGroup) {
  const opt::GradReport report = optimizer_.GradNorm();
  EXPECT_EQ(report.norm, 13);
  EXPECT_EQ(report.group_norms, (std::vector<double>{5, 12}));
  EXPECT_EQ(report.factor, 1);
  EXPECT_EQ(optimizer_.GradNorm(opt::GradWork().Norm(OPT_NORM_INF)).norm, 12);
  opt::Buffers buffers = optimizer_.Lend();
  buffers.SetGrad(0, grad_);
  EXPECT_EQ(optimizer_.GradNorm(buffers).norm, 5);
  EXPECT_EQ(grad_[1], 4);
}

TEST_F(GradientTest, TellsWhatClippingMultipliedItBy) {
  const opt::GradReport report =
      optimizer_.ClipGrads(opt::GradWork().ClipNorm(6.5));
  EXPECT_NEAR(report.factor, 0.5, 1e-6);
  EXPECT_NEAR(bias_grad_[0], 6, 1e-5);
}

TEST_F(GradientTest, IsClippedInPlaceAndInAStep) {
  const double norm = optimizer_.ClipGrads(opt::GradWork().ClipValue(6)).norm;
  EXPECT_EQ(norm, optimizer_.GradNorm().norm);
  EXPECT_EQ(bias_grad_[0], 6);
  opt::Buffers buffers = optimizer_.Lend();
  buffers.SetGrad(1, bias_grad_);
  optimizer_.ClipGrads(buffers, opt::GradWork().LossScale(2));
  EXPECT_EQ(bias_grad_[0], 3);
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  optimizer_.Step(
      opt::StepOptions(opt::GradWork().ClipValue(2)).Report(&report));
  EXPECT_EQ(param_[1], -2);
  EXPECT_EQ(bias_[0], -2);
  EXPECT_GT(report.norm, 3);
  optimizer_.Step(opt::GradWork().ClipGroupNorm(1e-3));
  EXPECT_NEAR(bias_[0], -2.001, 1e-6);
}

TEST_F(GradientTest, InfIsAnErrorOrSkipsTheStepIfWanted) {
  bias_grad_[0] = kInf;
  ExpectError(OPT_ERR_NONFINITE, "'b'", [&] {
    optimizer_.Step(opt::GradWork().Nonfinite(OPT_NONFINITE_ERROR));
  });
  EXPECT_EQ(optimizer_.GradNorm().nonfinite_tensor, 1);
  optimizer_.Step(opt::GradWork().Nonfinite(OPT_NONFINITE_SKIP));
  EXPECT_EQ(optimizer_.Info().skipped, 1);
  EXPECT_EQ(param_[0], 0);
}

TEST_F(GradientTest, IsDividedByALossScaleThatAdapts) {
  opt_scaler_config config = OPT_SCALER_CONFIG_INIT;
  config.initial_scale = 4;
  optimizer_.StartScaler(config);
  optimizer_.Step();
  EXPECT_EQ(param_[1], -1);
  grad_[0] = kInf;
  optimizer_.Step();
  EXPECT_EQ(optimizer_.Scaler().scale, 2);
  EXPECT_EQ(optimizer_.Scaler().skipped, 1);
  optimizer_.StopScaler();
  EXPECT_EQ(optimizer_.Scaler().active, 0);
}

}  // namespace
}  // namespace opt_test
