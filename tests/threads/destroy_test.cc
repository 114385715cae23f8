// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Destroying what other threads use.

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "tests/threads/model.h"
#include "tests/threads/tasks.h"

namespace libopt::threads {
namespace {

// A model in whose step a thread is held.
class DestroyTest : public testing::Test {
 protected:
  void SetUp() override {
    const opt_context_config config = host_.Config();
    ASSERT_EQ(opt_context_create(&config, &context_), OPT_OK);
    model_ = std::make_unique<Model>(context_);
    stepping_ = std::thread([this] { EXPECT_EQ(model_->Step(), OPT_OK); });
    host_.WaitUntilHeld();
  }

  void TearDown() override {
    if (stepping_.joinable()) stepping_.join();
    model_.reset();
    EXPECT_EQ(opt_context_destroy(context_), OPT_OK);
  }

  HoldingHost host_;
  opt_context context_ = nullptr;
  std::unique_ptr<Model> model_;
  std::thread stepping_;
};

// A thread that destroys an optimizer, and that the test can watch.
class Destroyer {
 public:
  explicit Destroyer(opt_optimizer optimizer)
      : thread_([this, optimizer] {
          task_.set_value(ThisTask());
          status_ = opt_destroy(optimizer);
          returned_ = true;
        }) {
    WaitUntilAsleep(task_.get_future().get());
  }

  bool returned() const { return returned_; }

  opt_status Join() {
    thread_.join();
    return status_;
  }

 private:
  std::promise<int> task_;
  std::atomic<bool> returned_{false};
  std::atomic<opt_status> status_{-1};
  std::thread thread_;
};

TEST_F(DestroyTest, WaitsForARunningStep) {
  Destroyer destroyer(model_->optimizer());
  EXPECT_FALSE(destroyer.returned());
  host_.Release();
  EXPECT_EQ(destroyer.Join(), OPT_OK);
  EXPECT_EQ(model_->Step(), OPT_ERR_HANDLE);
  stepping_.join();
  EXPECT_EQ(model_->params(), SerialResult(1));
  model_->Release();
}

TEST_F(DestroyTest, OneOfTwoDestroysSucceeds) {
  Destroyer first(model_->optimizer());
  Destroyer second(model_->optimizer());
  EXPECT_FALSE(first.returned());
  EXPECT_FALSE(second.returned());
  host_.Release();
  const opt_status a = first.Join();
  const opt_status b = second.Join();
  EXPECT_TRUE((a == OPT_OK && b == OPT_ERR_HANDLE) ||
              (a == OPT_ERR_HANDLE && b == OPT_OK))
      << opt_status_name(a) << " " << opt_status_name(b);
  model_->Release();
}

TEST_F(DestroyTest, OthersAreRefusedWhileADestroyWaits) {
  Destroyer destroyer(model_->optimizer());
  EXPECT_EQ(model_->Step(), OPT_ERR_BUSY);
  host_.Release();
  EXPECT_EQ(destroyer.Join(), OPT_OK);
  model_->Release();
}

TEST_F(DestroyTest, TheContextMayGoDuringAStep) {
  opt_context second = nullptr;
  ASSERT_EQ(opt_context_create(nullptr, &second), OPT_OK);
  EXPECT_EQ(opt_context_destroy(context_), OPT_OK);
  context_ = second;
  host_.Release();
  stepping_.join();
  EXPECT_EQ(model_->Step(), OPT_OK);
}

TEST(DestroyRaceTest, CallsEndInAStaleHandleAndNothingWorse) {
  constexpr int kRounds = 20;
  for (int round = 0; round < kRounds; ++round) {
    Model model(nullptr, 10);
    std::atomic<int> started{0};
    std::atomic<int> mistakes{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&] {
        ++started;
        opt_status status = OPT_OK;
        while (status == OPT_OK || status == OPT_ERR_BUSY) {
          status = model.Step();
        }
        if (status != OPT_ERR_HANDLE) ++mistakes;
      });
    }
    while (started < 2) std::this_thread::yield();
    EXPECT_EQ(opt_destroy(model.optimizer()), OPT_OK);
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(mistakes, 0);
    model.Release();
  }
}

}  // namespace
}  // namespace libopt::threads
