// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A factor at each of the milestones.

#ifndef OPT_SRC_SCHEDULES_MULTI_STEP_H_
#define OPT_SRC_SCHEDULES_MULTI_STEP_H_

#include <algorithm>

#include "src/schedules/kind.h"

namespace libopt {

struct MultiStepSchedule {
  enum Option { kGamma = kFirstScheduleOption };

  static constexpr OptionDescriptor kOptions[] = {
      IntervalOption(),
      FactorOption("gamma", 0.1, "factor at each milestone"),
  };

  static double Value(const ScheduleInput& in) {
    const int64_t* end = in.milestones + in.milestone_count;
    const int64_t reached =
        std::upper_bound(in.milestones, end, in.tick) - in.milestones;
    return in.base * PowerOfStep(in.options[kGamma], reached);
  }

  static constexpr ScheduleKind kKind = {
      "multi_step",
      "multiplied by a factor at each milestone",
      "base * gamma^(number of milestones <= t)",
      "PyTorch",
      "MultiStepLR",
      kOptions,
      std::size(kOptions),
      OPT_SCHEDULE_HAS_MILESTONES,
      &Value,
      nullptr,
      nullptr,
  };
};

}  // namespace libopt

#endif  // OPT_SRC_SCHEDULES_MULTI_STEP_H_
