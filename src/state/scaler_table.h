// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The loss scaler and the count of skipped steps in a checkpoint. Each is there
// only if there is something to tell.

#ifndef OPT_SRC_STATE_SCALER_TABLE_H_
#define OPT_SRC_STATE_SCALER_TABLE_H_

#include <cstdint>
#include <string_view>

#include "src/optimizer/optimizer.h"
#include "src/state/container/header.h"

namespace libopt {

constexpr std::string_view kScalerName = "__scaler__";
constexpr std::string_view kScalerCountersName = "__scaler_counters__";
constexpr std::string_view kSkippedName = "__skipped__";

constexpr int64_t kScalerColumns = 3;

// The elements of the three, in their order.
struct ScalerTable {
  double numbers[kScalerColumns] = {};  // scale, growth, backoff factor
  int64_t counters[kScalerColumns] =
      {};  // growth interval, good steps, skipped
  int64_t skipped = 0;
};

ScalerTable ScalerTableOf(const Optimizer& optimizer);

// Throws OPT_ERR_FORMAT if one of the three has another dtype or shape, or one
// of the scaler's two is missing.
void CheckScalerTable(const Header& header);

// Takes what was read over; without a scaler in the checkpoint the optimizer
// keeps its own. Throws OPT_ERR_FORMAT if a value is out of its range.
void ReadScalerTable(const Header& header, const ScalerTable& table,
                     Optimizer::Restored* restored);

}  // namespace libopt

#endif  // OPT_SRC_STATE_SCALER_TABLE_H_
