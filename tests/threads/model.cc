// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/threads/model.h"

#include <gtest/gtest.h>

namespace libopt::threads {

opt_context CreateContext(int32_t threads) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  opt_context context = nullptr;
  config.threads = threads;
  EXPECT_EQ(opt_context_create(&config, &context), OPT_OK);
  return context;
}

Model::Model(opt_context context, int64_t count)
    : params_(static_cast<size_t>(count)), grads_(params_.size()) {
  for (size_t i = 0; i < params_.size(); ++i) {
    params_[i] = static_cast<float>(i % 101) / 101;
    grads_[i] = static_cast<float>(i % 103) / 103 - 0.5F;
  }
  opt_tensor tensor = OPT_TENSOR_INIT;
  tensor.name = "weight";
  tensor.count = count;
  tensor.param = params_.data();
  tensor.grad = grads_.data();
  EXPECT_EQ(opt_create(context, OPT_RULE_ADAM, &optimizer_), OPT_OK);
  EXPECT_EQ(opt_attach(optimizer_, &tensor, 1, nullptr), OPT_OK);
}

Model::~Model() { EXPECT_EQ(opt_destroy(optimizer_), OPT_OK); }

opt_optimizer Model::Release() {
  const opt_optimizer released = optimizer_;
  optimizer_ = nullptr;
  return released;
}

std::vector<float> SerialResult(int steps, int64_t count) {
  const Model model(nullptr, count);
  for (int i = 0; i < steps; ++i) EXPECT_EQ(model.Step(), OPT_OK);
  return model.params();
}

opt_context_config HoldingHost::Config() {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  config.user = this;
  config.parallel_for = ParallelFor;
  return config;
}

void HoldingHost::WaitUntilHeld() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return held_; });
}

void HoldingHost::Release() {
  const std::lock_guard<std::mutex> lock(mutex_);
  released_ = true;
  changed_.notify_all();
}

int32_t HoldingHost::ParallelFor(void* user, int64_t count,
                                 void (*task)(void* data, int64_t i),
                                 void* data) {
  auto* host = static_cast<HoldingHost*>(user);
  {
    std::unique_lock<std::mutex> lock(host->mutex_);
    host->held_ = true;
    host->changed_.notify_all();
    host->changed_.wait(lock, [host] { return host->released_; });
  }
  for (int64_t i = 0; i < count; ++i) task(data, i);
  return 0;
}

}  // namespace libopt::threads
