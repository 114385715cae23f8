// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/clock.h"

#include "src/os/windows/system.h"

namespace libopt::os {

int64_t Nanoseconds() {
  constexpr int64_t kSecond = 1'000'000'000;
  static const int64_t frequency = [] {
    LARGE_INTEGER found = {};
    QueryPerformanceFrequency(&found);
    return found.QuadPart;
  }();
  LARGE_INTEGER ticks = {};
  QueryPerformanceCounter(&ticks);
  // In two terms, since the product of all ticks would overflow within months.
  return ticks.QuadPart / frequency * kSecond +
         ticks.QuadPart % frequency * kSecond / frequency;
}

}  // namespace libopt::os
