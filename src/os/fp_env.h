// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#ifndef OPT_SRC_OS_FP_ENV_H_
#define OPT_SRC_OS_FP_ENV_H_

#include <cstdint>

namespace libopt::os {

// While it lives, this thread computes as IEEE-754 has it: rounding to nearest,
// subnormal numbers kept, no traps. Engines and audio hosts run their threads
// otherwise; what was found is put back, exception flags included.
class DefaultFpEnv {
 public:
  DefaultFpEnv();
  ~DefaultFpEnv();
  DefaultFpEnv(const DefaultFpEnv&) = delete;
  DefaultFpEnv& operator=(const DefaultFpEnv&) = delete;

 private:
  uint64_t found_;
};

}  // namespace libopt::os

#endif  // OPT_SRC_OS_FP_ENV_H_
