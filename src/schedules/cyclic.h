// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Up and down between the base value and another, again and again.

#ifndef OPT_SRC_SCHEDULES_CYCLIC_H_
#define OPT_SRC_SCHEDULES_CYCLIC_H_

#include "src/schedules/kind.h"

namespace libopt {

struct CyclicSchedule {
  enum Option {
    kPeakValue = kFirstScheduleOption,
    kStepSizeUp,
    kStepSizeDown,
    kMode,
    kGamma
  };

  enum Mode { kTriangular, kTriangular2, kExpRange };

  static constexpr OptionDescriptor kOptions[] = {
      IntervalOption(),
      PositiveOption("peak_value", 0, OPT_OPTION_REQUIRED,
                     "value at the peak: above the base value, or below it for "
                     "momentum"),
      CountOption("step_size_up", 2000, 1,
                  "number of ticks from the base value to the peak"),
      CountOption("step_size_down", 0, 0,
                  "number of ticks from the peak back; 0 means step_size_up"),
      {"mode", nullptr, kTriangular, 0, 2, OPT_OPTION_CHOICE,
       "triangular,triangular2,exp_range",
       "height of the peaks: all the same, each half the one before, or "
       "multiplied by gamma^t"},
      FactorOption("gamma", 1, "factor per tick in mode exp_range"),
  };

  static double Scale(const double* o, int64_t tick, int64_t cycle) {
    if (o[kMode] == kExpRange) return PowerOfStep(o[kGamma], tick);
    return o[kMode] == kTriangular ? 1 : PowerOfStep(0.5, cycle);
  }

  static double Value(const ScheduleInput& in) {
    const double* o = in.options;
    const double down =
        o[kStepSizeDown] == 0 ? o[kStepSizeUp] : o[kStepSizeDown];
    const auto length = static_cast<int64_t>(o[kStepSizeUp] + down);
    const auto in_cycle = static_cast<double>(in.tick % length);
    const double height = in_cycle <= o[kStepSizeUp]
                              ? in_cycle / o[kStepSizeUp]
                              : (static_cast<double>(length) - in_cycle) / down;
    return in.base + (o[kPeakValue] - in.base) * height *
                         Scale(o, in.tick, in.tick / length);
  }

  static constexpr ScheduleKind kKind = {
      "cyclic",
      "up and down between the base value and a peak, again and again",
      "x = height in the cycle, from 0 to 1 and back\n"
      "scale = 1; triangular2: 1 / 2^(number of cycles before); exp_range: "
      "gamma^t\n"
      "base + (peak_value - base) * x * scale",
      "Smith 2017, arXiv:1506.01186",
      "CyclicLR",
      kOptions,
      std::size(kOptions),
      0,
      &Value,
      nullptr,
      nullptr,
  };
};

}  // namespace libopt

#endif  // OPT_SRC_SCHEDULES_CYCLIC_H_
