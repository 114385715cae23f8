// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A life of an optimizer that touches whatever may allocate, call by call.

#ifndef OPT_TESTS_FAULTS_SCENARIO_H_
#define OPT_TESTS_FAULTS_SCENARIO_H_

#include <cstdint>
#include <vector>

#include "opt/opt.h"

namespace libopt::faults {

class Scenario {
 public:
  struct Call {
    const char* name;
    opt_status (*run)(Scenario* scenario);
  };

  // `callbacks`: the context's memory comes from UseCallbacks.
  explicit Scenario(bool callbacks);

  // The calls in their order. Each may be repeated after it has failed.
  static const std::vector<Call>& Life();

  // All that can be seen of the optimizer, of the schedules and of the caller's
  // memory.
  uint64_t Fingerprint() const;

  // The parameters alone: what the whole life came to.
  const std::vector<float>& params() const { return params_; }

 private:
  friend struct Calls;

  uint64_t ScheduleFingerprint() const;
  float* Param(int tensor);
  float* Grad(int tensor);
  opt_tensor Tensor(int tensor, const char* name);

  bool callbacks_;
  opt_context context_ = nullptr;
  opt_optimizer optimizer_ = nullptr;
  opt_schedule schedule_ = nullptr;
  opt_schedule copy_ = nullptr;
  int32_t group_ = 0;
  int64_t indices_[4] = {-1, -1, -1, -1};
  std::vector<float> params_;
  std::vector<float> grads_;
};

}  // namespace libopt::faults

#endif  // OPT_TESTS_FAULTS_SCENARIO_H_
