// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A factor at each tick.

#ifndef OPT_SRC_SCHEDULES_EXPONENTIAL_H_
#define OPT_SRC_SCHEDULES_EXPONENTIAL_H_

#include "src/schedules/kind.h"

namespace libopt {

struct ExponentialSchedule {
  enum Option { kGamma = kFirstScheduleOption };

  static constexpr OptionDescriptor kOptions[] = {
      IntervalOption(),
      PositiveOption(
          "gamma", 0, OPT_OPTION_REQUIRED,
          "factor per tick; one above 1 helps to find the largest usable rate"),
  };

  static double Value(const ScheduleInput& in) {
    return in.base * PowerOfStep(in.options[kGamma], in.tick);
  }

  static constexpr ScheduleKind kKind = {
      "exponential",
      "multiplied by a factor at every tick",
      "base * gamma^t",
      "PyTorch",
      "ExponentialLR",
      kOptions,
      std::size(kOptions),
      0,
      &Value,
      nullptr,
      nullptr,
  };
};

}  // namespace libopt

#endif  // OPT_SRC_SCHEDULES_EXPONENTIAL_H_
