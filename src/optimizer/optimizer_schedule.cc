// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The part of the optimizer that is about schedules.

#include <algorithm>
#include <string_view>

#include "src/optimizer/optimizer.h"

namespace libopt {

void Optimizer::SetSchedule(int32_t group, std::string_view option,
                            const Schedule* schedule) {
  const int index = FindOption(rule(), option);
  CheckSchedulable(rule(), index);
  if (group != OPT_ALL_GROUPS) CheckGroup(group);
  if (schedule != nullptr) schedule->CheckComplete();
  const auto last = group == OPT_ALL_GROUPS
                        ? static_cast<int32_t>(groups_.size()) - 1
                        : group;
  schedules_.Set(group, last, index, schedule);
}

const Schedule* Optimizer::FindSchedule(int32_t group,
                                        std::string_view option) const {
  if (group != OPT_ALL_GROUPS) CheckGroup(group);
  return schedules_.Find(group, FindOption(rule(), option));
}

double Optimizer::GetScheduled(int32_t group, std::string_view option) const {
  const int index = FindOption(rule(), option);
  if (group != OPT_ALL_GROUPS) CheckGroup(group);
  for (const ScheduleTable::Entry& entry : schedules_.entries()) {
    if (entry.group != group || entry.option != index) continue;
    return ScheduledValue(rule(), entry, OwnValues(group), steps_);
  }
  return OwnValues(group).values[index];
}

void Optimizer::ReportMetric(int32_t group, double metric) {
  if (group != OPT_ALL_GROUPS) CheckGroup(group);
  schedules_.Report(group, steps_, metric, [this](int32_t of) -> const Group& {
    return OwnValues(of);
  });
}

// Computes the values of every group in the step to be made. Costs nothing
// without schedules.
void Optimizer::ScheduleGroups() {
  if (schedules_.empty()) return;
  std::copy(groups_.begin(), groups_.end(), scheduled_.begin());
  for (const ScheduleTable::Entry& entry : schedules_.entries()) {
    if (entry.group == OPT_ALL_GROUPS) continue;
    scheduled_[static_cast<size_t>(entry.group)].values[entry.option] =
        ScheduledValue(rule(), entry, OwnValues(entry.group), steps_);
  }
}

}  // namespace libopt
