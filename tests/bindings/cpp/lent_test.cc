// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Buffers that are lent to each call.

#include <string>
#include <vector>

#include "tests/bindings/cpp/failure.h"

namespace opt_test {
namespace {

class BuffersTest : public testing::Test {
 protected:
  BuffersTest() {
    optimizer_.Attach(opt::TensorSpec::Lent<float>("a", 1));
    optimizer_.Attach(opt::TensorSpec::Lent<double>("b", 1));
  }

  opt::Optimizer optimizer_{opt::Sgd().lr(1)};
  std::vector<float> a_ = {1}, grad_a_ = {2};
  std::vector<double> b_ = {1}, grad_b_ = {3};
};

TEST_F(BuffersTest, AreLentAgainAtEachStep) {
  opt::Lent lent = optimizer_.Lend();
  lent.Set(0, a_, grad_a_);
  lent.Set(1, b_, grad_b_);
  optimizer_.Step(lent);
  std::vector<float> elsewhere = {10};
  lent.SetParam(0, elsewhere);
  lent.SkipGrad(1);
  optimizer_.Step(lent, opt::StepOptions().ZeroGrads());
  EXPECT_EQ(a_[0], -1);
  EXPECT_EQ(elsewhere[0], 8);
  EXPECT_EQ(b_[0], -2);
  EXPECT_EQ(grad_a_[0], 0);
  EXPECT_EQ(grad_b_[0], 3);
  EXPECT_EQ(optimizer_.TensorAt(1).step, 1);
}

TEST_F(BuffersTest, OfAnotherDtypeOrLengthAreRefused) {
  opt::Lent lent = optimizer_.Lend();
  ExpectError(OPT_ERR_DTYPE,
              "tensor 'a': its parameters are float, as they were attached, "
              "but double is given",
              [&] { lent.Set(0, b_, grad_a_); });
  ExpectError(OPT_ERR_DTYPE,
              "tensor 'b': its gradients are double, as they were attached, "
              "but float is given",
              [&] { lent.SetGrad(1, grad_a_); });
  for (const size_t length : {0, 2}) {
    const std::string message =
        "tensor 'a': it has 1 elements, but a buffer "
        "of " +
        std::to_string(length) + " is given for its ";
    ExpectError(OPT_ERR_ARGUMENT, message + "gradients",
                [&] { lent.SetGrad(0, std::vector<float>(length)); });
    ExpectError(OPT_ERR_ARGUMENT, message + "parameters",
                [&] { lent.SetParam(0, std::vector<float>(length)); });
  }
  ExpectError(OPT_ERR_RANGE, "tensor 2", [&] { lent.SetParam(2, a_); });
  ExpectError(OPT_ERR_RANGE, "tensor -1", [&] { lent.SetParam(-1, a_); });
  lent.SkipGrad(0);
  lent.SkipGrad(7);
  optimizer_.Step(lent);
  EXPECT_EQ(optimizer_.TensorAt(0).step, 0);
}

TEST_F(BuffersTest, ThatAreBoundMustFitTheirTensor) {
  std::vector<float> two(2);
  ExpectError(OPT_ERR_ARGUMENT, "tensor 'a': it has 1 elements",
              [&] { optimizer_.Bind(0, a_, two); });
  ExpectError(OPT_ERR_DTYPE, "tensor 'b'",
              [&] { optimizer_.Bind(1, a_, grad_b_); });
  ExpectError(OPT_ERR_RANGE, "tensor 2",
              [&] { optimizer_.Bind(2, a_, grad_a_); });
  optimizer_.Bind(0, a_, grad_a_);
}

TEST_F(BuffersTest, ToAttachHaveOneLength) {
  std::vector<float> two(2);
  ExpectError(OPT_ERR_ARGUMENT,
              "tensor 'c': its parameter has 1 elements, but its gradient has "
              "2",
              [&] { optimizer_.Attach(opt::TensorSpec("c", a_, two)); });
  ExpectError(OPT_ERR_ARGUMENT, "a tensor without a name: its parameter has",
              [&] { optimizer_.Attach(opt::TensorSpec("", a_, two)); });
}

TEST_F(BuffersTest, AreAccumulatedAndZeroed) {
  opt::Lent lent = optimizer_.Lend();
  lent.Set(0, a_, grad_a_);
  lent.Set(1, b_, grad_b_);
  optimizer_.Accumulate(lent, opt::AccumulateOptions(2).Means());
  grad_a_[0] = 5;
  optimizer_.Accumulate(lent, 1);
  ExpectError(OPT_ERR_STATE, "accumulated", [&] { optimizer_.Step(lent); });
  optimizer_.StepAccumulated(lent);
  EXPECT_EQ(a_[0], -2);
  EXPECT_EQ(b_[0], -2);
  optimizer_.ZeroGrads(lent);
  EXPECT_EQ(grad_a_[0], 0);
  EXPECT_EQ(grad_b_[0], 0);
}

TEST_F(BuffersTest, OfOtherTensorsAreRefused) {
  opt::Lent before = optimizer_.Lend();
  before.Set(0, a_, grad_a_);
  optimizer_.Detach(0);
  optimizer_.Attach(opt::TensorSpec::Lent<float>("a", 100));
  ExpectError(OPT_ERR_STATE, "Lend", [&] { optimizer_.Step(before); });
  opt::Optimizer other("sgd");
  other.Attach(opt::TensorSpec::Lent<float>("a", 1));
  other.Attach(opt::TensorSpec::Lent<double>("b", 1));
  const opt::Lent foreign = other.Lend();
  ExpectError(OPT_ERR_STATE, "Lend", [&] { optimizer_.ZeroGrads(foreign); });
  optimizer_.Detach(0);
  opt::Lent with_a_hole = optimizer_.Lend();
  ExpectError(OPT_ERR_RANGE, "tensor 0", [&] { with_a_hole.SetGrad(0, a_); });
}

TEST_F(BuffersTest, OfParametersAloneTakeTheRetainedGradients) {
  opt::Optimizer optimizer(opt::Sgd().lr(1));
  std::vector<float> retained = {1};
  optimizer.Attach(opt::TensorSpec("w", retained, grad_a_));
  opt::Lent lent = optimizer.Lend();
  lent.SetParam(0, a_);
  optimizer.Step(lent);
  EXPECT_EQ(a_[0], -1);
  EXPECT_EQ(retained[0], 1);
}

}  // namespace
}  // namespace opt_test
