/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#ifndef OPT_EXAMPLES_TRAIN_CLOCK_H_
#define OPT_EXAMPLES_TRAIN_CLOCK_H_

#include <time.h>

/* Seconds since some moment in the past; never goes back. */
static inline double clock_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

#endif /* OPT_EXAMPLES_TRAIN_CLOCK_H_ */
