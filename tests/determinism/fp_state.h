// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The floating-point environment of a thread, as a host may have set it.

#ifndef OPT_TESTS_DETERMINISM_FP_STATE_H_
#define OPT_TESTS_DETERMINISM_FP_STATE_H_

#include <cstdint>
#include <string>
#include <vector>

namespace opt_test {

struct FpState {
  std::string name;
  int rounding;          // FE_TONEAREST, ...
  bool flush_subnormal;  // FTZ and DAZ on x86, FZ on Arm
};

// The unusual ones.
std::vector<FpState> UnusualFpStates();

// Sets the calling thread's environment, and back to the default in the end.
class FpScope {
 public:
  explicit FpScope(const FpState& state);
  ~FpScope();
  FpScope(const FpScope&) = delete;
  FpScope& operator=(const FpScope&) = delete;
};

// The calling thread's control and status bits.
uint64_t FpBits();

}  // namespace opt_test

#endif  // OPT_TESTS_DETERMINISM_FP_STATE_H_
