// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The parts of a fuzz target.

#ifndef OPT_TESTS_FUZZ_FUZZER_H_
#define OPT_TESTS_FUZZ_FUZZER_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

// Defined by every target; returns 0. What must not happen ends the process.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace opt_test {

inline void Require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

}  // namespace opt_test

#endif  // OPT_TESTS_FUZZ_FUZZER_H_
