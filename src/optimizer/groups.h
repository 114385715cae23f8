// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The parameter groups of an optimizer: the values of their options, and the
// schedules that move them.

#ifndef OPT_SRC_OPTIMIZER_GROUPS_H_
#define OPT_SRC_OPTIMIZER_GROUPS_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "opt/opt_optimizer.h"
#include "src/base/pmr.h"
#include "src/optimizer/schedule_table.h"
#include "src/rules/registry.h"

namespace libopt {

// A group with the values of a preset, or with the defaults if `preset` is
// nullptr.
Group MakeGroup(const NamedRule& named, const NamedValues* preset,
                int64_t tensor_count);

inline bool IsFrozen(const Group& group) { return group.values[kFrozen] != 0; }

// The slots that a tensor has in a group with these values.
Layout LayoutOf(const RuleDescriptor& rule, const Group& group,
                const TensorShape& tensor);

// The slots of a rule that start as the parameter.
Layout ParamCopies(const RuleDescriptor& rule);

// Throws OPT_ERR_STATE if `before` has tensors and `after` has another layout.
void CheckLayoutKept(const RuleDescriptor& rule, const Group& before,
                     const Group& after);

// Several options at once: the values of a preset first, if there is one, then
// these.
struct OptionChanges {
  const char* preset = nullptr;
  const opt_option_value* values = nullptr;
  int64_t count = 0;
};

// A group is named by its index. OPT_ALL_GROUPS names the optimizer-wide
// values, with which new groups begin; a change to them changes every group as
// well. The functions throw OPT_ERR_RANGE if there is no such group.
class Groups {
 public:
  // Begins with one group.
  Groups(const NamedRule& named, pmr::MemoryResource* memory);

  int32_t count() const { return static_cast<int32_t>(groups_.size()); }
  void Check(int32_t group) const;

  // Adds a group; `changes` are made to the optimizer-wide values.
  int32_t Add(const OptionChanges& changes = {});
  void Set(int32_t group, std::string_view option, double value);
  void Set(int32_t group, const OptionChanges& changes);
  double Get(int32_t group, std::string_view option) const;

  void SetSchedule(int32_t group, std::string_view option,
                   const Schedule* schedule);
  const Schedule* FindSchedule(int32_t group, std::string_view option) const;
  // The value of an option in the step that follows `steps` steps.
  double GetScheduled(int32_t group, std::string_view option,
                      int64_t steps) const;
  void ReportMetric(int32_t group, int64_t steps, double metric);

  // Computes the values in the step that follows `steps` steps; Now() then
  // returns them. This costs nothing without schedules.
  void Begin(int64_t steps);
  const Group& Now(int32_t group) const {
    return (schedules_.empty() ? groups_ : now_)[static_cast<size_t>(group)];
  }

  // The numbers of a group, by the indices of their slots.
  double* NumbersOf(int32_t group) {
    return groups_[static_cast<size_t>(group)].numbers;
  }

  // The groups' own values.
  const Group& operator[](int64_t group) const {
    return groups_[static_cast<size_t>(group)];
  }
  auto begin() const { return groups_.begin(); }
  auto end() const { return groups_.end(); }
  const Group& defaults() const { return defaults_; }
  const ScheduleTable& schedules() const { return schedules_; }

  // A number, at first 1, that grows whenever a group, a value or a schedule
  // changes.
  uint64_t changes() const { return changes_; }

  // Counts a tensor into a group, or out of it if `change` is -1.
  void CountTensor(int32_t group, int64_t change) noexcept {
    groups_[static_cast<size_t>(group)].tensor_count += change;
  }

  // Takes over the values and schedules of another optimizer's groups, of which
  // there are at least as many; none has tensors yet.
  void CopyFrom(const Groups& other);

  // Replaces the values of all groups.
  void RestoreValues(const Group& defaults,
                     const pmr::Vector<Group>& groups) noexcept;
  // Exchanges all schedules with those of `schedules`.
  void RestoreSchedules(ScheduleTable* schedules) noexcept;

 private:
  const RuleDescriptor& rule() const { return *named_.rule->descriptor; }
  const Group& Own(int32_t group) const {
    return group == OPT_ALL_GROUPS ? defaults_ : (*this)[group];
  }
  // Throws OPT_ERR_ARGUMENT, OPT_ERR_NAME or OPT_ERR_VALUE.
  void Check(const OptionChanges& changes) const;
  // Makes changes that have been checked.
  void Apply(const OptionChanges& changes, Group* group) const;
  template <typename Change>
  void ChangeGroups(int32_t group, const Change& change);

  const NamedRule named_;
  Group defaults_;  // the optimizer-wide values
  pmr::Vector<Group> groups_;
  ScheduleTable schedules_;
  pmr::Vector<Group> now_;  // values in a step, as many as groups_
  uint64_t changes_ = 1;
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_GROUPS_H_
