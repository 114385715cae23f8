// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Counts the elementary operations of searches, so that a test can see that
// their number does not grow with the square of the input. Only a build for
// tests, with OPT_COUNT_WORK, counts; elsewhere OPT_COUNT does nothing.

#ifndef OPT_SRC_BASE_WORK_COUNT_H_
#define OPT_SRC_BASE_WORK_COUNT_H_

#ifdef OPT_COUNT_WORK

#include <atomic>
#include <cstdint>

namespace libopt {

// The number of ranges, entries and probes that were looked at since the
// program began.
inline std::atomic<int64_t> work_count{0};

}  // namespace libopt

#define OPT_COUNT(operations) \
  ::libopt::work_count.fetch_add((operations), std::memory_order_relaxed)

#else

#define OPT_COUNT(operations) static_cast<void>(0)

#endif  // OPT_COUNT_WORK

#endif  // OPT_SRC_BASE_WORK_COUNT_H_
