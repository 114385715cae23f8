/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Random numbers that are the same on every machine: SplitMix64 (Steele, Lea
 * and Flood, 2014).
 */
#ifndef OPT_EXAMPLES_TRAIN_RANDOM_H_
#define OPT_EXAMPLES_TRAIN_RANDOM_H_

#include <stdint.h>

static inline uint64_t random_next(uint64_t* state) {
  uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

/* Uniform in [-bound, bound). */
static inline double random_uniform(uint64_t* state, double bound) {
  return bound * ((double)(random_next(state) >> 11) * 0x1p-52 - 1.0);
}

/* Shuffles 0 .. count - 1 in place (Fisher and Yates). */
static inline void random_shuffle(uint64_t* state, int32_t* order,
                                  int64_t count) {
  for (int64_t i = count - 1; i > 0; --i) {
    const int64_t j = (int64_t)(random_next(state) % (uint64_t)(i + 1));
    const int32_t other = order[j];
    order[j] = order[i];
    order[i] = other;
  }
}

#endif /* OPT_EXAMPLES_TRAIN_RANDOM_H_ */
