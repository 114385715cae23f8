// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A factor every so many ticks.

#ifndef OPT_SRC_SCHEDULES_STEP_H_
#define OPT_SRC_SCHEDULES_STEP_H_

#include "src/schedules/kind.h"

namespace libopt {

struct StepSchedule {
  enum Option { kStepSize = kFirstScheduleOption, kGamma };

  static constexpr OptionDescriptor kOptions[] = {
      IntervalOption(),
      RequiredCountOption("step_size", "number of ticks between two decays"),
      FactorOption("gamma", 0.1, "factor of each decay"),
  };

  static double Value(const ScheduleInput& in) {
    const double* o = in.options;
    const auto decays = in.tick / static_cast<int64_t>(o[kStepSize]);
    return in.base * PowerOfStep(o[kGamma], decays);
  }

  static constexpr ScheduleKind kKind = {
      "step",
      "multiplied by a factor every step_size ticks",
      "base * gamma^floor(t / step_size)",
      "PyTorch",
      "StepLR",
      kOptions,
      std::size(kOptions),
      0,
      &Value,
      nullptr,
      nullptr,
  };
};

}  // namespace libopt

#endif  // OPT_SRC_SCHEDULES_STEP_H_
