// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// One optimizer from several threads: BUSY, never a race.

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/c/calls.h"
#include "tests/threads/model.h"

namespace libopt::threads {
namespace {

TEST(BusyTest, EveryCallIsRefusedWhileAnotherThreadSteps) {
  HoldingHost host;
  const opt_context_config config = host.Config();
  opt_context context = nullptr;
  ASSERT_EQ(opt_context_create(&config, &context), OPT_OK);
  {
    const Model model(context);
    std::thread stepping([&] { EXPECT_EQ(model.Step(), OPT_OK); });
    host.WaitUntilHeld();
    for (int64_t i = 0; i < kOptimizerCallCount; ++i) {
      // opt_destroy waits instead.
      if (kOptimizerCalls[i].call == opt_destroy) continue;
      EXPECT_EQ(kOptimizerCalls[i].call(model.optimizer()), OPT_ERR_BUSY)
          << kOptimizerCalls[i].name;
      EXPECT_NE(std::string(opt_last_error()).find("another thread"),
                std::string::npos)
          << opt_last_error();
    }
    host.Release();
    stepping.join();
    EXPECT_EQ(model.params(), SerialResult(1));
    EXPECT_EQ(model.Step(), OPT_OK);
  }
  EXPECT_EQ(opt_context_destroy(context), OPT_OK);
}

TEST(BusyTest, AnotherOptimizerOfTheContextIsFree) {
  HoldingHost host;
  const opt_context_config config = host.Config();
  opt_context context = nullptr;
  ASSERT_EQ(opt_context_create(&config, &context), OPT_OK);
  {
    const Model model(context);
    const Model small(context, 10);
    std::thread stepping([&] { EXPECT_EQ(model.Step(), OPT_OK); });
    host.WaitUntilHeld();
    EXPECT_EQ(small.Step(), OPT_OK);
    const Model created(context, 10);
    EXPECT_EQ(created.Step(), OPT_OK);
    host.Release();
    stepping.join();
  }
  EXPECT_EQ(opt_context_destroy(context), OPT_OK);
}

TEST(BusyTest, ManyThreadsOnOneOptimizerAreServedOrRefused) {
  constexpr int kThreads = 4;
  constexpr int kCalls = 500;
  const opt_context context = CreateContext(2);
  {
    const Model model(context, 20000);
    std::atomic<int> steps{0};
    std::atomic<int> others{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < kCalls; ++i) {
          double rate = 0;
          const opt_status stepped = model.Step();
          const opt_status got = opt_get(model.optimizer(), 0, OPT_LR, &rate);
          if (stepped == OPT_OK) ++steps;
          if (stepped != OPT_OK && stepped != OPT_ERR_BUSY) ++others;
          if (got != OPT_OK && got != OPT_ERR_BUSY) ++others;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(others, 0);
    EXPECT_EQ(model.Step(), OPT_OK);
    EXPECT_EQ(model.params(), SerialResult(steps + 1, 20000));
  }
  EXPECT_EQ(opt_context_destroy(context), OPT_OK);
}

}  // namespace
}  // namespace libopt::threads
