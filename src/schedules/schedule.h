// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A schedule: parts, each of some kind, that act one after another or, chained,
// at the same time. opt_schedule.h documents the functions under the same
// names.

#ifndef OPT_SRC_SCHEDULES_SCHEDULE_H_
#define OPT_SRC_SCHEDULES_SCHEDULE_H_

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "opt/opt_schedule.h"
#include "src/base/pmr.h"
#include "src/schedules/kind.h"

namespace libopt {

constexpr size_t kMaxScheduleParts = 256;
constexpr size_t kMaxMilestones = 4096;  // of all parts
constexpr int64_t kNoEnd = std::numeric_limits<int64_t>::max();

// One part. It acts in the steps of [begin, end), and counts from begin.
struct SchedulePart {
  const ScheduleKind* kind;
  double options[kMaxScheduleOptions];
  int64_t begin;
  int64_t end;
  size_t first_milestone;  // in Schedule::milestones()
  int64_t milestone_count;
  MetricState metric;
};

class Schedule {
 public:
  // Makes one part with the kind's defaults or, for a load, none yet.
  Schedule(const ScheduleKind& kind, pmr::MemoryResource* memory);
  explicit Schedule(pmr::MemoryResource* memory)
      : parts_(memory), milestones_(memory) {}
  Schedule(const Schedule& other, pmr::MemoryResource* memory)
      : parts_(other.parts_, memory), milestones_(other.milestones_, memory) {}
  Schedule(Schedule&& other) noexcept = default;
  Schedule& operator=(Schedule&& other) noexcept = default;

  void Set(std::string_view option, double value);
  double Get(std::string_view option);
  void SetMilestones(const int64_t* milestones, int64_t count);
  void Then(int64_t steps, const Schedule& next);
  void Chain(const Schedule& other);

  // Adds a part that has been checked, with its milestones.
  void Append(const SchedulePart& part, const int64_t* milestones);

  // Throws OPT_ERR_STATE if a required option is not set.
  void CheckComplete() const;

  // Forgets what was reported.
  void Start();
  void Report(double base, int64_t step, double metric);

  // The value at a step, if the option's own value is `base`.
  double Value(double base, int64_t step) const;

  // Throws OPT_ERR_RANGE if there is no such part.
  opt_schedule_part_info PartInfo(int32_t index) const;
  const pmr::Vector<SchedulePart>& parts() const { return parts_; }
  const int64_t* MilestonesOf(const SchedulePart& part) const {
    return milestones_.data() + part.first_milestone;
  }

 private:
  SchedulePart& OnlyPart();
  double ValueOf(const SchedulePart& part, double base, int64_t step) const;
  void AppendAll(const Schedule& other, int64_t begin);

  pmr::Vector<SchedulePart> parts_;
  pmr::Vector<int64_t> milestones_;  // of all parts
};

// Throws OPT_ERR_VALUE unless the milestones are 0 or more and in ascending
// order.
void CheckMilestones(const int64_t* milestones, int64_t count);

}  // namespace libopt

#endif  // OPT_SRC_SCHEDULES_SCHEDULE_H_
