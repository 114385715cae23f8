// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/parallel/context.h"

#include <cstdlib>
#include <string_view>

#include "src/base/error.h"
#include "src/kernel/kernels.h"
#include "src/os/cpu.h"
#include "src/os/thread.h"

namespace libopt {
namespace {

constexpr int32_t kMaxThreads = 1024;
constexpr int32_t kMaxSpin = 1'000'000;  // microseconds
constexpr const char* kTargetVariable = "LIBOPT_TARGET";

std::atomic<Context*> g_default;
// The process that makes the default context. There is no mutex, since a fork
// could leave it locked. If a process forks while it is making the context, the
// child makes it again.
std::atomic<int64_t> g_default_maker;

int ChooseThreads(int32_t threads) {
  if (threads == OPT_ALL_CORES) {
    const int cpus = os::CpuCount();
    return cpus < kMaxThreads ? cpus : kMaxThreads;
  }
  if (threads < 0 || threads > kMaxThreads) {
    Fail(OPT_ERR_VALUE, "opt_context_config.threads is ", threads,
         ": use 0 to ", kMaxThreads, ", or OPT_ALL_CORES");
  }
  return threads > 1 ? threads : 1;
}

void CheckWaiting(const opt_context_config& config) {
  const int32_t spin = config.spin_microseconds;
  if (spin < 0 || spin > kMaxSpin) {
    Fail(OPT_ERR_VALUE, "opt_context_config.spin_microseconds is ", spin,
         ": use 0 to ", kMaxSpin);
  }
  if (config.reserved != 0) {
    Fail(OPT_ERR_ARGUMENT, "opt_context_config.reserved must be 0");
  }
}

Text SupportedTargets() {
  Text names;
  for (int i = 0; i < TargetCount(); ++i) {
    if (TargetSupported(i)) {
      if (!names.view().empty()) names.Append(", ");
      names.Append(TargetName(i));
    }
  }
  return names;
}

int ChooseTarget(const char* name) {
  const char* from = "opt_context_config.target";
  if (name == nullptr) {
    name = std::getenv(kTargetVariable);
    from = "environment variable LIBOPT_TARGET";
    if (name == nullptr || *name == '\0') return BestTarget();
  }
  for (int i = 0; i < TargetCount(); ++i) {
    if (std::string_view(name) == TargetName(i) && TargetSupported(i)) return i;
  }
  Fail(OPT_ERR_NAME, from, ": '", name,
       "' is not a SIMD target of this build and CPU: use one of ",
       SupportedTargets());
}

}  // namespace

Context::Context(const opt_context_config& config, int target)
    : config_(config),
      memory_({config.user, config.allocate, config.release}),
      threads_(ChooseThreads(config.threads)),
      target_(target),
      pool_(config.parallel_for == nullptr ? threads_ : 1,
            int64_t{config.spin_microseconds} * 1000, &memory_) {}

Context* Context::Create(const opt_context_config& config) {
  if ((config.allocate == nullptr) != (config.release == nullptr)) {
    Fail(OPT_ERR_ARGUMENT, "opt_context_config.",
         config.allocate == nullptr ? "allocate" : "release",
         " is NULL but its counterpart is not: set both or neither");
  }
  CheckWaiting(config);
  const int target = ChooseTarget(config.target);
  // The context's own memory comes from a resource that is not a part of it.
  AllocatorResource memory({config.user, config.allocate, config.release});
  auto* context = New<Context>(&memory, config, target);
  context->Log(OPT_LOG_INFO, Text("SIMD target ", TargetName(target),
                                  ", up to ", context->threads_, " threads"));
  return context;
}

Context* Context::Default() {
  // It lies in static storage and is never destroyed, so that there is nothing
  // to free when the library is unloaded.
  alignas(Context) static char place[sizeof(Context)];
  Context* made = g_default.load(std::memory_order_acquire);
  const int64_t process = made == nullptr ? os::ProcessId() : 0;
  for (; made == nullptr; made = g_default.load(std::memory_order_acquire)) {
    int64_t maker = g_default_maker.load(std::memory_order_relaxed);
    if (maker == process ||
        !g_default_maker.compare_exchange_strong(maker, process)) {
      os::Pause();
      continue;
    }
    try {
      g_default.store(
          new (place) Context(OPT_CONTEXT_CONFIG_INIT, ChooseTarget(nullptr)),
          std::memory_order_release);
    } catch (...) {
      g_default_maker.store(0);
      throw;
    }
  }
  return made;
}

void Context::StopDefaultThreads() {
  Context* made = g_default.load(std::memory_order_acquire);
  if (made != nullptr) made->StopThreads();
}

void Context::Unref() {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  StopThreads();
  AllocatorResource memory(memory_.allocator());
  Delete(&memory, this);
}

void Context::StopThreads() {
  const int joined = pool_.Stop();
  if (joined > 0) Log(OPT_LOG_INFO, Text(joined, " worker threads joined"));
}

void Context::Log(int32_t level, const Text& message) const noexcept {
  if (config_.log == nullptr) return;
  try {
    config_.log(config_.user, level, message.c_str());
  } catch (...) {
    // A log that fails must not undo work that is done.
  }
}

void Context::Run(Pool::Turn* turn, ParallelLoop* loop, int helpers) {
  const Pool::Result result = turn->Run(loop, helpers);
  if (result.started > 0) {
    Log(OPT_LOG_INFO, Text(result.started, " worker threads started"));
    told_missing_ = 0;
  }
  if (result.missing > 0 && told_missing_.exchange(1) == 0) {
    Log(OPT_LOG_WARNING, Text(result.missing, " of ", threads_ - 1,
                              " worker threads could not be started; the step "
                              "ran on the others"));
  }
}

void Context::RunOnHost(ParallelLoop* loop) {
  constexpr int32_t kThrew = -1;
  int32_t result = kThrew;
  try {
    result = config_.parallel_for(
        config_.user, loop->parts(),
        [](void* data, int64_t i) {
          auto* running = static_cast<ParallelLoop*>(data);
          if (i >= 0 && i < running->parts()) running->RunOne(i);
        },
        loop);
  } catch (...) {
    // This is handled like any other failure: the loop has begun, and it is
    // finished below.
  }
  const int64_t done = loop->done();
  loop->RunRest(0);
  loop->Wait();
  if (result != 0 || done != loop->parts()) {
    Log(OPT_LOG_WARNING,
        Text("parallel_for returned ", result, " after ", done, " of ",
             loop->parts(), " calls; the calling thread made the others"));
  }
}

}  // namespace libopt
