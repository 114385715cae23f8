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
  AverageTest() { optimizer_.Attach(opt::Tensor("w", param_, grad_)); }

  opt::Optimizer optimizer_{opt::Sgd().lr(1)};
  std::vector<float> param_ = {2, 0}, grad_ = {1, -1};
};

TEST_F(AverageTest, IsKeptAndSwappedAndStopped) {
  opt_average_config config = OPT_AVERAGE_CONFIG_INIT;
  config.kind = OPT_AVERAGE_SWA;
  optimizer_.StartAverage(config);
  optimizer_.Step();
  optimizer_.Step();
  EXPECT_EQ(optimizer_.Average().updates, 2);
  EXPECT_EQ(optimizer_.State<float>(0, OPT_SLOT_PARAM_AVERAGE)[0], 0.5F);
  optimizer_.SwapAverage();
  EXPECT_EQ(param_, (std::vector<float>{0.5F, 1.5F}));
  EXPECT_EQ(optimizer_.Average().swapped, 1);
  opt::Buffers buffers = optimizer_.Lend();
  buffers.SetParam(0, param_);
  optimizer_.SwapAverage(buffers);
  EXPECT_EQ(param_, (std::vector<float>{0, 2}));
  optimizer_.StopAverage();
  EXPECT_EQ(optimizer_.Average().kind, 0);
}

TEST_F(AverageTest, AttributesOfATensorAreSetAndRead) {
  std::vector<float> bias = {1}, bias_grad = {1};
  optimizer_.Attach(opt::Tensor("b", bias, bias_grad));
  optimizer_.SetTensor(0, OPT_TENSOR_LR_FACTOR, 0.5);
  optimizer_.SetTensor(1, OPT_TENSOR_LR_FACTOR, 0.25);
  EXPECT_EQ(optimizer_.GetTensor(0, OPT_TENSOR_LR_FACTOR), 0.5);
  optimizer_.Step();
  EXPECT_EQ(param_, (std::vector<float>{1.5F, 0.5F}));
  EXPECT_EQ(bias[0], 0.75F);
  optimizer_.SetTensor(0, OPT_TENSOR_FROZEN, 1);
  optimizer_.Step();
  EXPECT_EQ(param_, (std::vector<float>{1.5F, 0.5F}));
  EXPECT_EQ(bias[0], 0.5F);
  EXPECT_EQ(opt::Attributes().size(), 3U);
  EXPECT_EQ(opt::Attributes()[0].name, std::string(OPT_TENSOR_LR_FACTOR));
}

}  // namespace
}  // namespace opt_test
