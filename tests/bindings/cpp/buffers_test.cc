// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Buffers that are lent to each call.

#include <vector>

#include "tests/bindings/cpp/failure.h"

namespace opt_test {
namespace {

class BuffersTest : public testing::Test {
 protected:
  BuffersTest() {
    optimizer_.Attach(opt::Tensor::Lent<float>("a", 1));
    optimizer_.Attach(opt::Tensor::Lent<double>("b", 1));
  }

  opt::Optimizer optimizer_{opt::Sgd().lr(1)};
  std::vector<float> a_ = {1}, grad_a_ = {2};
  std::vector<double> b_ = {1}, grad_b_ = {3};
};

TEST_F(BuffersTest, AreLentAgainAtEachStep) {
  opt::Buffers buffers = optimizer_.Lend();
  buffers.Set(0, a_, grad_a_);
  buffers.Set(1, b_, grad_b_);
  optimizer_.Step(buffers);
  std::vector<float> elsewhere = {10};
  buffers.SetParam(0, elsewhere);
  buffers.SkipGrad(1);
  optimizer_.Step(buffers, OPT_ZERO_GRADS);
  EXPECT_EQ(a_[0], -1);
  EXPECT_EQ(elsewhere[0], 8);
  EXPECT_EQ(b_[0], -2);
  EXPECT_EQ(grad_a_[0], 0);
  EXPECT_EQ(grad_b_[0], 3);
  EXPECT_EQ(optimizer_.TensorAt(1).step, 1);
}

TEST_F(BuffersTest, OfAnotherDtypeOrLengthAreRefused) {
  opt::Buffers buffers = optimizer_.Lend();
  ExpectError(OPT_ERR_DTYPE, "another dtype",
              [&] { buffers.Set(0, b_, grad_a_); });
  for (const size_t length : {0, 2}) {
    ExpectError(OPT_ERR_ARGUMENT, "another length",
                [&] { buffers.SetGrad(0, std::vector<float>(length)); });
    ExpectError(OPT_ERR_ARGUMENT, "another length",
                [&] { buffers.SetParam(0, std::vector<float>(length)); });
  }
  ExpectError(OPT_ERR_RANGE, "index", [&] { buffers.SetParam(2, a_); });
  ExpectError(OPT_ERR_RANGE, "index", [&] { buffers.SetParam(-1, a_); });
  buffers.SkipGrad(0);
  buffers.SkipGrad(7);
  optimizer_.Step(buffers);
  EXPECT_EQ(optimizer_.TensorAt(0).step, 0);
}

TEST_F(BuffersTest, AreAccumulatedAndZeroed) {
  opt::Buffers buffers = optimizer_.Lend();
  buffers.Set(0, a_, grad_a_);
  buffers.Set(1, b_, grad_b_);
  optimizer_.Accumulate(buffers, 2, OPT_GRADS_ARE_MEANS);
  grad_a_[0] = 5;
  optimizer_.Accumulate(buffers, 1);
  ExpectError(OPT_ERR_STATE, "accumulated", [&] { optimizer_.Step(buffers); });
  optimizer_.StepAccumulated(buffers);
  EXPECT_EQ(a_[0], -2);
  EXPECT_EQ(b_[0], -2);
  optimizer_.ZeroGrad(buffers);
  EXPECT_EQ(grad_a_[0], 0);
  EXPECT_EQ(grad_b_[0], 0);
}

TEST_F(BuffersTest, OfOtherTensorsAreRefused) {
  opt::Buffers before = optimizer_.Lend();
  before.Set(0, a_, grad_a_);
  optimizer_.Detach(0);
  optimizer_.Attach(opt::Tensor::Lent<float>("a", 100));
  ExpectError(OPT_ERR_STATE, "Lend", [&] { optimizer_.Step(before); });
  opt::Optimizer other("sgd");
  other.Attach(opt::Tensor::Lent<float>("a", 1));
  other.Attach(opt::Tensor::Lent<double>("b", 1));
  const opt::Buffers foreign = other.Lend();
  ExpectError(OPT_ERR_STATE, "Lend", [&] { optimizer_.ZeroGrad(foreign); });
  optimizer_.Detach(0);
  opt::Buffers with_a_hole = optimizer_.Lend();
  ExpectError(OPT_ERR_RANGE, "index", [&] { with_a_hole.SetGrad(0, a_); });
}

TEST_F(BuffersTest, OfParametersAloneTakeTheRetainedGradients) {
  opt::Optimizer optimizer(opt::Sgd().lr(1));
  std::vector<float> retained = {1};
  optimizer.Attach(opt::Tensor("w", retained, grad_a_));
  opt::Buffers buffers = optimizer.Lend();
  buffers.SetParam(0, a_);
  optimizer.Step(buffers);
  EXPECT_EQ(a_[0], -1);
  EXPECT_EQ(retained[0], 1);
}

}  // namespace
}  // namespace opt_test
