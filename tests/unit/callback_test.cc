// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Callbacks that throw, which they must not: nothing passes the C border, the
// status is OPT_ERR_INTERNAL, and a call is done whole or not at all.

#include <gtest/gtest.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "opt/opt.h"
#include "tests/c/snapshot.h"

namespace libopt {
namespace {

constexpr int64_t kCount = 50000;

// A host that throws in a callback on demand.
struct Host {
  bool throw_in_allocate = false;
  bool throw_in_log = false;
  bool throw_in_parallel_for = false;
  bool throw_int = false;
  int64_t parts_before_throw = 0;
  int64_t live = 0;

  void MayThrow(bool wanted) const {
    if (!wanted) return;
    if (throw_int) throw 7;
    throw std::runtime_error("the host is at fault");
  }

  static void* Allocate(void* user, int64_t size, int64_t alignment) {
    auto* host = static_cast<Host*>(user);
    host->MayThrow(host->throw_in_allocate);
    ++host->live;
    const int64_t whole = (size + alignment - 1) / alignment * alignment;
    return std::aligned_alloc(static_cast<size_t>(alignment),
                              static_cast<size_t>(whole));
  }

  static void Release(void* user, void* memory, int64_t, int64_t) {
    --static_cast<Host*>(user)->live;
    std::free(memory);
  }

  static void Log(void* user, int32_t, const char*) {
    auto* host = static_cast<Host*>(user);
    host->MayThrow(host->throw_in_log);
  }

  static int32_t ParallelFor(void* user, int64_t count,
                             void (*task)(void* data, int64_t i), void* data) {
    auto* host = static_cast<Host*>(user);
    for (int64_t i = 0; i < count; ++i) {
      if (i == host->parts_before_throw) {
        host->MayThrow(host->throw_in_parallel_for);
      }
      if (i % 2 == 0) task(data, i);  // so that there is something to log
    }
    return 0;
  }
};

class CallbackTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(opt_context_create(&config_, &context_), OPT_OK);
    ASSERT_EQ(opt_create(context_, OPT_RULE_ADAM, &optimizer_), OPT_OK);
    tensor_.count = kCount;
    tensor_.param = params_.data();
    tensor_.grad = grads_.data();
  }

  void TearDown() override {
    EXPECT_EQ(opt_destroy(optimizer_), OPT_OK);
    EXPECT_EQ(opt_context_destroy(context_), OPT_OK);
    EXPECT_EQ(host_.live, 0);
  }

  // Steps with a callback that throws: the step is done whole, or refused with
  // nothing changed.
  void ExpectWholeStep() {
    ASSERT_EQ(opt_attach(optimizer_, &tensor_, 1, nullptr), OPT_OK);
    const uint64_t before = snapshot(optimizer_);
    const opt_status status = opt_step(optimizer_, nullptr);
    if (status == OPT_OK) {
      EXPECT_EQ(params_, std::vector<float>(kCount, params_[0]));
      EXPECT_LT(params_[0], 1);
    } else {
      EXPECT_EQ(status, OPT_ERR_INTERNAL);
      EXPECT_EQ(snapshot(optimizer_), before);
    }
  }

  Host host_;
  opt_context_config config_ = {sizeof(opt_context_config),
                                2,
                                &host_,
                                Host::Allocate,
                                Host::Release,
                                Host::Log,
                                Host::ParallelFor,
                                nullptr,
                                0,
                                0};
  opt_context context_ = nullptr;
  opt_optimizer optimizer_ = nullptr;
  std::vector<float> params_ = std::vector<float>(kCount, 1);
  std::vector<float> grads_ = std::vector<float>(kCount, 0.5F);
  opt_tensor tensor_ = OPT_TENSOR_INIT;
};

TEST_F(CallbackTest, AllocateThatThrowsGivesInternalAndItsText) {
  const uint64_t before = snapshot(optimizer_);
  host_.throw_in_allocate = true;
  EXPECT_EQ(opt_attach(optimizer_, &tensor_, 1, nullptr), OPT_ERR_INTERNAL);
  EXPECT_NE(std::string(opt_last_error()).find("the host is at fault"),
            std::string::npos)
      << opt_last_error();
  host_.throw_in_allocate = false;
  EXPECT_EQ(snapshot(optimizer_), before);
  EXPECT_EQ(opt_attach(optimizer_, &tensor_, 1, nullptr), OPT_OK);
}

TEST_F(CallbackTest, WhatIsNoExceptionIsCaughtAsWell) {
  host_.throw_in_allocate = true;
  host_.throw_int = true;
  EXPECT_EQ(opt_attach(optimizer_, &tensor_, 1, nullptr), OPT_ERR_INTERNAL);
  EXPECT_NE(std::string(opt_last_error()), "");
}

TEST_F(CallbackTest, ParallelForThatThrowsBeforeAnyPart) {
  host_.throw_in_parallel_for = true;
  ExpectWholeStep();
}

TEST_F(CallbackTest, ParallelForThatThrowsAmongTheParts) {
  host_.throw_in_parallel_for = true;
  host_.parts_before_throw = 3;
  ExpectWholeStep();
}

TEST_F(CallbackTest, LogThatThrowsInAStep) {
  host_.throw_in_log = true;
  ExpectWholeStep();
}

TEST_F(CallbackTest, LogThatThrowsInCreate) {
  opt_context context = nullptr;
  const int64_t live = host_.live;
  host_.throw_in_log = true;
  const opt_status status = opt_context_create(&config_, &context);
  if (status == OPT_OK) {
    EXPECT_EQ(opt_context_destroy(context), OPT_OK);
  } else {
    EXPECT_EQ(status, OPT_ERR_INTERNAL);
    EXPECT_EQ(context, nullptr);
  }
  EXPECT_EQ(host_.live, live);
}

}  // namespace
}  // namespace libopt
