// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Weight averages, and the attributes of one tensor.

#include <string>
#include <vector>

#include "tests/bindings/cpp/failure.h"

namespace opt_test {
namespace {

class AverageTest : public testing::Test {
 protected:
  AverageTest() { optimizer_.Attach(opt::TensorSpec("w", param_, grad_)); }

  opt::Optimizer optimizer_{opt::Sgd().lr(1)};
  std::vector<float> param_ = {2, 0}, grad_ = {1, -1};
};

TEST_F(AverageTest, IsKeptAndSwappedAndStopped) {
  optimizer_.StartAverage(opt::AverageOptions::Swa());
  optimizer_.Step();
  optimizer_.Step();
  EXPECT_EQ(optimizer_.Average().updates, 2);
  EXPECT_EQ(optimizer_.State<float>(0, OPT_SLOT_PARAM_AVERAGE)[0], 0.5F);
  optimizer_.SwapEvalWeights();
  EXPECT_EQ(param_, (std::vector<float>{0.5F, 1.5F}));
  EXPECT_TRUE(optimizer_.IsSwapped());
  opt::Lent lent = optimizer_.Lend();
  lent.SetParam(0, param_);
  optimizer_.SwapEvalWeights(lent);
  EXPECT_EQ(param_, (std::vector<float>{0, 2}));
  optimizer_.StopAverage();
  EXPECT_EQ(optimizer_.Average().kind, 0);
}

TEST_F(AverageTest, OfAnEmaIsUpdatedWithWarmupAfterItsStartInItsPeriod) {
  optimizer_.StartAverage(
      opt::AverageOptions::Ema(0.75).Warmup().Start(1).Period(2));
  for (int i = 0; i < 4; ++i) optimizer_.Step();
  const opt::AverageInfo info = optimizer_.Average();
  EXPECT_EQ(info.kind, OPT_AVERAGE_EMA);
  EXPECT_EQ(info.decay, 0.75);
  EXPECT_EQ(info.flags, uint32_t{OPT_AVERAGE_WARMUP});
  EXPECT_EQ(info.updates, 2);  // steps 2 and 4
  ExpectError(OPT_ERR_VALUE, "decay",
              [&] { optimizer_.StartAverage(opt::AverageOptions::Ema(2)); });
}

TEST_F(AverageTest, ARulesOwnEvalWeightsAreReadAsASwapPutsThemIn) {
  opt::Optimizer optimizer(opt::ScheduleFreeAdamW().lr(0.1));
  optimizer.Attach(opt::TensorSpec("w", param_, grad_));
  for (int i = 0; i < 3; ++i) optimizer.Step();
  const std::vector<float> trained = param_;
  std::vector<float> read(2), lent_read(2);
  optimizer.ReadEvalWeights(0, read);
  opt::Lent lent = optimizer.Lend();
  lent.SetParam(0, param_);
  optimizer.ReadEvalWeights(lent, 0, lent_read);
  EXPECT_EQ(param_, trained);
  EXPECT_NE(read, trained);
  optimizer.SwapEvalWeights();
  EXPECT_EQ(param_, read);
  EXPECT_EQ(lent_read, read);
  ExpectError(OPT_ERR_STATE, "opt_swap_eval_weights",
              [&] { optimizer.ReadEvalWeights(0, read); });
  optimizer.SwapEvalWeights();
  EXPECT_EQ(param_, trained);
}

TEST_F(AverageTest, EvalWeightsAreReadIntoABufferThatFitsAlone) {
  optimizer_.StartAverage(opt::AverageOptions::Swa());
  optimizer_.Step();
  std::vector<double> doubles(2);
  std::vector<float> longer(3);
  ExpectError(OPT_ERR_DTYPE, "dtype",
              [&] { optimizer_.ReadEvalWeights(0, doubles); });
  ExpectError(OPT_ERR_ARGUMENT, "length",
              [&] { optimizer_.ReadEvalWeights(0, longer); });
  std::vector<float> read(2);
  ExpectError(OPT_ERR_RANGE, "1", [&] { optimizer_.ReadEvalWeights(1, read); });
  optimizer_.ReadEvalWeights(0, read);
  EXPECT_EQ(read, (std::vector<float>{1, 1}));
}

TEST_F(AverageTest, AttributesOfATensorAreSetAndRead) {
  std::vector<float> bias = {1}, bias_grad = {1};
  optimizer_.Attach(opt::TensorSpec("b", bias, bias_grad));
  optimizer_.SetAttribute(0, OPT_TENSOR_LR_FACTOR, 0.5);
  optimizer_.SetAttribute(1, OPT_TENSOR_LR_FACTOR, 0.25);
  EXPECT_EQ(optimizer_.GetAttribute(0, OPT_TENSOR_LR_FACTOR), 0.5);
  optimizer_.Step();
  EXPECT_EQ(param_, (std::vector<float>{1.5F, 0.5F}));
  EXPECT_EQ(bias[0], 0.75F);
  optimizer_.SetAttribute(0, OPT_TENSOR_FROZEN, 1);
  optimizer_.Step();
  EXPECT_EQ(param_, (std::vector<float>{1.5F, 0.5F}));
  EXPECT_EQ(bias[0], 0.5F);
  EXPECT_EQ(opt::Attributes().size(), 3U);
  EXPECT_EQ(opt::Attributes()[0].name, std::string(OPT_TENSOR_LR_FACTOR));
}

}  // namespace
}  // namespace opt_test
