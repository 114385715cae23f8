// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Half a period of the cosine; after t_max ticks it rises again, as PyTorch's
// does.

#ifndef OPT_SRC_SCHEDULES_COSINE_H_
#define OPT_SRC_SCHEDULES_COSINE_H_

#include "src/schedules/kind.h"

namespace libopt {

struct CosineSchedule {
  enum Option { kTMax = kFirstScheduleOption, kEtaMin };

  static constexpr OptionDescriptor kOptions[] = {
      IntervalOption(),
      RequiredCountOption("t_max",
                          "number of ticks from the base value to eta_min"),
      EtaMinOption(),
  };

  static double Value(const ScheduleInput& in) {
    const auto t_max = static_cast<int64_t>(in.options[kTMax]);
    const int64_t in_period = in.tick % (2 * t_max);
    const int64_t from_base =
        in_period <= t_max ? in_period : 2 * t_max - in_period;
    return Cosine(in.base, in.options[kEtaMin],
                  PhaseProgress(from_base, in.options[kTMax]));
  }

  static constexpr ScheduleKind kKind = {
      "cosine",
      "a cosine from the base value to eta_min, and back again",
      "eta_min + (base - eta_min) * (1 + cos(pi * t / t_max)) / 2",
      "Loshchilov and Hutter 2017, arXiv:1608.03983",
      "CosineAnnealingLR",
      kOptions,
      std::size(kOptions),
      0,
      &Value,
      nullptr,
      nullptr,
  };
};

}  // namespace libopt

#endif  // OPT_SRC_SCHEDULES_COSINE_H_
