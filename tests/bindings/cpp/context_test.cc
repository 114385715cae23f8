// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Contexts, threads, and what the library tells about itself.

#include <algorithm>
#include <atomic>
#include <memory_resource>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "tests/bindings/cpp/failure.h"

namespace opt_test {
namespace {

class CountedMemory : public std::pmr::memory_resource {
 public:
  int64_t live = 0;
  bool exhausted = false;

 private:
  void* do_allocate(size_t size, size_t alignment) override {
    if (exhausted) throw std::bad_alloc();
    ++live;
    return std::pmr::new_delete_resource()->allocate(size, alignment);
  }
  void do_deallocate(void* memory, size_t size, size_t alignment) override {
    --live;
    std::pmr::new_delete_resource()->deallocate(memory, size, alignment);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override {
    return this == &other;
  }
};

// Enough elements for several threads.
struct Model {
  std::vector<float> param = std::vector<float>(1 << 17);
  std::vector<float> grad = std::vector<float>(1 << 17, 1.0F);
  opt::TensorSpec tensor() { return {"w", param, grad}; }
};

TEST(Context, TakesMemoryFromTheHost) {
  CountedMemory memory;
  {
    opt::Optimizer optimizer(
        "adam", opt::Context(opt::ContextOptions().Memory(&memory)));
    Model model;
    optimizer.Attach(model.tensor());
    EXPECT_GT(memory.live, 0);
    memory.exhausted = true;
    ExpectError(OPT_ERR_MEMORY, "memory", [&] { optimizer.Accumulate(); });
    memory.exhausted = false;
  }
  EXPECT_EQ(memory.live, 0);
}

TEST(Context, IsThatOfACloneTooUnlessItIsGivenAnother) {
  CountedMemory first, second;
  {
    Model model;
    opt::Optimizer optimizer(
        "adam", opt::Context(opt::ContextOptions().Memory(&first)));
    optimizer.Attach(model.tensor());
    const int64_t of_one = first.live;
    opt::Optimizer same = optimizer.Clone();
    EXPECT_GT(first.live, of_one);
    const int64_t of_two = first.live;
    opt::Optimizer other =
        optimizer.Clone(opt::Context(opt::ContextOptions().Memory(&second)));
    EXPECT_EQ(first.live, of_two);
    EXPECT_GT(second.live, 0);
    optimizer.Close();
    same.Bind(0, model.param, model.grad);
    same.Step();
    EXPECT_EQ(same.Info().steps, 1);
  }
  EXPECT_EQ(first.live, 0);
  EXPECT_EQ(second.live, 0);
}

TEST(Context, KeepsHowLongItsThreadsWaitActively) {
  const opt::Context context(
      opt::ContextOptions().Threads(2).SpinMicroseconds(200));
  EXPECT_EQ(context.Info().spin_microseconds, 200);
  EXPECT_EQ(opt::Context().Info().spin_microseconds, 0);
  EXPECT_THROW(opt::Context(opt::ContextOptions().SpinMicroseconds(-1)),
               opt::Error);
}

TEST(Context, RunsAStepOnTheHostsJobs) {
  std::atomic<int64_t> parts{0};
  Model model, alone;
  const opt::Context context(opt::ContextOptions().Threads(4).ParallelFor(
      [&](int64_t count, const opt::Task& task) {
        for (int64_t i = 0; i < count; ++i) task(i);
        parts += count;
      }));
  EXPECT_EQ(context.Info().threads, 4);
  opt::Optimizer optimizer("adam", context);
  optimizer.Attach(model.tensor());
  optimizer.Step();
  EXPECT_GE(parts, 4);
  opt::Optimizer serial("adam");
  serial.Attach(alone.tensor());
  serial.Step();
  EXPECT_EQ(model.param, alone.param);
}

TEST(Context, OutlivesWhoMadeItAndSurvivesCallbacksThatThrow) {
  Model model;
  std::vector<std::string> log;
  opt::Optimizer optimizer(
      "sgd",
      opt::Context(opt::ContextOptions()
                       .Threads(2)
                       .ParallelFor([](int64_t, const opt::Task&) { throw 1; })
                       .Log([&](int32_t, std::string_view message) {
                         log.emplace_back(message);
                         throw 2;
                       })));
  optimizer.Attach(model.tensor());
  optimizer.Step();
  EXPECT_EQ(model.param.back(), -0.001F);
  const auto failed = [](const std::string& line) {
    return line.find("parallel_for returned 1") != std::string::npos;
  };
  EXPECT_TRUE(std::any_of(log.begin(), log.end(), failed));
}

TEST(Context, RefusesWhatThisCpuLacks) {
  ExpectError(OPT_ERR_NAME, "MMX",
              [] { opt::Context(opt::ContextOptions().Target("MMX")); });
}

// Holds a step in its job system until it is told to go on.
struct HeldStep {
  std::atomic<bool> running{false};
  std::atomic<bool> go_on{false};
  opt::Context context{opt::ContextOptions().Threads(2).ParallelFor(
      [this](int64_t count, const opt::Task& task) {
        running = true;
        while (!go_on) std::this_thread::yield();
        for (int64_t i = 0; i < count; ++i) task(i);
      })};
  void AwaitStart() const {
    while (!running) std::this_thread::yield();
  }
};

TEST(Threads, AnOverlappingCallIsBusyAndCloseWaits) {
  HeldStep held;
  Model model;
  opt::Optimizer optimizer(opt::Sgd().lr(1), held.context);
  optimizer.Attach(model.tensor());
  opt::Lent buffers = optimizer.Lend();
  buffers.Set(0, model.param, model.grad);
  std::thread stepping([&] { optimizer.Step(buffers); });
  held.AwaitStart();
  ExpectError(OPT_ERR_BUSY, "", [&] { optimizer.Step(); });
  // Before C is asked: what opt.hpp keeps of the tensors is in use as well.
  const char* own = "not from a callback of a call with it";
  ExpectError(OPT_ERR_BUSY, own, [&] { optimizer.Step(buffers); });
  ExpectError(OPT_ERR_BUSY, own,
              [&] { optimizer.Attach(opt::TensorSpec::Lent<float>("v", 1)); });
  std::atomic<bool> closed{false};
  std::thread closing([&] {
    optimizer.Close();
    closed = true;
  });
  EXPECT_FALSE(closed);
  held.go_on = true;
  closing.join();
  EXPECT_EQ(model.param.back(), -1);
  stepping.join();
  ExpectError(OPT_ERR_HANDLE, "", [&] { optimizer.Step(); });
}

TEST(Threads, CloseInACallbackOfACallIsBusy) {
  Model model;
  opt::Optimizer* stepping = nullptr;
  const opt::Context context(opt::ContextOptions().Threads(2).ParallelFor(
      [&](int64_t count, const opt::Task& task) {
        ExpectError(OPT_ERR_BUSY, "", [&] { stepping->Close(); });
        for (int64_t i = 0; i < count; ++i) task(i);
      }));
  opt::Optimizer optimizer(opt::Sgd().lr(1), context);
  stepping = &optimizer;
  optimizer.Attach(model.tensor());
  optimizer.Step();
  EXPECT_EQ(model.param.back(), -1);
}

TEST(Describe, ListsWhatTheLibraryHas) {
  bool found = false;
  for (const opt::Rule& rule : opt::Rules()) {
    found = found || rule.name == std::string("adamw");
    EXPECT_EQ(opt::OptionsOf(rule.name).size(),
              static_cast<size_t>(rule.option_count));
    EXPECT_EQ(opt::SlotsOf(rule.name).size(),
              static_cast<size_t>(rule.slot_count));
    EXPECT_STREQ(opt::PresetsOf(rule.name)[0].name, OPT_PRESET_TEXTBOOK);
  }
  EXPECT_TRUE(found);
  EXPECT_EQ(opt::FindRule("momentum").name, std::string("sgd"));
  EXPECT_FALSE(opt::Aliases().empty());
  EXPECT_FALSE(opt::Targets().empty());
  EXPECT_EQ(opt::PresetValue("adagrad", "pytorch", "eps"), 1e-10);
  EXPECT_STREQ(opt::StatusName(OPT_ERR_BUSY), "OPT_ERR_BUSY");
  EXPECT_NE(std::string(opt::BuildInfo()).find(opt::Version()),
            std::string::npos);
  EXPECT_NE(std::string(opt::Catalog()).find(opt::Version()),
            std::string::npos);
  EXPECT_EQ(opt::VersionNumber(), OPT_VERSION_NUMBER);
  ExpectError(OPT_ERR_NAME, "'adm'", [] { opt::OptionsOf("adm"); });
}

}  // namespace
}  // namespace opt_test
