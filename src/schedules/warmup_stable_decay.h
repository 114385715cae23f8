// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Up, level, and down: the length of the level part can be chosen late.

#ifndef OPT_SRC_SCHEDULES_WARMUP_STABLE_DECAY_H_
#define OPT_SRC_SCHEDULES_WARMUP_STABLE_DECAY_H_

#include <cmath>

#include "src/schedules/kind.h"

namespace libopt {

struct WarmupStableDecaySchedule {
  enum Option {
    kWarmupSteps = kFirstScheduleOption,
    kStableSteps,
    kDecaySteps,
    kStartFactor,
    kEndFactor,
    kDecay
  };

  enum Decay { kLine, kCos, kRoot };

  static constexpr OptionDescriptor kOptions[] = {
      IntervalOption(),
      CountOption("warmup_steps", 0, 0, "length of the warm-up in ticks"),
      CountOption("stable_steps", 0, 0, "number of ticks at the base value"),
      CountOption("decay_steps", 0, 0, "length of the decay in ticks"),
      FactorOption("start_factor", 0, "factor of the base value at tick 0"),
      FactorOption("end_factor", 0,
                   "factor of the base value at the last tick"),
      {"decay", nullptr, kLine, 0, 2, OPT_OPTION_CHOICE, "linear,cosine,sqrt",
       "shape of the decay: a straight line, a cosine, or 1 - sqrt"},
  };

  static double Value(const ScheduleInput& in) {
    const double* o = in.options;
    const auto tick = static_cast<double>(in.tick);
    if (tick < o[kWarmupSteps]) {
      return in.base * Linear(o[kStartFactor], 1, tick / o[kWarmupSteps]);
    }
    const auto level = static_cast<int64_t>(o[kWarmupSteps] + o[kStableSteps]);
    if (in.tick < level) return in.base;
    const double progress = PhaseProgress(in.tick - level, o[kDecaySteps]);
    if (o[kDecay] == kCos) return in.base * Cosine(1, o[kEndFactor], progress);
    return in.base *
           Linear(1, o[kEndFactor],
                  o[kDecay] == kRoot ? std::sqrt(progress) : progress);
  }

  static constexpr ScheduleKind kKind = {
      "warmup_stable_decay",
      "warm-up, a level stretch, and a decay (WSD, trapezoidal)",
      "t < warmup_steps: base * (start_factor + (1 - start_factor) * t / "
      "warmup_steps)\n"
      "for stable_steps: base\n"
      "p = part of decay_steps that is over\n"
      "x = 1 - p; cosine: (1 + cos(pi * p)) / 2; sqrt: 1 - sqrt(p)\n"
      "base * (end_factor + (1 - end_factor) * x)",
      "Hu et al. 2024, arXiv:2404.06395; Haegele et al. 2024, arXiv:2405.18392 "
      "(sqrt)",
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

#endif  // OPT_SRC_SCHEDULES_WARMUP_STABLE_DECAY_H_
