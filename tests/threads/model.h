// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// An optimizer with one tensor "weight", and a host whose parallel_for holds a
// step until it is released.

#ifndef OPT_TESTS_THREADS_MODEL_H_
#define OPT_TESTS_THREADS_MODEL_H_

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

#include "opt/opt.h"

namespace libopt::threads {

// Enough elements for a step to use threads.
constexpr int64_t kLarge = 100000;

// A context of so many threads, which the test destroys.
opt_context CreateContext(int32_t threads);

// Parameters and gradients that an optimizer of rule adam retains.
class Model {
 public:
  explicit Model(opt_context context, int64_t count = kLarge);
  // Destroys the optimizer, unless Release took it.
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  opt_optimizer optimizer() const { return optimizer_; }
  // Leaves it to the caller to destroy the optimizer.
  opt_optimizer Release();

  opt_status Step() const { return opt_step(optimizer_, nullptr); }
  const std::vector<float>& params() const { return params_; }

 private:
  std::vector<float> params_;
  std::vector<float> grads_;
  opt_optimizer optimizer_ = nullptr;
};

// The parameters of a new Model after so many steps on one thread.
std::vector<float> SerialResult(int steps, int64_t count = kLarge);

// A host in whose parallel_for the first call waits until Release.
class HoldingHost {
 public:
  opt_context_config Config();
  void WaitUntilHeld();
  void Release();

 private:
  static int32_t ParallelFor(void* user, int64_t count,
                             void (*task)(void* data, int64_t i), void* data);

  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  bool released_ = false;
};

}  // namespace libopt::threads

#endif  // OPT_TESTS_THREADS_MODEL_H_
