// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// No kernel reads or writes outside of the parameters, the gradients and the
// state: each stands beside a page that cannot be touched, at every size, on
// either side, on every target.

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <tuple>
#include <vector>

#include "tests/determinism/guarded.h"
#include "tests/rules/configs.h"
#include "tests/rules/data.h"
#include "tests/rules/grid.h"
#include "tests/rules/harness.h"

namespace opt_test {
namespace {

struct GuardedTensor {
  GuardedTensor(opt_dtype param_dtype, opt_dtype grad_dtype, int64_t size,
                Side side)
      : param(static_cast<size_t>(size) * ElementSize(param_dtype), side),
        grad(static_cast<size_t>(size) * ElementSize(grad_dtype), side) {
    description.param_dtype = param_dtype;
    description.grad_dtype = grad_dtype;
    description.count = size;
    description.param = param.data();
    description.grad = grad.data();
  }

  Guarded param;
  Guarded grad;
  opt_tensor description = OPT_TENSOR_INIT;
};

// Norms, clipping in a step and in place, averages.
void WorkOnGradients(Optimizer* optimizer) {
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.max_value = work.max_tensor_norm = work.max_norm = 0.5;
  work.nonfinite = OPT_NONFINITE_SKIP;
  opt_step_args step = OPT_STEP_ARGS_INIT;
  opt_grad_args in_place = OPT_GRAD_ARGS_INIT;
  step.work = in_place.work = &work;
  Check(opt_average_start(optimizer->get(), nullptr));
  for (const int32_t norm : {OPT_NORM_2, OPT_NORM_INF}) {
    work.norm = norm;
    Check(opt_step(optimizer->get(), &step));
    Check(opt_clip_grads(optimizer->get(), &in_place, nullptr));
  }
  Check(opt_set(optimizer->get(), OPT_ALL_GROUPS, OPT_FROZEN, 1));
  Check(opt_step(optimizer->get(), &step));
  Check(opt_swap_eval_weights(optimizer->get(), nullptr));
  Check(opt_swap_eval_weights(optimizer->get(), nullptr));
}

class GuardPages
    : public testing::TestWithParam<std::tuple<std::string, Side>> {};

TEST_P(GuardPages, NothingOutsideOfTheBuffersIsTouched) {
  const auto& [rule, side] = GetParam();
  std::deque<GuardedTensor> tensors;
  std::vector<opt_tensor> descriptions;
  for (const Dtypes& dtypes : kEveryDtypes) {
    for (const int64_t size : EverySize()) {
      tensors.emplace_back(dtypes.param, dtypes.grad, size, side);
      descriptions.push_back(tensors.back().description);
    }
  }
  GuardedAllocator allocator(side);
  for (const std::string& target : Targets()) {
    opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
    config.target = target.c_str();
    allocator.Install(&config);
    const Context context(config);
    for (const Options& layout : Layouts(rule)) {
      Optimizer optimizer(rule, "", layout, context.get());
      Check(opt_attach(optimizer.get(), descriptions.data(),
                       static_cast<int64_t>(descriptions.size()), nullptr));
      optimizer.Step();
      optimizer.Step(OPT_STEP_ZERO_GRADS);
      Check(opt_accumulate(optimizer.get(), nullptr));
      Check(opt_accumulate(optimizer.get(), nullptr));
      optimizer.Step();
      Check(opt_zero_grads(optimizer.get(), nullptr));
      WorkOnGradients(&optimizer);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    AllRules, GuardPages,
    testing::Combine(testing::ValuesIn(Rules()),
                     testing::Values(Side::kBefore, Side::kAfter)),
    [](const auto& info) {
      return std::get<0>(info.param) +
             (std::get<1>(info.param) == Side::kBefore ? "_before" : "_after");
    });

// That the pages guard: one element too far on either side is fatal.
TEST(GuardPagesDeathTest, CatchAnAccessBesideTheBuffer) {
  Guarded before(5 * sizeof(float), Side::kBefore);
  Guarded after(5 * sizeof(float), Side::kAfter);
  auto* const first = static_cast<volatile float*>(before.data());
  auto* const last = static_cast<volatile float*>(after.data());
  first[0] = last[4] = 1;
  EXPECT_DEATH(first[-1] = 1, "");
  EXPECT_DEATH(last[5] = 1, "");
}

}  // namespace
}  // namespace opt_test
