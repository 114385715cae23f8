// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/schedules/schedule.h"

#include <utility>

#include "src/base/error.h"
#include "src/base/memory.h"
#include "src/base/pmr.h"
#include "src/os/fp_env.h"
#include "src/rules/registry.h"

namespace libopt {
namespace {

bool Acts(const SchedulePart& part, int64_t step) {
  return step >= part.begin && (step < part.end || part.end == kNoEnd);
}

void CheckMilestoneCount(size_t count) {
  if (count > kMaxMilestones) {
    Fail(OPT_ERR_LIMIT, "a schedule can have at most ",
         static_cast<int64_t>(kMaxMilestones), " milestones in all its parts");
  }
}

// Moves a step of a schedule that is to begin at step `begin`; kNoEnd stays
// kNoEnd.
int64_t Later(int64_t step, int64_t begin) {
  return step > kNoEnd - begin ? kNoEnd : step + begin;
}

}  // namespace

void CheckMilestones(const int64_t* milestones, int64_t count) {
  int64_t before = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (milestones[i] < before) {
      Fail(OPT_ERR_VALUE, "milestone ", i, " is ", milestones[i],
           ", less than ", before,
           ": milestones must be 0 or more, in ascending order");
    }
    before = milestones[i];
  }
}

Schedule::Schedule(const ScheduleKind& kind, pmr::MemoryResource* memory)
    : Schedule(memory) {
  SchedulePart part = {};
  part.kind = &kind;
  part.end = kNoEnd;
  for (int i = 0; i < kind.option_count; ++i) {
    part.options[i] = kind.options[i].default_value;
  }
  parts_.push_back(part);
}

SchedulePart& Schedule::OnlyPart() {
  if (parts_.size() != 1) {
    Fail(
        OPT_ERR_STATE, "the schedule has ", static_cast<int64_t>(parts_.size()),
        " parts: set and get the options of each before you put them together");
  }
  return parts_[0];
}

void Schedule::Set(std::string_view option, double value) {
  SchedulePart& part = OnlyPart();
  const int index = FindScheduleOption(*part.kind, option);
  CheckValue(part.kind->options[index], value);
  part.options[index] = value;
}

double Schedule::Get(std::string_view option) {
  const SchedulePart& part = OnlyPart();
  return part.options[FindScheduleOption(*part.kind, option)];
}

void Schedule::SetMilestones(const int64_t* milestones, int64_t count) {
  SchedulePart& part = OnlyPart();
  if ((part.kind->flags & OPT_SCHEDULE_HAS_MILESTONES) == 0) {
    Fail(OPT_ERR_STATE, "schedule '", part.kind->name,
         "' has no milestones: use a 'multi_step'");
  }
  CheckMilestoneCount(static_cast<size_t>(count));
  CheckMilestones(milestones, count);
  milestones_.assign(milestones, milestones + count);
  part.milestone_count = count;
}

void Schedule::Append(const SchedulePart& part, const int64_t* milestones) {
  if (parts_.size() >= kMaxScheduleParts) {
    Fail(OPT_ERR_LIMIT, "a schedule can have at most ",
         static_cast<int64_t>(kMaxScheduleParts), " parts");
  }
  CheckMilestoneCount(milestones_.size() +
                      static_cast<size_t>(part.milestone_count));
  SchedulePart added = part;
  added.first_milestone = milestones_.size();
  ReserveRoom(static_cast<int64_t>(parts_.size()) + 1, &parts_);
  milestones_.insert(milestones_.end(), milestones,
                     milestones + part.milestone_count);
  parts_.push_back(added);
}

// Appends the parts of another schedule, which begins at a step. Changes
// nothing if it throws.
void Schedule::AppendAll(const Schedule& other, int64_t begin) {
  CheckComplete();
  other.CheckComplete();
  Schedule sum(*this, parts_.get_allocator().resource());
  for (SchedulePart part : other.parts_) {
    part.begin = Later(part.begin, begin);
    part.end = Later(part.end, begin);
    sum.Append(part, other.MilestonesOf(part));
  }
  *this = std::move(sum);
}

void Schedule::Then(int64_t steps, const Schedule& next) {
  const int64_t last_begin = parts_.back().begin;
  if (steps < 0 || steps > kNoEnd - 1 - last_begin) {
    Fail(OPT_ERR_ARGUMENT, "opt_schedule_then: steps is ", steps,
         ": it must be 0 to ", kNoEnd - 1 - last_begin,
         " after a part that begins at step ", last_begin);
  }
  const int64_t begin = last_begin + steps;
  const size_t own = parts_.size();
  AppendAll(next, begin);
  for (size_t i = 0; i < own; ++i) {
    if (parts_[i].end > begin) parts_[i].end = begin;
  }
}

void Schedule::Chain(const Schedule& other) { AppendAll(other, 0); }

opt_schedule_part_info Schedule::PartInfo(int32_t index) const {
  const auto count = static_cast<int32_t>(parts_.size());
  if (index < 0 || index >= count) {
    Fail(OPT_ERR_RANGE, "the schedule has no part ", index,
         ": its parts are 0 to ", count - 1);
  }
  const SchedulePart& part = parts_[static_cast<size_t>(index)];
  opt_schedule_part_info info = {};
  info.begin = part.begin;
  info.end = part.end;
  info.kind = part.kind->name;
  info.options = part.options;
  info.milestones = MilestonesOf(part);
  info.milestone_count = part.milestone_count;
  info.option_count = part.kind->option_count;
  return info;
}

void Schedule::CheckComplete() const {
  for (const SchedulePart& part : parts_) {
    for (int i = 0; i < part.kind->option_count; ++i) {
      const OptionDescriptor& option = part.kind->options[i];
      if ((option.flags & OPT_OPTION_REQUIRED) != 0 && part.options[i] == 0) {
        Fail(OPT_ERR_STATE, "option '", option.name, "' of schedule '",
             part.kind->name,
             "' is not set: give it a value, since it has no default");
      }
    }
  }
}

void Schedule::Start() {
  for (SchedulePart& part : parts_) {
    part.metric = {};
    if (part.kind->start != nullptr) {
      part.kind->start(part.options, &part.metric);
    }
  }
}

double Schedule::ValueOf(const SchedulePart& part, double base,
                         int64_t step) const {
  ScheduleInput in = {};
  in.options = part.options;
  in.base = base;
  in.tick = (step - part.begin) / static_cast<int64_t>(part.options[kInterval]);
  in.milestones = MilestonesOf(part);
  in.milestone_count = part.milestone_count;
  in.metric = &part.metric;
  return part.kind->value(in);
}

double Schedule::Value(double base, int64_t step) const {
  const os::DefaultFpEnv fp_env;
  for (const SchedulePart& part : parts_) {
    if (Acts(part, step)) base = ValueOf(part, base, step);
  }
  return base;
}

void Schedule::Report(double base, int64_t step, double metric) {
  const os::DefaultFpEnv fp_env;
  for (SchedulePart& part : parts_) {
    if (!Acts(part, step)) continue;
    if (part.kind->report != nullptr) {
      part.kind->report(part.options, base, metric, &part.metric);
    }
    base = ValueOf(part, base, step);
  }
}

}  // namespace libopt
