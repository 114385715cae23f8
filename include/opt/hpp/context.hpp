// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Contexts: memory, threads, SIMD target and log. Include <opt/opt.hpp>.
#ifndef OPT_HPP_CONTEXT_HPP_
#define OPT_HPP_CONTEXT_HPP_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "opt/hpp/error.hpp"
#include "opt/opt.h"

namespace opt {
inline namespace OPT_HPP_NAMESPACE {

// One part of a step, to be called once for each index of a parallel loop.
class Task {
 public:
  Task(void (*function)(void*, int64_t), void* data)
      : function_(function), data_(data) {}
  void operator()(int64_t i) const { function_(data_, i); }

 private:
  void (*function_)(void*, int64_t);
  void* data_;
};

// How a context is set up: one thread, malloc, no log and the best SIMD target
// unless told otherwise.
class ContextOptions {
 public:
  // Calls task(i) once for each i in [0, count) and returns when all calls
  // have; on any threads, in any order. If it throws, the calling thread makes
  // the calls that are missing.
  using ParallelForFunction =
      std::function<void(int64_t count, const Task& task)>;
  // Takes a line of text; level is OPT_LOG_*. An exception that it throws is
  // passed over.
  using LogFunction =
      std::function<void(int32_t level, std::string_view message)>;

  // Threads that may compute, or OPT_ALL_CORES.
  ContextOptions& Threads(int32_t threads) {
    threads_ = threads;
    return *this;
  }
  // How long each worker thread spins, waiting for more work, before it sleeps:
  // 0 for a short time, up to 1,000,000. It makes short steps faster if little
  // happens between them.
  ContextOptions& SpinMicroseconds(int32_t spin_microseconds) {
    spin_microseconds_ = spin_microseconds;
    return *this;
  }
  // A std::pmr::memory_resource, or what has its allocate and deallocate. It
  // must outlive the context and its optimizers, and be safe for the threads
  // that call them.
  template <typename Resource>
  ContextOptions& Memory(Resource* memory) {
    memory_ = memory;
    allocate_ = [](void* resource, size_t size, size_t alignment) -> void* {
      return static_cast<Resource*>(resource)->allocate(size, alignment);
    };
    deallocate_ = [](void* resource, void* block, size_t size,
                     size_t alignment) {
      static_cast<Resource*>(resource)->deallocate(block, size, alignment);
    };
    return *this;
  }
  ContextOptions& Log(LogFunction log) {
    log_ = std::move(log);
    return *this;
  }
  // The host's job system.
  ContextOptions& ParallelFor(ParallelForFunction parallel_for) {
    parallel_for_ = std::move(parallel_for);
    return *this;
  }
  // As Targets() lists them.
  ContextOptions& Target(std::string target) {
    target_ = std::move(target);
    return *this;
  }

 private:
  friend class Context;
  int32_t threads_ = 0;
  int32_t spin_microseconds_ = 0;
  void* memory_ = nullptr;
  void* (*allocate_)(void* resource, size_t size, size_t alignment) = nullptr;
  void (*deallocate_)(void* resource, void* block, size_t size,
                      size_t alignment) = nullptr;
  LogFunction log_;
  ParallelForFunction parallel_for_;
  std::string target_;
};

// A context, described.
using ContextInfo = opt_context_info;

// A context, or the default one. Copies share it; optimizers keep it alive.
class Context {
 public:
  // The default context.
  Context() = default;

  static Returned<Context> Create(ContextOptions options) {
    Context made;
    const opt_status status = made.Make(std::move(options));
    return internal::Finish(status, std::move(made));
  }

#ifndef OPT_NO_EXCEPTIONS
  explicit Context(ContextOptions options) {
    internal::Finish(Make(std::move(options)));
  }
#endif

  // Its threads, how they wait, and its SIMD target.
  Returned<ContextInfo> Info() const {
    ContextInfo info = OPT_CONTEXT_INFO_INIT;
    const opt_status status = opt_context_get_info(handle(), &info);
    return internal::Finish(status, info);
  }

  // For calls of opt.h; it stays this object's.
  opt_context handle() const { return state_ ? state_->handle : nullptr; }

 private:
  struct State {
    explicit State(ContextOptions o) : options(std::move(o)) {}
    ~State() { opt_context_destroy(handle); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    ContextOptions options;
    opt_context handle = nullptr;
  };

  opt_status Make(ContextOptions options) {
    state_ = std::make_shared<State>(std::move(options));
    const ContextOptions& kept = state_->options;
    opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
    config.threads = kept.threads_;
    config.spin_microseconds = kept.spin_microseconds_;
    config.user = state_.get();
    if (kept.memory_ != nullptr) {
      config.allocate = Allocate;
      config.release = Release;
    }
    if (kept.log_) config.log = WriteLog;
    if (kept.parallel_for_) config.parallel_for = RunParallelFor;
    if (!kept.target_.empty()) config.target = kept.target_.c_str();
    return opt_context_create(&config, &state_->handle);
  }

  static const ContextOptions& Options(void* user) {
    return static_cast<State*>(user)->options;
  }
  static void* Allocate(void* user, int64_t size, int64_t alignment) {
    const auto allocate = [&] {
      const ContextOptions& options = Options(user);
      return options.allocate_(options.memory_, static_cast<size_t>(size),
                               static_cast<size_t>(alignment));
    };
    return internal::Callback(allocate).Call(static_cast<void*>(nullptr));
  }
  static void Release(void* user, void* memory, int64_t size,
                      int64_t alignment) {
    const ContextOptions& options = Options(user);
    options.deallocate_(options.memory_, memory, static_cast<size_t>(size),
                        static_cast<size_t>(alignment));
  }
  static void WriteLog(void* user, int32_t level, const char* message) {
    const auto log = [&] {
      Options(user).log_(level, message);
      return true;
    };
    internal::Callback(log).Call(false);
  }
  static int32_t RunParallelFor(void* user, int64_t count,
                                void (*task)(void*, int64_t), void* data) {
    const auto run = [&] {
      Options(user).parallel_for_(count, Task(task, data));
      return 0;
    };
    return internal::Callback(run).Call(1);
  }

  std::shared_ptr<State> state_;
};

// Joins the threads of the default context; see opt_shutdown.
inline Returned<void> Shutdown() { return internal::Finish(opt_shutdown()); }

}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_CONTEXT_HPP_
