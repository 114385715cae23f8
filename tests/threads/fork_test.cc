// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Forking: the child has none of the worker threads, and does their work on
// its own. ThreadSanitizer does not support a child of a threaded process that
// goes on, so that these tests are not built with it.

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define OPT_TESTS_NO_FORK
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define OPT_TESTS_NO_FORK
#endif

#ifndef OPT_TESTS_NO_FORK

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "tests/threads/model.h"
#include "tests/threads/tasks.h"

namespace libopt::threads {
namespace {

constexpr int kThreads = 3;
constexpr unsigned kPatience = 20;  // seconds, for a child that hangs

// Runs body() in a child, which ends with the status that it returns, and
// returns what the child came to: that status, or minus a signal.
template <typename Body>
int InChild(const Body& body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(kPatience);
    _exit(body());
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

class ForkTest : public testing::Test {
 protected:
  void SetUp() override {
    context_ = CreateContext(kThreads);
    model_ = std::make_unique<Model>(context_);
  }
  void TearDown() override {
    model_.reset();
    EXPECT_EQ(opt_context_destroy(context_), OPT_OK);
  }

  opt_context context_ = nullptr;
  std::unique_ptr<Model> model_;
};

TEST_F(ForkTest, ChildStepsWithTheSameResultOnItsOwn) {
  const std::vector<float> expected = SerialResult(3);
  ASSERT_EQ(model_->Step(), OPT_OK);
  EXPECT_EQ(InChild([&] {
              if (model_->Step() != OPT_OK || model_->Step() != OPT_OK)
                return 1;
              if (Tasks().size() != 1) return 2;
              return model_->params() == expected ? 0 : 3;
            }),
            0);
  EXPECT_EQ(model_->Step(), OPT_OK);
  EXPECT_EQ(model_->Step(), OPT_OK);
  EXPECT_EQ(model_->params(), expected);
}

TEST_F(ForkTest, ChildDestroysWhatItInherited) {
  const std::set<int> before = Tasks();
  ASSERT_EQ(model_->Step(), OPT_OK);
  for (const int worker : NewTasks(before, Tasks())) WaitUntilAsleep(worker);
  EXPECT_EQ(InChild([&] {
              if (opt_destroy(model_->Release()) != OPT_OK) return 1;
              if (opt_context_destroy(context_) != OPT_OK) return 2;
              return opt_shutdown() == OPT_OK ? 0 : 3;
            }),
            0);
  EXPECT_EQ(model_->Step(), OPT_OK);
}

TEST_F(ForkTest, ChildMayHaveThreadsInAContextOfItsOwn) {
  const std::vector<float> expected = SerialResult(2);
  ASSERT_EQ(model_->Step(), OPT_OK);
  EXPECT_EQ(InChild([&] {
              const opt_context context = CreateContext(kThreads);
              {
                const Model model(context);
                if (model.Step() != OPT_OK || model.Step() != OPT_OK) return 1;
                if (Tasks().size() != kThreads) return 2;
                if (model.params() != expected) return 3;
              }
              return opt_context_destroy(context) == OPT_OK ? 0 : 4;
            }),
            0);
}

TEST_F(ForkTest, BeforeTheFirstStepBothMayHaveThreads) {
  const std::vector<float> expected = SerialResult(1);
  EXPECT_EQ(InChild([&] {
              if (model_->Step() != OPT_OK) return 1;
              return model_->params() == expected ? 0 : 2;
            }),
            0);
  EXPECT_EQ(model_->Step(), OPT_OK);
  EXPECT_EQ(model_->params(), expected);
}

TEST_F(ForkTest, ChildIsBornWhileTheWorkersWork) {
  const std::vector<float> expected = SerialResult(1);
  std::atomic<bool> stop{false};
  std::atomic<int> steps{0};
  const Model own(context_);
  std::thread stepping([&] {
    while (!stop) {
      EXPECT_EQ(model_->Step(), OPT_OK);
      ++steps;
    }
  });
  for (int round = 0; round < 20; ++round) {
    const int before = steps;
    while (steps == before) std::this_thread::yield();
    EXPECT_EQ(InChild([&] {
                if (own.Step() != OPT_OK) return 1;
                return own.params() == expected ? 0 : 2;
              }),
              0);
  }
  stop = true;
  stepping.join();
}

// A context with memory straight from the system: the allocator of an older
// AddressSanitizer may be locked in a child for ever.
opt_context ContextOfPages() {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  config.allocate = [](void*, int64_t size, int64_t) {
    void* const pages =
        mmap(nullptr, static_cast<size_t>(size), PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return pages == MAP_FAILED ? nullptr : pages;
  };
  config.release = [](void*, void* pages, int64_t size, int64_t) {
    munmap(pages, static_cast<size_t>(size));
  };
  opt_context context = nullptr;
  EXPECT_EQ(opt_context_create(&config, &context), OPT_OK);
  return context;
}

// A context is locked for a moment whenever an optimizer of it is made.
TEST_F(ForkTest, ChildIsBornWhileAThreadUsesTheContextsHandle) {
  const opt_context context = ContextOfPages();
  std::atomic<bool> stop{false};
  std::thread creating([&] {
    while (!stop) {
      opt_optimizer optimizer = nullptr;
      EXPECT_EQ(opt_create(context, OPT_RULE_SGD, &optimizer), OPT_OK);
      EXPECT_EQ(opt_destroy(optimizer), OPT_OK);
    }
  });
  for (int round = 0; round < 300; ++round) {
    EXPECT_EQ(InChild([&] {
                opt_optimizer optimizer = nullptr;
                if (opt_create(context, OPT_RULE_SGD, &optimizer) != OPT_OK) {
                  return 1;
                }
                if (opt_destroy(optimizer) != OPT_OK) return 2;
                return opt_context_destroy(context) == OPT_OK ? 0 : 3;
              }),
              0);
  }
  stop = true;
  creating.join();
  EXPECT_EQ(opt_context_destroy(context), OPT_OK);
}

TEST_F(ForkTest, ChildIsToldThatAnOptimizerWasInUseWhenItWasBorn) {
  HoldingHost host;
  const opt_context_config config = host.Config();
  opt_context context = nullptr;
  ASSERT_EQ(opt_context_create(&config, &context), OPT_OK);
  {
    const Model held(context);
    std::thread stepping([&] { EXPECT_EQ(held.Step(), OPT_OK); });
    host.WaitUntilHeld();
    EXPECT_EQ(InChild([&] {
                if (held.Step() != OPT_ERR_BUSY) return 1;
                if (opt_destroy(held.optimizer()) != OPT_ERR_BUSY) return 2;
                const std::string message = opt_last_error();
                return message.find("forked") != std::string::npos ? 0 : 3;
              }),
              0);
    host.Release();
    stepping.join();
  }
  EXPECT_EQ(opt_context_destroy(context), OPT_OK);
}

}  // namespace
}  // namespace libopt::threads

#endif  // OPT_TESTS_NO_FORK
