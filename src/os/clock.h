// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#ifndef OPT_SRC_OS_CLOCK_H_
#define OPT_SRC_OS_CLOCK_H_

#include <cstdint>

namespace libopt::os {

// Nanoseconds since some moment in the past; never runs backwards, and is the
// same for all threads. A call takes some tens of nanoseconds.
int64_t Nanoseconds();

}  // namespace libopt::os

#endif  // OPT_SRC_OS_CLOCK_H_
