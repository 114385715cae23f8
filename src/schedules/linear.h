// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A straight line from one factor of the base value to another: the usual
// warm-up in front of another schedule, and the usual decay.

#ifndef OPT_SRC_SCHEDULES_LINEAR_H_
#define OPT_SRC_SCHEDULES_LINEAR_H_

#include "src/schedules/kind.h"

namespace libopt {

struct LinearSchedule {
  enum Option { kStartFactor = kFirstScheduleOption, kEndFactor, kTotalIters };

  static constexpr OptionDescriptor kOptions[] = {
      IntervalOption(),
      FactorOption("start_factor", 1.0 / 3,
                   "factor of the base value at tick 0"),
      FactorOption("end_factor", 1,
                   "factor of the base value at the last tick"),
      CountOption("total_iters", 5, 0,
                  "number of ticks from start_factor to "
                  "end_factor"),
  };

  static double Value(const ScheduleInput& in) {
    const double* o = in.options;
    return in.base * Linear(o[kStartFactor], o[kEndFactor],
                            PhaseProgress(in.tick, o[kTotalIters]));
  }

  static constexpr ScheduleKind kKind = {
      "linear",
      "a straight line from one factor of the base value to another",
      "p = min(t, total_iters) / total_iters\n"
      "base * (start_factor + (end_factor - start_factor) * p)",
      "Goyal et al. 2017, arXiv:1706.02677 (as warm-up)",
      "LinearLR",
      kOptions,
      std::size(kOptions),
      0,
      &Value,
      nullptr,
      nullptr,
  };
};

}  // namespace libopt

#endif  // OPT_SRC_SCHEDULES_LINEAR_H_
