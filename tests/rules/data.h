// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The input of the numerical tests: option values, and numbers that
// are the same in every language and on every machine: integers are mixed and
// then scaled exactly, by powers of two.

#ifndef OPT_TESTS_RULES_DATA_H_
#define OPT_TESTS_RULES_DATA_H_

#include <cmath>
#include <cstdint>
#include <map>
#include <string>

namespace opt_test {

// Values of a rule's options by name.
using Options = std::map<std::string, double>;

inline uint32_t Mix(uint32_t x) {
  x = (x ^ (x >> 16)) * 0x7feb352du;
  x = (x ^ (x >> 15)) * 0x846ca68bu;
  return x ^ (x >> 16);
}

// 32 random bits: element `index` of `step` of a stream.
inline uint32_t Random(uint32_t stream, uint32_t step, uint32_t index) {
  return Mix(Mix(Mix(stream) + step) + index);
}

// A value of either sign between 2^-7 and 2^7, or, once in 16 times, zero. All
// bits of a double's fraction are random: a float keeps the leading ones.
inline double Varied(uint32_t stream, uint32_t step, uint32_t index) {
  const uint32_t high = Random(stream, step, index);
  const uint32_t low = Mix(high + 1);
  if (low % 16 == 0) return 0;
  const double fraction = 1 + high * 0x1p-32 + (low >> 12) * 0x1p-52;
  const int exponent = static_cast<int>(low / 32 % 14) - 7;
  return std::ldexp(low / 16 % 2 == 0 ? fraction : -fraction, exponent);
}

}  // namespace opt_test

#endif  // OPT_TESTS_RULES_DATA_H_
