// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Reduces the value by a factor whenever a metric that the caller reports has
// not improved for a while.

#ifndef OPT_SRC_SCHEDULES_PLATEAU_H_
#define OPT_SRC_SCHEDULES_PLATEAU_H_

#include "src/schedules/kind.h"

namespace libopt {

struct PlateauSchedule {
  enum Option {
    kMode = kFirstScheduleOption,
    kFactor,
    kPatience,
    kThreshold,
    kThresholdMode,
    kCooldown,
    kMinValue,
    kEps
  };

  enum Mode { kMin, kMax };
  enum ThresholdMode { kRelative, kAbsolute };

  static constexpr OptionDescriptor kOptions[] = {
      IntervalOption(),
      {"mode", nullptr, kMin, 0, 1, OPT_OPTION_CHOICE, "min,max",
       "whether a lower or a higher metric is better"},
      {"factor", nullptr, 0.1, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "factor by which each reduction multiplies the value"},
      CountOption("patience", 10, 0,
                  "number of successive reports without an improvement that "
                  "are tolerated"),
      FactorOption(
          "threshold", 1e-4,
          "smallest change of the metric that counts as an improvement"),
      {"threshold_mode", nullptr, kRelative, 0, 1, OPT_OPTION_CHOICE, "rel,abs",
       "whether the threshold is a share of the best metric or a difference "
       "from it"},
      CountOption("cooldown", 0, 0,
                  "number of reports to ignore after a reduction"),
      FactorOption("min_value", 0, "lowest value"),
      FactorOption("eps", 1e-8, "reductions by this much or less are not made"),
  };

  static double Reduced(const double* o, double base, int64_t reductions) {
    const double value = base * PowerOfStep(o[kFactor], reductions);
    if (value > o[kMinValue]) return value;
    return base < o[kMinValue] ? base : o[kMinValue];
  }

  static double Value(const ScheduleInput& in) {
    return Reduced(in.options, in.base, in.metric->reductions);
  }

  static void Start(const double* o, MetricState* state) {
    *state = {o[kMode] == kMin ? kInfinity : -kInfinity, 0, 0, 0};
  }

  static bool IsBetter(const double* o, double metric, double best) {
    const bool relative = o[kThresholdMode] == kRelative;
    if (o[kMode] == kMin) {
      return metric <
             (relative ? best * (1 - o[kThreshold]) : best - o[kThreshold]);
    }
    return metric >
           (relative ? best * (o[kThreshold] + 1) : best + o[kThreshold]);
  }

  static void Report(const double* o, double base, double metric,
                     MetricState* state) {
    if (IsBetter(o, metric, state->best)) {
      state->best = metric;
      state->bad_reports = 0;
    } else {
      ++state->bad_reports;
    }
    if (state->cooldown_left > 0) {
      --state->cooldown_left;
      state->bad_reports = 0;
    }
    if (static_cast<double>(state->bad_reports) <= o[kPatience]) return;
    const int64_t next = state->reductions + 1;
    const double less =
        Reduced(o, base, state->reductions) - Reduced(o, base, next);
    if (less > o[kEps]) state->reductions = next;
    state->cooldown_left = static_cast<int64_t>(o[kCooldown]);
    state->bad_reports = 0;
  }

  static constexpr ScheduleKind kKind = {
      "plateau",
      "reduced by a factor when the reported metric has stopped improving",
      "k = number of reductions: one whenever more than `patience` reports\n"
      "in a row are no better; the `cooldown` reports after it do not count\n"
      "max(base * factor^k, min_value)",
      "PyTorch",
      "ReduceLROnPlateau",
      kOptions,
      std::size(kOptions),
      OPT_SCHEDULE_HAS_METRIC,
      &Value,
      &Start,
      &Report,
  };
};

}  // namespace libopt

#endif  // OPT_SRC_SCHEDULES_PLATEAU_H_
