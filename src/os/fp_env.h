// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#ifndef OPT_SRC_OS_FP_ENV_H_
#define OPT_SRC_OS_FP_ENV_H_

#include <cstdint>

namespace libopt::os {

// While an object lives, its thread computes as IEEE-754 prescribes: it rounds
// to nearest, keeps subnormal numbers and does not trap. Game engines and audio
// hosts run their threads differently, and find everything as it was. For other
// hosts, exception flags may be raised afterwards, as by any arithmetic:
// writing the register would be a tenth of a call on a small tensor.
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
