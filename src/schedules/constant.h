// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A constant factor for a while, then the base value.

#ifndef OPT_SRC_SCHEDULES_CONSTANT_H_
#define OPT_SRC_SCHEDULES_CONSTANT_H_

#include "src/schedules/kind.h"

namespace libopt {

struct ConstantSchedule {
  enum Option { kFactor = kFirstScheduleOption, kTotalIters };

  static constexpr OptionDescriptor kOptions[] = {
      IntervalOption(),
      FactorOption("factor", 1.0 / 3,
                   "factor of the base value during the first ticks"),
      CountOption("total_iters", 5, 0,
                  "number of ticks for which factor applies"),
  };

  static double Value(const ScheduleInput& in) {
    const double* o = in.options;
    return PhaseProgress(in.tick, o[kTotalIters]) < 1 ? in.base * o[kFactor]
                                                      : in.base;
  }

  static constexpr ScheduleKind kKind = {
      "constant",
      "a constant factor of the base value for some ticks, then the base value",
      "t < total_iters: base * factor\n"
      "then: base",
      "PyTorch",
      "ConstantLR",
      kOptions,
      std::size(kOptions),
      0,
      &Value,
      nullptr,
      nullptr,
  };
};

}  // namespace libopt

#endif  // OPT_SRC_SCHEDULES_CONSTANT_H_
