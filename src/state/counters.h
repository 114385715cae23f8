// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Checks of what a checkpoint has counted.

#ifndef OPT_SRC_STATE_COUNTERS_H_
#define OPT_SRC_STATE_COUNTERS_H_

#include <cstdint>
#include <string_view>

#include "src/state/container/header.h"

namespace libopt {

// Throws OPT_ERR_FORMAT unless the header has the counters that Contents
// writes.
void CheckCounterTable(const Header& header);

// Throws OPT_ERR_FORMAT if a number at a byte of the file cannot be counted on
// from: it is negative, or beyond kMaxCounter.
void CheckCounter(int64_t number, int64_t byte, std::string_view name);

}  // namespace libopt

#endif  // OPT_SRC_STATE_COUNTERS_H_
