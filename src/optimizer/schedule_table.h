// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The schedules of an optimizer: which option of which group has which
// schedule.

#ifndef OPT_SRC_OPTIMIZER_SCHEDULE_TABLE_H_
#define OPT_SRC_OPTIMIZER_SCHEDULE_TABLE_H_

#include <cstdint>
#include <vector>

#include "opt/opt_optimizer.h"
#include "src/base/pmr.h"
#include "src/rules/descriptor.h"
#include "src/schedules/schedule.h"

namespace libopt {

// The values of a group's options and its numbers, by their indices in the rule
// (of the numbers, those as slots).
struct Group {
  double values[kMaxOptions] = {};
  double numbers[kMaxSlots] = {};
  int64_t tensor_count = 0;
};

class ScheduleTable {
 public:
  struct Entry {
    int32_t group;  // or OPT_ALL_GROUPS: the optimizer-wide one
    int option;
    Schedule schedule;
  };

  explicit ScheduleTable(pmr::MemoryResource* memory) : entries_(memory) {}

  // A copy in other memory.
  ScheduleTable(const ScheduleTable& other, pmr::MemoryResource* memory);

  bool empty() const { return entries_.empty(); }
  const pmr::Vector<Entry>& entries() const { return entries_; }

  // The schedule of an option, or nullptr.
  const Schedule* Find(int32_t group, int option) const;

  // Sets the schedule of an option in the groups from `first` to `last`, or
  // removes it if `schedule` is nullptr. OPT_ALL_GROUPS, -1, comes before group
  // 0. Changes nothing if it throws.
  void Set(int32_t first, int32_t last, int option, const Schedule* schedule);

  // Gives a new group the optimizer-wide schedules. Changes nothing if it
  // throws.
  void AddGroup(int32_t group);

  // Adds a part to the schedule that was added last if that belongs to the same
  // option and group. Otherwise begins a schedule with it; the option must not
  // have one in this group yet. Throws OPT_ERR_LIMIT if the schedule is full.
  void AppendPart(int32_t group, int option, const SchedulePart& part,
                  const int64_t* milestones);

  // Reports a metric at a step to the schedules of one group or of all.
  // `base(group)` returns the Group with the options' own values.
  template <typename Base>
  void Report(int32_t group, int64_t step, double metric, const Base& base) {
    for (Entry& entry : entries_) {
      if (group != OPT_ALL_GROUPS && group != entry.group) continue;
      entry.schedule.Report(base(entry.group).values[entry.option], step,
                            metric);
    }
  }

 private:
  pmr::Vector<Entry> entries_;
};

// Throws OPT_ERR_ARGUMENT if an option cannot be scheduled.
void CheckSchedulable(const RuleDescriptor& rule, int option);

// The value that an entry gives to its option at a step, in a group whose own
// values are `group`. Throws OPT_ERR_VALUE if it is outside the option's range,
// and OPT_ERR_STATE if it needs state that tensors lack.
double ScheduledValue(const RuleDescriptor& rule,
                      const ScheduleTable::Entry& entry, const Group& group,
                      int64_t step);

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_SCHEDULE_TABLE_H_
