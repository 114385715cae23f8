// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// What a checkpoint tells of the average of the parameters: its kind in the
// metadata, its configuration and counter in two tensors.

#ifndef OPT_SRC_STATE_AVERAGE_TABLE_H_
#define OPT_SRC_STATE_AVERAGE_TABLE_H_

#include <cstdint>
#include <string_view>

#include "src/optimizer/averaging.h"
#include "src/state/container/header.h"

namespace libopt {

constexpr std::string_view kAverageName = "__average__";
constexpr std::string_view kAverageDecayName = "__average_decay__";
constexpr const char* kAverageKey = "average";

// The numbers of the two tensors, as they lie in the file.
struct AverageTable {
  // The integers, in the order of the names in FORMAT.md.
  enum { kStart, kPeriod, kFlags, kUpdates, kIntegers };

  int64_t integers[kIntegers] = {};
  double decay = 0;
};

AverageTable TableOf(const Averaging& averaging);

// The kind's name in the metadata, and back: 0 if they name none. Throws
// OPT_ERR_FORMAT if they name another.
const char* AverageKindName(int32_t kind);
int32_t AverageKindOf(const Header& header);

// Throws OPT_ERR_FORMAT unless the two tensors are there, if the metadata name
// a kind, and are of the right shape.
void CheckAverageTable(const Header& header);

// What the numbers, once read, mean; throws OPT_ERR_FORMAT if that cannot be.
Averaging ReadAverageTable(const Header& header, const AverageTable& table);

}  // namespace libopt

#endif  // OPT_SRC_STATE_AVERAGE_TABLE_H_
