// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Cosine decays one after another, each longer than the last by a factor.

#ifndef OPT_SRC_SCHEDULES_COSINE_RESTARTS_H_
#define OPT_SRC_SCHEDULES_COSINE_RESTARTS_H_

#include "src/schedules/kind.h"

namespace libopt {

struct CosineRestartsSchedule {
  enum Option { kT0 = kFirstScheduleOption, kTMult, kEtaMin };

  static constexpr OptionDescriptor kOptions[] = {
      IntervalOption(),
      RequiredCountOption("t_0", "length of the first decay in ticks"),
      CountOption("t_mult", 1, 1,
                  "factor by which each decay is longer than the one before"),
      EtaMinOption(),
  };

  static double Value(const ScheduleInput& in) {
    const double* o = in.options;
    auto length = static_cast<int64_t>(o[kT0]);
    const auto factor = static_cast<int64_t>(o[kTMult]);
    int64_t tick = in.tick;
    if (factor == 1) tick %= length;
    while (tick >= length) {
      tick -= length;
      length = length > INT64_MAX / factor ? INT64_MAX : length * factor;
    }
    return Cosine(in.base, o[kEtaMin],
                  PhaseProgress(tick, static_cast<double>(length)));
  }

  static constexpr ScheduleKind kKind = {
      "cosine_restarts",
      "repeated cosine decays from the base value towards eta_min",
      "t_cur = ticks since the last restart\n"
      "t_i = t_0 * t_mult^(number of restarts)\n"
      "eta_min + (base - eta_min) * (1 + cos(pi * t_cur / t_i)) / 2",
      "Loshchilov and Hutter 2017, arXiv:1608.03983",
      "CosineAnnealingWarmRestarts",
      kOptions,
      std::size(kOptions),
      0,
      &Value,
      nullptr,
      nullptr,
  };
};

}  // namespace libopt

#endif  // OPT_SRC_SCHEDULES_COSINE_RESTARTS_H_
