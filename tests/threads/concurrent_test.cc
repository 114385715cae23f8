// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Different optimizers, contexts and handles from several threads at once.

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

#include "tests/threads/model.h"

namespace libopt::threads {
namespace {

constexpr int kCallers = 3;

// Runs body(i) on kCallers threads.
template <typename Body>
void OnThreads(const Body& body) {
  std::vector<std::thread> threads;
  threads.reserve(kCallers);
  for (int i = 0; i < kCallers; ++i) {
    threads.emplace_back([&body, i] { body(i); });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(ConcurrentTest, OptimizersOfOneContextStepAtOnce) {
  constexpr int kSteps = 20;
  const opt_context context = CreateContext(3);
  std::vector<std::unique_ptr<Model>> models;
  for (int i = 0; i < kCallers; ++i) {
    models.push_back(std::make_unique<Model>(context));
  }
  OnThreads([&](int i) {
    for (int step = 0; step < kSteps; ++step) {
      EXPECT_EQ(models[static_cast<size_t>(i)]->Step(), OPT_OK);
    }
  });
  const std::vector<float> expected = SerialResult(kSteps);
  for (const auto& model : models) EXPECT_EQ(model->params(), expected);
  models.clear();
  EXPECT_EQ(opt_context_destroy(context), OPT_OK);
}

TEST(ConcurrentTest, OptimizersOfTheDefaultContextStepAtOnce) {
  OnThreads([](int) {
    const Model model(nullptr, 1000);
    for (int step = 0; step < 50; ++step) EXPECT_EQ(model.Step(), OPT_OK);
    EXPECT_EQ(model.params(), SerialResult(50, 1000));
  });
}

TEST(ConcurrentTest, ManyOptimizersComeAndGo) {
  const opt_context context = CreateContext(2);
  OnThreads([context](int) {
    for (int i = 0; i < 2000; ++i) {
      const Model model(context, 2);
      EXPECT_EQ(model.Step(), OPT_OK);
    }
  });
  EXPECT_EQ(opt_context_destroy(context), OPT_OK);
}

TEST(ConcurrentTest, ManyContextsComeAndGoWithTheirThreads) {
  const std::vector<float> expected = SerialResult(1);
  OnThreads([&](int) {
    for (int i = 0; i < 20; ++i) {
      const opt_context context = CreateContext(3);
      const Model model(context);
      EXPECT_EQ(opt_context_destroy(context), OPT_OK);
      EXPECT_EQ(model.Step(), OPT_OK);
      EXPECT_EQ(model.params(), expected);
    }
  });
}

TEST(ConcurrentTest, TheLastOptimizerTakesTheContextWithIt) {
  for (int round = 0; round < 50; ++round) {
    const opt_context context = CreateContext(2);
    std::vector<std::unique_ptr<Model>> models;
    for (int i = 0; i < kCallers; ++i) {
      models.push_back(std::make_unique<Model>(context, 10));
    }
    EXPECT_EQ(opt_context_destroy(context), OPT_OK);
    OnThreads([&](int i) { models[static_cast<size_t>(i)].reset(); });
  }
}

TEST(ConcurrentTest, DescribingIsFreeToAll) {
  OnThreads([](int) {
    for (int i = 0; i < 1000; ++i) {
      opt_rule_info rule = OPT_RULE_INFO_INIT;
      opt_context_info context = OPT_CONTEXT_INFO_INIT;
      EXPECT_EQ(opt_rule_find(OPT_RULE_ADAMW, &rule), OPT_OK);
      EXPECT_EQ(opt_rule_find("adamm", &rule), OPT_ERR_NAME);
      EXPECT_EQ(opt_context_get_info(nullptr, &context), OPT_OK);
      EXPECT_NE(opt_build_info(), nullptr);
    }
  });
}

TEST(ConcurrentTest, TheCatalogueIsOneForAll) {
  const char* texts[kCallers] = {};
  OnThreads([&texts](int i) { texts[i] = opt_catalog(); });
  for (const char* text : texts) EXPECT_EQ(text, opt_catalog());
  EXPECT_NE(opt_catalog(), nullptr);
}

}  // namespace
}  // namespace libopt::threads
