// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Optimizers, options and retained buffers.

#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "tests/bindings/cpp/failure.h"

namespace opt_test {
namespace {

static_assert(std::is_nothrow_move_constructible_v<opt::Optimizer>);
static_assert(!std::is_copy_constructible_v<opt::Optimizer>);
static_assert(!std::is_copy_assignable_v<opt::Optimizer>);

TEST(Optimizer, StepsOverContainersArraysAndSpans) {
  std::vector<float> weight = {1, 2};
  std::array<float, 2> weight_grad = {0.5F, 1};
  double bias[1] = {1};
  float bias_grad[1] = {2};
  opt::Optimizer optimizer(opt::Sgd().lr(0.5));
  optimizer.Attach(opt::TensorSpec("weight", weight, weight_grad));
  optimizer.Attach(
      opt::TensorSpec("bias", opt::Span<double>(bias, 1), bias_grad));
  optimizer.Step();
  EXPECT_EQ(weight, (std::vector<float>{0.75F, 1.5F}));
  EXPECT_EQ(bias[0], 0);
}

TEST(Optimizer, AttachesAllTensorsOrNone) {
  std::vector<float> a(2), b(3), grad_a(2), grad_b(3);
  opt::Optimizer optimizer("adam");
  const opt::TensorSpec first("a", a, grad_a);
  EXPECT_EQ(optimizer.Attach({first, opt::TensorSpec("b", b, grad_b)}),
            (std::vector<int64_t>{0, 1}));
  ExpectError(OPT_ERR_NAME, "'a'", [&] {
    optimizer.Attach({opt::TensorSpec::Lent<float>("c", 2), first});
  });
  EXPECT_EQ(optimizer.Info().tensor_count, 2);
}

TEST(Optimizer, RefusesBuffersOfDifferentLengths) {
  std::vector<float> param(2), grad(3);
  opt::Optimizer optimizer("sgd");
  ExpectError(OPT_ERR_ARGUMENT, "its gradient has 3",
              [&] { optimizer.Attach(opt::TensorSpec("w", param, grad)); });
  std::vector<float> good(2);
  optimizer.Attach(opt::TensorSpec("w", param, good));
  ExpectError(OPT_ERR_ARGUMENT, "a buffer of 3",
              [&] { optimizer.Bind(0, param, grad); });
  ExpectError(OPT_ERR_DTYPE, "but double is given",
              [&] { optimizer.Bind(0, param, std::vector<double>(2)); });
}

TEST(Optimizer, TellsShapeGroupAndStepOfATensor) {
  opt::Optimizer optimizer("adam");
  const int32_t group = optimizer.AddGroup();
  const int64_t index = optimizer.Attach(
      opt::TensorSpec::Lent<float, double>("w", 6).Shape({2, 3}).Group(group));
  const opt::TensorInfo info = optimizer.TensorAt(index);
  EXPECT_EQ(info.rank, 2);
  EXPECT_EQ(info.shape[1], 3);
  EXPECT_EQ(info.group, group);
  EXPECT_EQ(info.grad_dtype, OPT_F64);
  EXPECT_EQ(info.step, 0);
  EXPECT_EQ(optimizer.FindTensor("w"), index);
  ExpectError(OPT_ERR_NAME, "'v'", [&] { optimizer.FindTensor("v"); });
}

TEST(Optimizer, SetsTypedOptionsAllOrNone) {
  opt::Optimizer optimizer(opt::AdamW()
                               .preset(OPT_PRESET_PYTORCH)
                               .lr(0.25)
                               .amsgrad(opt::Amsgrad::kRaw)
                               .eps_placement(opt::EpsPlacement::kHat));
  EXPECT_EQ(optimizer.Get(OPT_LR), 0.25);
  EXPECT_EQ(optimizer.Get(0, OPT_AMSGRAD), 1);
  EXPECT_EQ(optimizer.Get(OPT_EPS_PLACEMENT), OPT_EPS_PLACEMENT_HAT);
  const int32_t group = optimizer.AddGroup();
  optimizer.SetOptions(group, opt::AdamW().lr(0.5));
  ExpectError(OPT_ERR_VALUE, "beta1", [&] {
    optimizer.SetOptions(OPT_ALL_GROUPS, opt::AdamW().lr(1).beta1(2).eps(1));
  });
  EXPECT_EQ(optimizer.Get(OPT_LR), 0.25);
  EXPECT_EQ(optimizer.Get(0, OPT_LR), 0.25);
  EXPECT_EQ(optimizer.Get(group, OPT_LR), 0.5);
  ExpectError(OPT_ERR_NAME, "'lion'",
              [&] { optimizer.SetOptions(group, opt::Lion().lr(1)); });
}

TEST(Optimizer, SetsOptionsByNameAllOrNone) {
  opt::Optimizer optimizer(opt::AdamW().lr(0.25));
  optimizer.SetOptions(0, {{OPT_LR, 0.5}, {OPT_EPS, 1e-6}});
  EXPECT_EQ(optimizer.Get(0, OPT_LR), 0.5);
  EXPECT_EQ(optimizer.Get(0, OPT_EPS), 1e-6);
  EXPECT_EQ(optimizer.Get(OPT_LR), 0.25);
  ExpectError(OPT_ERR_NAME, "did you mean 'eps'", [&] {
    optimizer.SetOptions(0, {{OPT_LR, 1}, {"epss", 1}});
  });
  EXPECT_EQ(optimizer.Get(0, OPT_LR), 0.5);
  optimizer.SetOptions(0, OPT_PRESET_PYTORCH, {{OPT_EPS, 1e-3}});
  EXPECT_EQ(optimizer.Get(0, OPT_LR),
            opt::PresetValue(OPT_RULE_ADAMW, OPT_PRESET_PYTORCH, OPT_LR));
  EXPECT_EQ(optimizer.Get(0, OPT_EPS), 1e-3);
}

TEST(Optimizer, AddsAGroupWithValuesOfItsOwn) {
  opt::Optimizer optimizer(opt::AdamW().lr(0.25).weight_decay(0.5));
  const int32_t typed = optimizer.AddGroup(opt::AdamW().weight_decay(0));
  const int32_t named = optimizer.AddGroup({{OPT_LR, 0.5}});
  const int32_t preset =
      optimizer.AddGroup(OPT_PRESET_PYTORCH, {{OPT_EPS, 1e-3}});
  EXPECT_EQ(optimizer.Get(typed, OPT_WEIGHT_DECAY), 0);
  EXPECT_EQ(optimizer.Get(typed, OPT_LR), 0.25);
  EXPECT_EQ(optimizer.Get(named, OPT_LR), 0.5);
  EXPECT_EQ(optimizer.Get(named, OPT_WEIGHT_DECAY), 0.5);
  EXPECT_EQ(
      optimizer.Get(preset, OPT_WEIGHT_DECAY),
      opt::PresetValue(OPT_RULE_ADAMW, OPT_PRESET_PYTORCH, OPT_WEIGHT_DECAY));
  EXPECT_EQ(optimizer.Get(preset, OPT_EPS), 1e-3);
  ExpectError(OPT_ERR_VALUE, "beta1",
              [&] { optimizer.AddGroup(opt::AdamW().lr(1).beta1(2)); });
  ExpectError(OPT_ERR_NAME, "'lion'",
              [&] { optimizer.AddGroup(opt::Lion().lr(1)); });
  EXPECT_EQ(optimizer.Info().group_count, 4);
}

TEST(Optimizer, MovesATensorToAnotherGroup) {
  std::vector<float> param = {0}, grad = {1};
  opt::Optimizer optimizer(opt::Sgd().lr(1));
  const int64_t index = optimizer.Attach(opt::TensorSpec("w", param, grad));
  const int32_t slow = optimizer.AddGroup(opt::Sgd().lr(0.5));
  optimizer.Step();
  optimizer.SetTensorGroup(index, slow);
  EXPECT_EQ(optimizer.TensorAt(index).group, slow);
  optimizer.Step();
  EXPECT_EQ(param[0], -1.5F);
  ExpectError(OPT_ERR_RANGE, "group",
              [&] { optimizer.SetTensorGroup(index, 7); });
}

TEST(Optimizer, TellsBytesOfStateBeforeTensorsAreAttached) {
  std::vector<float> param(6), grad(6);
  opt::Optimizer optimizer("adam");
  const opt::TensorSpec weight = opt::TensorSpec("w", param, grad);
  const opt::TensorSpec bias = opt::TensorSpec::Lent<double>("b", 3);
  EXPECT_EQ(optimizer.StateBytes(weight), 2 * 6 * 4);  // two moments
  const int64_t both = optimizer.StateBytes({weight, bias});
  EXPECT_EQ(both, 2 * (6 * 4 + 3 * 8));
  EXPECT_EQ(optimizer.Info().tensor_count, 0);
  optimizer.Attach({weight, bias});
  EXPECT_EQ(optimizer.Info().state_bytes, both);
  ExpectError(OPT_ERR_RANGE, "group", [&] {
    optimizer.StateBytes(opt::TensorSpec::Lent<float>("c", 1).Group(9));
  });
}

TEST(Optimizer, IsClonedWithItsStateAndGoesOnAlike) {
  std::vector<float> param = {1, 2}, grad = {3, 4};
  opt::Optimizer optimizer(opt::Adam().lr(0.5));
  const int64_t index = optimizer.Attach(opt::TensorSpec("w", param, grad));
  optimizer.SetSchedule(OPT_LR, opt::schedules::Exponential(0.5));
  optimizer.Step();
  opt::Optimizer clone = optimizer.Clone();
  EXPECT_EQ(clone.Info().steps, 1);
  EXPECT_EQ(clone.FindTensor("w"), index);
  EXPECT_EQ(clone.GetScheduled(OPT_LR), 0.25);
  ExpectError(OPT_ERR_STATE, "", [&] { clone.Step(); });
  std::vector<float> other = param;
  clone.Bind(index, other, grad);
  optimizer.Step();
  EXPECT_NE(other, param);
  clone.Step();
  EXPECT_EQ(other, param);
  optimizer.Close();
  clone.Step();
}

TEST(Optimizer, DoesNotLendTheBuffersOfAnotherToAClone) {
  std::vector<float> param = {1}, grad = {2};
  opt::Optimizer optimizer(opt::Sgd().lr(1));
  const int64_t index = optimizer.Attach(opt::TensorSpec::Lent<float>("w", 1));
  opt::Lent lent = optimizer.Lend();
  opt::Optimizer clone = optimizer.Clone();
  lent.Set(index, param, grad);
  ExpectError(OPT_ERR_STATE, "Lend", [&] { clone.Step(lent); });
  opt::Lent own = clone.Lend();
  own.Set(index, param, grad);
  clone.Step(own);
  EXPECT_EQ(param[0], -1);
}

TEST(Optimizer, IsClonedWithTheIndicesThatAreFree) {
  opt::Optimizer optimizer("sgd");
  const auto tensor = [](const char* name) {
    return opt::TensorSpec::Lent<float>(name, 1);
  };
  optimizer.Attach({tensor("a"), tensor("b")});
  optimizer.Detach(0);
  opt::Optimizer clone = optimizer.Clone();
  EXPECT_EQ(clone.FindTensor("b"), 1);
  clone.Detach(1);
  EXPECT_EQ(clone.Attach(tensor("c")), 0);
  EXPECT_EQ(optimizer.FindTensor("b"), 1);
}

TEST(Optimizer, RefusesAChoiceThatItsRuleLacks) {
  ExpectError(OPT_ERR_VALUE, "eps_placement", [] {
    opt::Optimizer optimizer(
        opt::AdaGrad().eps_placement(opt::EpsPlacement::kHat));
  });
}

TEST(Optimizer, TakesAnAliasWithItsDefaults) {
  opt::Optimizer optimizer{opt::Momentum()};
  EXPECT_EQ(optimizer.Get(OPT_MOMENTUM), 0.9);
  EXPECT_STREQ(optimizer.Info().rule, OPT_RULE_SGD);
  optimizer.SetOptions(0, opt::Sgd().momentum(0.5));
  optimizer.SetPreset(OPT_PRESET_PYTORCH);
  EXPECT_EQ(optimizer.Get(0, OPT_MOMENTUM), 0.9);
}

TEST(Optimizer, TellsTheMessageOfC) {
  ExpectError(OPT_ERR_NAME, "did you mean 'adam'",
              [] { opt::Optimizer optimizer("adm"); });
  opt::Optimizer optimizer("adam");
  ExpectError(OPT_ERR_NAME, "did you mean 'lr'",
              [&] { optimizer.Set("lrr", 1); });
}

TEST(Optimizer, AccumulatesAndZeroesGradients) {
  std::vector<float> param = {1}, grad = {2};
  opt::Optimizer optimizer(opt::Sgd().lr(1));
  optimizer.Attach(opt::TensorSpec("w", param, grad));
  optimizer.Accumulate(4);
  optimizer.Accumulate(opt::AccumulateOptions(4).ZeroGrads());
  EXPECT_EQ(grad[0], 0);
  EXPECT_EQ(optimizer.Info().pending_samples, 8);
  optimizer.Step();
  EXPECT_EQ(param[0], 0.5F);
  grad[0] = 3;
  optimizer.Accumulate();
  optimizer.Discard();
  optimizer.Step(opt::StepOptions().ZeroGrads());
  EXPECT_EQ(param[0], -2.5F);
  EXPECT_EQ(grad[0], 0);
  grad[0] = 3;
  optimizer.ZeroGrads();
  EXPECT_EQ(grad[0], 0);
}

TEST(Optimizer, ShowsItsStateWithoutCopyingIt) {
  std::vector<double> param = {1}, grad = {2};
  opt::Optimizer optimizer(opt::Adam().beta1(0.5));
  optimizer.Attach(opt::TensorSpec("w", param, grad));
  const opt::Span<const double> moment =
      optimizer.State<double>(0, OPT_SLOT_EXP_AVG);
  optimizer.Step();
  ASSERT_EQ(moment.size(), 1U);
  EXPECT_EQ(moment[0], 1);
  optimizer.State<double>(0, OPT_SLOT_EXP_AVG)[0] = 5;
  EXPECT_EQ(moment[0], 5);
  optimizer.SetTensorStep(0, 100);
  EXPECT_EQ(optimizer.TensorAt(0).step, 100);
  ExpectError(OPT_ERR_DTYPE, "tensor 'w': its state 'exp_avg' is double",
              [&] { optimizer.State<float>(0, OPT_SLOT_EXP_AVG); });
}

TEST(Optimizer, ShowsANumberOfAFloatTensorAsADouble) {
  std::vector<float> param = {1, 2}, grad = {3, 4};
  opt::Optimizer optimizer("nadam");
  optimizer.Attach(opt::TensorSpec("w", param, grad));
  const opt::Span<double> product =
      optimizer.State<double>(0, OPT_SLOT_MU_PRODUCT);
  ASSERT_EQ(product.size(), 1U);
  EXPECT_EQ(product[0], 1);
  optimizer.Step();
  EXPECT_NEAR(product[0], 0.9 * (1 - 0.5 * std::pow(0.96, 0.004)), 1e-15);
  ExpectError(OPT_ERR_DTYPE, "'mu_product' is double, not float",
              [&] { optimizer.State<float>(0, OPT_SLOT_MU_PRODUCT); });
  ExpectError(OPT_ERR_DTYPE, "'exp_avg' is float, not double",
              [&] { optimizer.State<double>(0, OPT_SLOT_EXP_AVG); });
  const opt::Slot slot = opt::SlotsOf("nadam").at(2);
  EXPECT_EQ(slot.shape, OPT_SHAPE_NUMBER);
  EXPECT_EQ(slot.dtype, OPT_F64);
}

TEST(Optimizer, KeepsTheOwnerOfBuffersUntilTheyAreDetached) {
  const auto buffers = std::make_shared<std::vector<float>>(4);
  opt::Optimizer optimizer("sgd");
  const auto tensor = [&](size_t i) {
    return opt::TensorSpec(std::to_string(i),
                           opt::Span<float>(&(*buffers)[2 * i], 1),
                           opt::Span<float>(&(*buffers)[2 * i + 1], 1))
        .Keep(buffers);
  };
  optimizer.Attach({tensor(0), tensor(1)});
  EXPECT_EQ(buffers.use_count(), 3);
  optimizer.Detach(0);
  EXPECT_EQ(buffers.use_count(), 2);
  ExpectError(OPT_ERR_RANGE, "0", [&] { optimizer.Detach(0); });
  optimizer.Close();
  EXPECT_EQ(buffers.use_count(), 1);
}

TEST(Optimizer, FailsWhenClosedOrMovedFrom) {
  opt::Optimizer optimizer("sgd");
  opt::Optimizer other = std::move(optimizer);
  const std::string gone = "this optimizer is closed or was moved from";
  // NOLINTNEXTLINE(bugprone-use-after-move): it is tested
  ExpectError(OPT_ERR_HANDLE, gone, [&] { optimizer.Step(); });
  other.Step();
  const opt::Schedule schedule(opt::schedules::Cosine(9));
  other.Close();
  other.Close();
  ExpectError(OPT_ERR_HANDLE, gone, [&] { other.Step(); });
  ExpectError(OPT_ERR_HANDLE, gone, [&] { other.Info(); });
  ExpectError(OPT_ERR_HANDLE, gone, [&] { other.Lend(); });
  ExpectError(OPT_ERR_HANDLE, gone, [&] { other.Clone(); });
  ExpectError(OPT_ERR_HANDLE, gone, [&] { other.SaveMemory(); });
  ExpectError(OPT_ERR_HANDLE, gone, [&] { other.GradNorm(); });
  ExpectError(OPT_ERR_HANDLE, gone,
              [&] { other.SetOptions(0, opt::Sgd().lr(1)); });
  ExpectError(OPT_ERR_HANDLE, gone,
              [&] { other.SetSchedule(OPT_LR, schedule); });
  ExpectError(OPT_ERR_HANDLE, gone,
              [&] { other.SetSchedule(OPT_LR, opt::schedules::Cosine(9)); });
  optimizer = opt::Optimizer("adam");
  optimizer.Step();
}

}  // namespace
}  // namespace opt_test
