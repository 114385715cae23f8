// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Contexts: memory, threads, SIMD target and log. Include <opt/opt.hpp>.
#ifndef OPT_HPP_CONTEXT_HPP_
#define OPT_HPP_CONTEXT_HPP_

#include <cstddef>
#include <functional>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <utility>

#include "opt/hpp/error.hpp"
#include "opt/opt.h"

// Runs what a callback does; nothing that it throws reaches the library.
#ifdef OPT_NO_EXCEPTIONS
#define OPT_HPP_TRY(body) body
#define OPT_HPP_CATCH(handler)
#else
#define OPT_HPP_TRY(body) try body
#define OPT_HPP_CATCH(handler) catch (...) handler
#endif

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

// How a context is set up. What is not set is the default: one thread, malloc,
// no log, the best SIMD target.
class ContextConfig {
 public:
  // Calls task(i) once for each i in [0, count) and returns when all calls
  // have; on any threads, in any order. If it throws, the calling thread makes
  // the calls that are missing.
  using ParallelFor = std::function<void(int64_t count, const Task& task)>;
  // Told a line of text; level is OPT_LOG_*. What it throws is passed over.
  using Log = std::function<void(int32_t level, std::string_view message)>;

  // Threads that may compute, or OPT_ALL_CORES.
  ContextConfig& Threads(int32_t threads) {
    threads_ = threads;
    return *this;
  }
  // Must outlive the context and its optimizers, and be safe for the threads
  // that call them.
  ContextConfig& Memory(std::pmr::memory_resource* memory) {
    memory_ = memory;
    return *this;
  }
  ContextConfig& OnLog(Log log) {
    log_ = std::move(log);
    return *this;
  }
  // The host's job system.
  ContextConfig& Jobs(ParallelFor parallel_for) {
    parallel_for_ = std::move(parallel_for);
    return *this;
  }
  // As Targets() lists them.
  ContextConfig& Target(std::string target) {
    target_ = std::move(target);
    return *this;
  }

 private:
  friend class Context;
  int32_t threads_ = 0;
  std::pmr::memory_resource* memory_ = nullptr;
  Log log_;
  ParallelFor parallel_for_;
  std::string target_;
};

// A context, or the default one. Copies share it; optimizers keep it alive.
class Context {
 public:
  // The default context.
  Context() = default;

  static Returned<Context> Create(ContextConfig config) {
    Context made;
    const opt_status status = made.Make(std::move(config));
    return internal::Finish(status, std::move(made));
  }

#ifndef OPT_NO_EXCEPTIONS
  explicit Context(ContextConfig config) {
    internal::Finish(Make(std::move(config)));
  }
#endif

  // Threads and SIMD target that it has come to.
  Returned<opt_context_info> Info() const {
    opt_context_info info = OPT_CONTEXT_INFO_INIT;
    const opt_status status = opt_context_get_info(handle(), &info);
    return internal::Finish(status, info);
  }

  // For calls of opt.h; it stays this object's.
  opt_context handle() const { return state_ ? state_->handle : nullptr; }

 private:
  struct State {
    explicit State(ContextConfig c) : config(std::move(c)) {}
    ~State() { opt_context_destroy(handle); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    ContextConfig config;
    opt_context handle = nullptr;
  };

  opt_status Make(ContextConfig config) {
    state_ = std::make_shared<State>(std::move(config));
    const ContextConfig& mine = state_->config;
    opt_context_config c = OPT_CONTEXT_CONFIG_INIT;
    c.threads = mine.threads_;
    c.user = state_.get();
    if (mine.memory_ != nullptr) {
      c.allocate = Allocate;
      c.release = Release;
    }
    if (mine.log_) c.log = WriteLog;
    if (mine.parallel_for_) c.parallel_for = RunJobs;
    if (!mine.target_.empty()) c.target = mine.target_.c_str();
    return opt_context_create(&c, &state_->handle);
  }

  static const ContextConfig& Config(void* user) {
    return static_cast<State*>(user)->config;
  }
  static void* Allocate(void* user, int64_t size, int64_t alignment) {
    OPT_HPP_TRY({
      return Config(user).memory_->allocate(static_cast<size_t>(size),
                                            static_cast<size_t>(alignment));
    })
    OPT_HPP_CATCH({ return nullptr; })
  }
  static void Release(void* user, void* memory, int64_t size,
                      int64_t alignment) {
    Config(user).memory_->deallocate(memory, static_cast<size_t>(size),
                                     static_cast<size_t>(alignment));
  }
  static void WriteLog(void* user, int32_t level, const char* message) {
    OPT_HPP_TRY({ Config(user).log_(level, message); })
    OPT_HPP_CATCH({})
  }
  static int32_t RunJobs(void* user, int64_t count,
                         void (*task)(void*, int64_t), void* data){OPT_HPP_TRY({
    Config(user).parallel_for_(count, Task(task, data));
    return 0;
  }) OPT_HPP_CATCH({ return 1; })}

  std::shared_ptr<State> state_;
};

// Joins the threads of the default context; see opt_shutdown.
inline Returned<void> Shutdown() { return internal::Finish(opt_shutdown()); }

}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_CONTEXT_HPP_
