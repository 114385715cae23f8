// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A straight line up, then down with the inverse square root of the tick: the
// schedule of the Transformer, named after Noam Shazeer.

#ifndef OPT_SRC_SCHEDULES_INVERSE_SQRT_H_
#define OPT_SRC_SCHEDULES_INVERSE_SQRT_H_

#include <cmath>

#include "src/schedules/kind.h"

namespace libopt {

struct InverseSqrtSchedule {
  enum Option { kWarmupSteps = kFirstScheduleOption, kDModel };

  static constexpr OptionDescriptor kOptions[] = {
      IntervalOption(),
      CountOption(
          "warmup_steps", 4000, 0,
          "number of ticks until the highest value; 0 means no warm-up"),
      CountOption("d_model", 0, 0,
                  "width of the model, by whose square root the value is "
                  "divided, as in the paper; with 0 the highest value is the "
                  "base value"),
  };

  static double Value(const ScheduleInput& in) {
    const double* o = in.options;
    const double n = static_cast<double>(in.tick) + 1;
    const double w = o[kWarmupSteps] > 1 ? o[kWarmupSteps] : 1;
    const double of_peak = n < w ? n / w : std::sqrt(w / n);
    return o[kDModel] == 0 ? in.base * of_peak
                           : in.base * of_peak / std::sqrt(o[kDModel] * w);
  }

  static constexpr ScheduleKind kKind = {
      "inverse_sqrt",
      "a linear warm-up, then the inverse square root of the tick (Noam)",
      "n = t + 1, w = max(warmup_steps, 1)\n"
      "base * min(n / w, sqrt(w / n))\n"
      "with d_model: base * d_model^-0.5 * min(n^-0.5, n * w^-1.5)",
      "Vaswani et al. 2017, arXiv:1706.03762",
      nullptr,
      kOptions,
      std::size(kOptions),
      0,
      &Value,
      nullptr,
      nullptr,
  };
};

}  // namespace libopt

#endif  // OPT_SRC_SCHEDULES_INVERSE_SQRT_H_
