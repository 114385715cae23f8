// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Steps allocate nothing, and go on without the threads that do not start.

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "tests/faults/hooks.h"

namespace libopt::faults {
namespace {

constexpr int64_t kTensors = 40;
constexpr int64_t kCount = 10000;  // in all enough for all threads at once
constexpr int kThreads = 4;

// An optimizer with retained buffers, in a context of four threads.
class StepTest : public testing::Test {
 protected:
  void SetUp() override { Reset(); }
  void TearDown() override {
    EXPECT_EQ(opt_destroy(optimizer_), OPT_OK);
    EXPECT_EQ(opt_context_destroy(context_), OPT_OK);
    Reset();
  }

  void Create(bool callbacks) {
    opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
    config.threads = kThreads;
    config.user = this;
    config.log = [](void* self, int32_t level, const char* message) {
      if (level != OPT_LOG_WARNING) return;
      static_cast<StepTest*>(self)->warnings_.emplace_back(message);
    };
    if (callbacks) UseCallbacks(&config);
    ASSERT_EQ(opt_context_create(&config, &context_), OPT_OK);
    ASSERT_EQ(opt_create(context_, OPT_RULE_ADAMW, &optimizer_), OPT_OK);
    for (int64_t i = 0; i < kTensors; ++i) Attach(i);
  }

  void Attach(int64_t i) {
    opt_tensor tensor = OPT_TENSOR_INIT;
    tensor.count = kCount;
    tensor.param = &params_[static_cast<size_t>(i * kCount)];
    tensor.grad = &grads_[static_cast<size_t>(i * kCount)];
    lent_params_.push_back(tensor.param);
    lent_grads_.push_back(tensor.grad);
    ASSERT_EQ(opt_attach(optimizer_, &tensor, 1, nullptr), OPT_OK);
  }

  void Step() {
    ASSERT_EQ(opt_step(optimizer_, nullptr), OPT_OK) << opt_last_error();
  }

  // With all buffers lent, in one order and then in another.
  void StepLent() {
    opt_step_args args = OPT_STEP_ARGS_INIT;
    opt_lent lent_buffers = OPT_LENT_INIT;
    args.flags = OPT_STEP_ZERO_GRADS;
    args.lent = &lent_buffers;
    lent_buffers.count = kTensors;
    lent_buffers.params = lent_params_.data();
    lent_buffers.grads = lent_grads_.data();
    ASSERT_EQ(opt_step(optimizer_, &args), OPT_OK) << opt_last_error();
    std::swap(lent_params_.front(), lent_params_.back());
    std::swap(lent_grads_[1], lent_grads_[2]);
  }

  void StepAccumulated() {
    ASSERT_EQ(opt_accumulate(optimizer_, nullptr), OPT_OK);
    ASSERT_EQ(opt_accumulate(optimizer_, nullptr), OPT_OK);
    Step();
  }

  // With every kind of work on the gradients; the second is skipped.
  void StepWithWork() {
    opt_grad_work work = OPT_GRAD_WORK_INIT;
    work.max_value = work.max_tensor_norm = work.max_norm = 1;
    double group_norm = 0;
    opt_grad_report report = OPT_GRAD_REPORT_INIT;
    report.group_norms = &group_norm;
    report.group_capacity = 1;
    opt_step_args args = OPT_STEP_ARGS_INIT;
    args.work = &work;
    args.report = &report;
    ASSERT_EQ(opt_scaler_start(optimizer_, nullptr), OPT_OK);
    ASSERT_EQ(opt_step(optimizer_, &args), OPT_OK) << opt_last_error();
    grads_[1] = std::numeric_limits<float>::infinity();
    ASSERT_EQ(opt_step(optimizer_, &args), OPT_OK) << opt_last_error();
    EXPECT_EQ(report.skipped, 1);
    grads_[1] = 1;
    ASSERT_EQ(opt_scaler_stop(optimizer_), OPT_OK);
    ASSERT_EQ(opt_grad_norm(optimizer_, nullptr, &report), OPT_OK);
    opt_grad_args in_place = OPT_GRAD_ARGS_INIT;
    in_place.work = &work;
    ASSERT_EQ(opt_clip_grads(optimizer_, &in_place, &report), OPT_OK);
  }

  // All that a training may have in a step: a schedule, an average, a frozen
  // tensor and one with a rate of its own.
  void PrepareTraining() {
    opt_schedule cosine = nullptr;
    ASSERT_EQ(opt_schedule_create(nullptr, OPT_SCHEDULE_COSINE, &cosine),
              OPT_OK);
    ASSERT_EQ(opt_schedule_set(cosine, OPT_T_MAX, 1000), OPT_OK);
    ASSERT_EQ(opt_set_schedule(optimizer_, OPT_ALL_GROUPS, OPT_LR, cosine),
              OPT_OK);
    ASSERT_EQ(opt_schedule_destroy(cosine), OPT_OK);
    ASSERT_EQ(opt_average_start(optimizer_, nullptr), OPT_OK);
    ASSERT_EQ(opt_set_attribute(optimizer_, 3, OPT_TENSOR_FROZEN, 1), OPT_OK);
    ASSERT_EQ(opt_set_attribute(optimizer_, 4, OPT_TENSOR_LR_FACTOR, 2),
              OPT_OK);
    ASSERT_EQ(opt_accumulate(optimizer_, nullptr), OPT_OK);
  }

  void ExpectNoAllocationInSteps() {
    PrepareTraining();
    const Watch watch;
    for (int i = 0; i < 100; ++i) {
      Step();
      StepLent();
      StepAccumulated();
      StepWithWork();
      ASSERT_EQ(opt_swap_eval_weights(optimizer_, nullptr), OPT_OK);
      ASSERT_EQ(opt_swap_eval_weights(optimizer_, nullptr), OPT_OK);
      ASSERT_EQ(opt_report_metric(optimizer_, OPT_ALL_GROUPS, 1), OPT_OK);
    }
    const Counts seen = Seen();
    EXPECT_EQ(seen.callbacks, 0);
    EXPECT_EQ(seen.mallocs, 0);
  }

  opt_context context_ = nullptr;
  opt_optimizer optimizer_ = nullptr;
  std::vector<float> params_ = std::vector<float>(kTensors * kCount, 1);
  std::vector<float> grads_ = std::vector<float>(kTensors * kCount, 0.5F);
  std::vector<void*> lent_params_;
  std::vector<void*> lent_grads_;
  std::vector<std::string> warnings_;
};

TEST_F(StepTest, AllocatesNothingFromTheCallbacks) {
  Create(true);
  ExpectNoAllocationInSteps();
}

TEST_F(StepTest, AllocatesNothingFromMalloc) {
  Create(false);
  ExpectNoAllocationInSteps();
}

// The result of five steps on the calling thread alone.
std::vector<float> SerialResult() {
  std::vector<float> params(kTensors * kCount, 1);
  std::vector<float> grads(kTensors * kCount, 0.5F);
  opt_optimizer optimizer = nullptr;
  opt_tensor tensor = OPT_TENSOR_INIT;
  tensor.count = kTensors * kCount;
  tensor.param = params.data();
  tensor.grad = grads.data();
  EXPECT_EQ(opt_create(nullptr, OPT_RULE_ADAMW, &optimizer), OPT_OK);
  EXPECT_EQ(opt_attach(optimizer, &tensor, 1, nullptr), OPT_OK);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(opt_step(optimizer, nullptr), OPT_OK);
  EXPECT_EQ(opt_destroy(optimizer), OPT_OK);
  return params;
}

TEST_F(StepTest, RunsOnTheCallerIfNoThreadStarts) {
  Create(false);
  AllowThreads(0);
  for (int i = 0; i < 5; ++i) Step();
  EXPECT_EQ(params_, SerialResult());
  ASSERT_FALSE(warnings_.empty());
  EXPECT_NE(warnings_[0].find("3 of 3"), std::string::npos) << warnings_[0];
}

TEST_F(StepTest, RunsOnThoseThreadsThatStart) {
  Create(false);
  AllowThreads(1);
  for (int i = 0; i < 5; ++i) Step();
  EXPECT_EQ(params_, SerialResult());
  ASSERT_FALSE(warnings_.empty());
  EXPECT_NE(warnings_[0].find("2 of 3"), std::string::npos) << warnings_[0];
}

TEST_F(StepTest, StartsTheMissingThreadsLater) {
  Create(false);
  AllowThreads(1);
  Step();
  const size_t warned = warnings_.size();
  AllowThreads(-1);
  for (int i = 1; i < 5; ++i) Step();
  EXPECT_EQ(warnings_.size(), warned);
  EXPECT_EQ(params_, SerialResult());
}

TEST_F(StepTest, DoesNotWarnIfAllThreadsStart) {
  Create(false);
  for (int i = 0; i < 5; ++i) Step();
  EXPECT_TRUE(warnings_.empty());
  EXPECT_EQ(params_, SerialResult());
}

}  // namespace
}  // namespace libopt::faults
