// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/clock.h"

#include <ctime>

namespace libopt::os {

int64_t Nanoseconds() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace libopt::os
