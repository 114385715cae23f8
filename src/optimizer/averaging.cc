// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/averaging.h"

#include <algorithm>

#include "src/base/error.h"
#include "src/optimizer/tensor.h"

namespace libopt {
namespace {

void CheckSteps(const char* field, int64_t steps) {
  if (steps < 0 || steps > kMaxCounter) {
    Fail(OPT_ERR_ARGUMENT, "opt_average_config.", field, " is ", steps,
         ": it must be a number of steps, 0 to ", kMaxCounter);
  }
}

}  // namespace

void CheckAveraging(const Averaging& averaging) {
  if (averaging.kind != OPT_AVERAGE_EMA && averaging.kind != OPT_AVERAGE_SWA) {
    Fail(OPT_ERR_ARGUMENT, "opt_average_config.kind is ", averaging.kind,
         ": use OPT_AVERAGE_EMA or OPT_AVERAGE_SWA");
  }
  if ((averaging.flags & ~uint32_t{OPT_AVERAGE_WARMUP}) != 0 ||
      (averaging.flags != 0 && averaging.kind == OPT_AVERAGE_SWA)) {
    Fail(OPT_ERR_ARGUMENT, "opt_average_config.flags is ", averaging.flags,
         ": use 0, or OPT_AVERAGE_WARMUP with OPT_AVERAGE_EMA");
  }
  if (!(averaging.decay >= 0 && averaging.decay <= 1)) {
    Fail(OPT_ERR_VALUE, "opt_average_config.decay cannot be ", averaging.decay,
         ": it must be in [0, 1]");
  }
  CheckSteps("start", averaging.start);
  CheckSteps("period", averaging.period);
}

Average WeightsOf(const Averaging& averaging, int64_t updates) {
  if (updates == 0) return kCopy;
  const auto n = static_cast<double>(updates);
  if (averaging.kind == OPT_AVERAGE_SWA) return {1 / (n + 1), 1};
  const bool warmup = (averaging.flags & OPT_AVERAGE_WARMUP) != 0;
  return AverageOf(warmup ? std::min(averaging.decay, (1 + n) / (10 + n))
                          : averaging.decay);
}

}  // namespace libopt
