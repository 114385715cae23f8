// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A kind of schedule as plain data: the descriptor that every file of
// src/schedules fills in. It feeds validation, introspection, checkpoints, the
// generated names and tables, and the tests.

#ifndef OPT_SRC_SCHEDULES_KIND_H_
#define OPT_SRC_SCHEDULES_KIND_H_

#include <cstdint>
#include <string_view>

#include "opt/opt_schedule.h"
#include "src/base/math.h"
#include "src/rules/descriptor.h"

namespace libopt {

constexpr int kMaxScheduleOptions = 10;

// The option that every kind has, at the same index. Ticks are steps divided
// by it; a kind's Value() sees ticks alone.
enum CommonScheduleOption { kInterval = 0, kFirstScheduleOption = 1 };

// Counts up to here are exact in a double.
constexpr double kMaxCount = 9007199254740992;

// Options that many kinds have: a number of ticks, with or without a default; a
// factor of the base value or any other number that is 0 or more; a number
// above 0.
constexpr OptionDescriptor CountOption(const char* name, double value,
                                       double min, const char* doc) {
  return {name,    nullptr, value, min, kMaxCount, OPT_OPTION_INTEGER,
          nullptr, doc};
}
constexpr OptionDescriptor RequiredCountOption(const char* name,
                                               const char* doc) {
  return {name,    nullptr,   0,
          1,       kMaxCount, OPT_OPTION_INTEGER | OPT_OPTION_REQUIRED,
          nullptr, doc};
}
constexpr OptionDescriptor FactorOption(const char* name, double value,
                                        const char* doc) {
  return {name,    nullptr, value, 0, kInfinity, OPT_OPTION_MAX_OPEN,
          nullptr, doc};
}
constexpr OptionDescriptor PositiveOption(const char* name, double value,
                                          uint32_t flags, const char* doc) {
  return {name,    nullptr,   value,
          0,       kInfinity, OPT_OPTION_MIN_OPEN | OPT_OPTION_MAX_OPEN | flags,
          nullptr, doc};
}
constexpr OptionDescriptor IntervalOption() {
  return CountOption(
      "interval", 1, 1,
      "steps per tick, the unit in which the schedule counts; for a "
      "schedule by epochs, the number of steps in an epoch");
}
constexpr OptionDescriptor EtaMinOption() {
  return FactorOption("eta_min", 0,
                      "lowest value, which is reached at the end");
}

// The state of a schedule that follows a metric.
struct MetricState {
  double best;  // metric so far, or an infinity
  int64_t bad_reports;
  int64_t cooldown_left;
  int64_t reductions;
};

// The arguments of a schedule as a function.
struct ScheduleInput {
  const double* options;
  double base;                // the option's own value, or that of a chain
  int64_t tick;               // >= 0
  const int64_t* milestones;  // in ascending order
  int64_t milestone_count;
  const MetricState* metric;
};

struct ScheduleKind {
  const char* name;
  const char* summary;
  const char* formula;
  const char* reference;
  const char* pytorch;  // the class of torch.optim.lr_scheduler, or nullptr
  const OptionDescriptor* options;
  int option_count;
  uint32_t flags;  // OPT_SCHEDULE_HAS_*
  double (*value)(const ScheduleInput& in);
  // For OPT_SCHEDULE_HAS_METRIC: start() makes the state before the first
  // report, and report() updates it; `base` is the base value at the report.
  void (*start)(const double* options, MetricState* state);
  void (*report)(const double* options, double base, double metric,
                 MetricState* state);
};

// All kinds, in the order of schedules.inc.
const ScheduleKind* const* ScheduleKinds();
int ScheduleKindCount();

// These throw OPT_ERR_NAME with a hint at the nearest name.
const ScheduleKind& FindScheduleKind(std::string_view name);
int FindScheduleOption(const ScheduleKind& kind, std::string_view name);

// The progress in a phase of some length, from 0 to 1; it is 1 at the end and
// after it.
inline double PhaseProgress(int64_t tick, double length) {
  const auto elapsed = static_cast<double>(tick);
  return elapsed < length ? elapsed / length : 1;
}

// From one value to another as `progress` goes from 0 to 1: along a straight
// line, and along half a period of the cosine. Exact at both ends.
inline double Linear(double from, double to, double progress) {
  return progress == 1 ? to : from + (to - from) * progress;
}
inline double Cosine(double from, double to, double progress) {
  if (progress == 0) return from;
  return to + (from - to) * (1 + CosPi(progress)) / 2;
}

}  // namespace libopt

#endif  // OPT_SRC_SCHEDULES_KIND_H_
