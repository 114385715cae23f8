// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// One rise to the base value and a long fall to far below the start; or the
// inverse, for the momentum that accompanies it.

#ifndef OPT_SRC_SCHEDULES_ONE_CYCLE_H_
#define OPT_SRC_SCHEDULES_ONE_CYCLE_H_

#include "src/schedules/kind.h"

namespace libopt {

struct OneCycleSchedule {
  enum Option {
    kTotalSteps = kFirstScheduleOption,
    kPctStart,
    kAnneal,
    kThreePhase,
    kDivFactor,
    kFinalDivFactor,
    kInverse,
    kMinValue
  };

  enum Anneal { kCos, kStraight };

  static constexpr OptionDescriptor kOptions[] = {
      IntervalOption(),
      RequiredCountOption("total_steps", "length of the cycle in ticks"),
      {"pct_start", nullptr, 0.3, 0, 1, 0, nullptr,
       "share of the cycle during which the value rises"},
      {"anneal", nullptr, kCos, 0, 1, OPT_OPTION_CHOICE, "cos,linear",
       "shape of the rise and the fall: a cosine or a straight line"},
      BoolOption("three_phase", false,
                 "fall back to the first value in as many ticks as the rise "
                 "took, and from there to the last value in a third phase"),
      PositiveOption("div_factor", 25, 0,
                     "the first value is the base value / div_factor"),
      PositiveOption("final_div_factor", 1e4, 0,
                     "the last value is the first value / final_div_factor"),
      BoolOption("inverse", false,
                 "for momentum: fall from the base value to min_value and rise "
                 "again"),
      FactorOption("min_value", 0.85, "lowest value of an inverse cycle"),
  };

  // Values at the borders of the phases.
  struct Turns {
    double first;
    double peak;
    double last;
  };
  static Turns TurnsOf(const double* o, double base) {
    if (o[kInverse] != 0) return {base, o[kMinValue], base};
    const double first = base / o[kDivFactor];
    return {first, base, first / o[kFinalDivFactor]};
  }

  static double Value(const ScheduleInput& in) {
    const double* o = in.options;
    const Turns turns = TurnsOf(o, in.base);
    const auto tick = static_cast<double>(in.tick);
    const double up_end = o[kPctStart] * o[kTotalSteps] - 1;
    const double down_end = 2 * o[kPctStart] * o[kTotalSteps] - 2;
    const double end = o[kTotalSteps] - 1;
    if (tick <= up_end) {
      return Phase(o, turns.first, turns.peak, tick, up_end);
    }
    if (o[kThreePhase] == 0) {
      return Phase(o, turns.peak, turns.last, tick - up_end, end - up_end);
    }
    if (tick <= down_end) {
      return Phase(o, turns.peak, turns.first, tick - up_end,
                   down_end - up_end);
    }
    return Phase(o, turns.first, turns.last, tick - down_end, end - down_end);
  }

  static double Phase(const double* o, double from, double to, double elapsed,
                      double length) {
    const double progress = elapsed < length ? elapsed / length : 1;
    return o[kAnneal] == kCos ? Cosine(from, to, progress)
                              : Linear(from, to, progress);
  }

  static constexpr ScheduleKind kKind = {
      "one_cycle",
      "one rise to the base value and a long fall to far below the start; or, "
      "for momentum, the inverse",
      "first = base / div_factor, last = first / final_div_factor\n"
      "first -> base until tick pct_start * total_steps - 1\n"
      "base -> last until tick total_steps - 1\n"
      "three_phase: base -> first until 2 * pct_start * total_steps - 2, then "
      "last\n"
      "inverse: base -> min_value -> base (-> base)",
      "Smith and Topin 2018, arXiv:1708.07120",
      "OneCycleLR",
      kOptions,
      std::size(kOptions),
      0,
      &Value,
      nullptr,
      nullptr,
  };
};

}  // namespace libopt

#endif  // OPT_SRC_SCHEDULES_ONE_CYCLE_H_
