// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A context: the source of memory, threads and SIMD instructions for
// optimizers. It lives as long as its handle or any object that was made with
// it.

#ifndef OPT_SRC_PARALLEL_CONTEXT_H_
#define OPT_SRC_PARALLEL_CONTEXT_H_

#include <atomic>
#include <cstdint>

#include "opt/opt_context.h"
#include "src/base/memory.h"
#include "src/base/pmr.h"
#include "src/base/text.h"
#include "src/parallel/parallel_loop.h"
#include "src/parallel/pool.h"

namespace libopt {

class Context {
 public:
  // Checks the configuration; throws Error.
  static Context* Create(const opt_context_config& config);

  // The context that NULL stands for, made at its first use.
  static Context* Default();

  // Joins the worker threads of the default context, if it has been made. They
  // start again when they are needed.
  static void StopDefaultThreads();

  void Ref() { references_.fetch_add(1, std::memory_order_relaxed); }
  // Destroys the context with its last reference.
  void Unref();

  pmr::MemoryResource* memory() { return &memory_; }
  int target() const { return target_; }
  int threads() const { return threads_; }
  // Whether other threads can help the calling thread to run a loop.
  bool parallel() const { return threads_ > 1 || has_host(); }

  // Microseconds that a worker spins, as the host chose them; 0: the library
  // chooses.
  int32_t spin_microseconds() const { return config_.spin_microseconds; }
  // Whether the host runs loops, by its parallel_for, and not the pool.
  bool has_host() const { return config_.parallel_for != nullptr; }
  Pool* pool() { return &pool_; }

  // Runs the whole loop on the calling thread and on so many workers of the
  // pool, whose turn this is.
  void Run(Pool::Turn* turn, ParallelLoop* loop, int helpers);
  // Has the host run the whole loop.
  void RunOnHost(ParallelLoop* loop);

 private:
  template <typename T, typename... Args>
  friend T* New(pmr::MemoryResource* memory, Args&&... args);
  template <typename T>
  friend void Delete(pmr::MemoryResource* memory, T* object);

  Context(const opt_context_config& config, int target);
  ~Context() = default;

  void StopThreads();
  void Log(int32_t level, const Text& message) const noexcept;

  opt_context_config config_;
  AllocatorResource memory_;
  const int threads_;
  const int target_;
  Pool pool_;
  // The log tells once that workers are missing, until some have started. A
  // word: RISC-V swaps no bytes.
  std::atomic<uint32_t> told_missing_{0};
  std::atomic<int64_t> references_{1};
};

}  // namespace libopt

#endif  // OPT_SRC_PARALLEL_CONTEXT_H_
