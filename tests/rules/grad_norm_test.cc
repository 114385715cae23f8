// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The norm of the gradients against a sum of high precision, and its bits: the
// same on every SIMD target, for every number of threads, and in whatever order
// the tensors of a group were attached.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "opt/opt.h"
#include "tests/rules/harness.h"

namespace opt_test {
namespace {

// Blocks and rows of every kind of tail; no elements; small and large values.
const std::vector<int64_t> kCounts = {
    0, 1, 15, 16, 17, 1000, 1024, 65535, 65536, 65537, 140001, 3, 40003};

// Gradients of every count; tensor i is always the same, wherever it stands.
class Net {
 public:
  Net(const Dtypes& dtypes, opt_context context,
      const std::vector<size_t>& order)
      : optimizer_(OPT_RULE_SGD, "", {}, context) {
    int32_t group = 0;
    Check(opt_add_group(optimizer_.get(), nullptr, nullptr, 0, &group));
    tensors_.reserve(order.size());
    for (const size_t i : order) {
      Tensor& tensor =
          tensors_.emplace_back(dtypes.param, dtypes.grad, kCounts[i]);
      tensor.grad.Fill(static_cast<uint32_t>(i), 1);
      opt_tensor description = OPT_TENSOR_INIT;
      description.param_dtype = dtypes.param;
      description.grad_dtype = dtypes.grad;
      description.count = kCounts[i];
      description.grad = tensor.grad.data();
      description.group = static_cast<int32_t>(i % 2);
      Check(opt_attach(optimizer_.get(), &description, 1, nullptr));
    }
  }

  // Of all, and of each group.
  std::vector<double> Norms(const opt_grad_work& work) {
    opt_grad_args args = OPT_GRAD_ARGS_INIT;
    opt_grad_report report = OPT_GRAD_REPORT_INIT;
    double groups[2] = {};
    report.group_norms = groups;
    report.group_capacity = 2;
    args.work = &work;
    Check(opt_grad_norm(optimizer_.get(), &args, &report));
    return {report.norm, groups[0], groups[1]};
  }

 private:
  Optimizer optimizer_;
  std::vector<Tensor> tensors_;
};

std::vector<size_t> Order(bool reversed) {
  std::vector<size_t> order(kCounts.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  if (reversed) std::reverse(order.begin(), order.end());
  return order;
}

std::vector<opt_grad_work> Works() {
  const opt_grad_work none = OPT_GRAD_WORK_INIT;
  std::vector<opt_grad_work> works(5, none);
  works[1].max_value = 0.25;
  works[1].loss_scale = 3;
  works[2].norm = OPT_NORM_INF;
  works[3].norm = OPT_NORM_INF;
  works[3].max_value = 0.25;
  works[4].max_tensor_norm = 1.5;
  return works;
}

TEST(GradNormTest, HasTheSameBitsOnEveryTargetThreadCountAndOrder) {
  for (const Dtypes& dtypes : kEveryDtypes) {
    for (const opt_grad_work& work : Works()) {
      const std::vector<double> expected =
          Net(dtypes, nullptr, Order(false)).Norms(work);
      for (const double norm : expected) EXPECT_GT(norm, 0);
      EXPECT_EQ(Net(dtypes, nullptr, Order(true)).Norms(work), expected);
      for (const std::string& target : Targets()) {
        const Context context(target);
        EXPECT_EQ(Net(dtypes, context.get(), Order(false)).Norms(work),
                  expected)
            << target;
      }
      for (const int32_t threads : {2, 3, 7, 16}) {
        opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
        config.threads = threads;
        const Context context(config);
        EXPECT_EQ(Net(dtypes, context.get(), Order(true)).Norms(work), expected)
            << threads << " threads";
      }
    }
  }
}

// The bits themselves, which every compiler and CPU is to give.
TEST(GradNormTest, HasThePinnedBits) {
  const opt_grad_work none = OPT_GRAD_WORK_INIT;
  std::vector<float> grad(200001);
  for (size_t i = 0; i < grad.size(); ++i) {
    grad[i] = static_cast<float>(static_cast<int>(i * 7919 % 1009) - 504) / 777;
  }
  Optimizer optimizer(OPT_RULE_SGD, "", {}, nullptr);
  opt_tensor tensor = OPT_TENSOR_INIT;
  tensor.count = static_cast<int64_t>(grad.size());
  tensor.grad = grad.data();
  Check(opt_attach(optimizer.get(), &tensor, 1, nullptr));
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  opt_grad_args args = OPT_GRAD_ARGS_INIT;
  args.work = &none;
  Check(opt_grad_norm(optimizer.get(), &args, &report));
  long double sum = 0;
  for (const float g : grad) sum += static_cast<long double>(g) * g;
  EXPECT_NEAR(report.norm, static_cast<double>(std::sqrt(sum)),
              1e-14 * report.norm);
  EXPECT_EQ(report.norm, 0x1.4f4ba50177ac7p+7);
}

}  // namespace
}  // namespace opt_test
