// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/groups.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "src/base/error.h"
#include "src/base/memory.h"
#include "src/base/pmr.h"

namespace libopt {
namespace {

// The slots that a group's options do not rule out.
Layout LayoutOfOptions(const RuleDescriptor& rule, const Group& group) {
  Layout layout = 0;
  for (int i = 0; i < rule.slot_count; ++i) {
    const SlotDescriptor& slot = rule.slots[i];
    const int option = slot.when_option;
    if (slot.is_group_number()) continue;
    if (option == kAlways || group.values[option] != 0) layout |= 1U << i;
  }
  return layout;
}

// Whether a rule that factors second moments does so for a tensor.
bool IsFactored(const RuleDescriptor& rule, const Group& group,
                const TensorShape& tensor) {
  if (tensor.rank < 2) return false;
  const int64_t* last = tensor.extents + tensor.rank - 2;
  return rule.factor_option == kAlways ||
         static_cast<double>(std::min(last[0], last[1])) >=
             group.values[rule.factor_option];
}

}  // namespace

Group MakeGroup(const NamedRule& named, const NamedValues* preset,
                int64_t tensor_count) {
  Group group;
  group.tensor_count = tensor_count;
  for (int i = 0; i < named.rule->descriptor->slot_count; ++i) {
    const SlotDescriptor& slot = named.rule->descriptor->slots[i];
    group.numbers[i] = slot.initial_option == kOnes ? 1 : 0;
  }
  for (int i = 0; i < named.rule->descriptor->option_count; ++i) {
    group.values[i] = ValueOf(named, preset, i);
  }
  return group;
}

Layout LayoutOf(const RuleDescriptor& rule, const Group& group,
                const TensorShape& tensor) {
  Layout layout = LayoutOfOptions(rule, group);
  for (int i = 0; i < rule.slot_count; ++i) {
    const SlotTensors tensors = rule.slots[i].tensors;
    if (tensors == SlotTensors::kAll) continue;
    const bool factored = tensors == SlotTensors::kFactored;
    if (IsFactored(rule, group, tensor) != factored) layout &= ~(1U << i);
  }
  return layout;
}

Layout ParamCopies(const RuleDescriptor& rule) {
  Layout copies = 0;
  for (int i = 0; i < rule.slot_count; ++i) {
    if (rule.slots[i].initial_option == kParamCopy) copies |= 1U << i;
  }
  return copies;
}

void CheckLayoutKept(const RuleDescriptor& rule, const Group& before,
                     const Group& after) {
  if (before.tensor_count == 0) return;
  if (rule.factor_option != kAlways &&
      before.values[rule.factor_option] != after.values[rule.factor_option]) {
    Fail(OPT_ERR_STATE, "option '", rule.options[rule.factor_option].name,
         "' decides which state attached tensors have: set it before "
         "opt_attach");
  }
  const Layout changed =
      LayoutOfOptions(rule, before) ^ LayoutOfOptions(rule, after);
  if (changed == 0) return;
  int slot = 0;
  while ((changed >> slot & 1) == 0) ++slot;
  const OptionDescriptor& option = rule.options[rule.slots[slot].when_option];
  const double value = after.values[rule.slots[slot].when_option];
  Fail(OPT_ERR_STATE, "option '", option.name, "' = ", value, " would ",
       value != 0 ? "add the state '" : "drop the state '",
       rule.slots[slot].name, value != 0 ? "' to" : "' of",
       " attached tensors: set it before opt_attach");
}

Groups::Groups(const NamedRule& named, pmr::MemoryResource* memory)
    : named_(named),
      defaults_(MakeGroup(named, nullptr, 0)),
      groups_(1, defaults_, memory),
      schedules_(memory),
      now_(1, defaults_, memory) {}

void Groups::Check(int32_t group) const {
  if (group < 0 || group >= count()) {
    Fail(OPT_ERR_RANGE, "there is no group ", group, ": groups are 0 to ",
         count() - 1, "; opt_add_group makes another");
  }
}

int32_t Groups::Add(const OptionChanges& changes) {
  Check(changes);
  const int32_t group = count();
  ++changes_;
  ReserveRoom(group + 1, &groups_);
  ReserveRoom(group + 1, &now_);
  schedules_.AddGroup(group);
  groups_.push_back(defaults_);
  now_.push_back(defaults_);
  Apply(changes, &groups_.back());
  return group;
}

void Groups::Check(const OptionChanges& changes) const {
  if (changes.preset != nullptr) FindPreset(rule(), changes.preset);
  for (int64_t i = 0; i < changes.count; ++i) {
    const opt_option_value& value = changes.values[i];
    if (value.option == nullptr) {
      Fail(OPT_ERR_ARGUMENT, "the name of option ", i, " is NULL");
    }
    CheckValue(rule().options[FindOption(rule(), value.option)], value.value);
  }
}

void Groups::Apply(const OptionChanges& changes, Group* group) const {
  if (changes.preset != nullptr) {
    const Group made =
        MakeGroup(named_, &FindPreset(rule(), changes.preset), 0);
    std::copy(std::begin(made.values), std::end(made.values), group->values);
  }
  for (int64_t i = 0; i < changes.count; ++i) {
    const opt_option_value& value = changes.values[i];
    group->values[FindOption(rule(), value.option)] = value.value;
  }
}

// Applies change(group) to one group, or to all groups and the defaults, after
// a check that no layout changes while tensors use it.
template <typename Change>
void Groups::ChangeGroups(int32_t group, const Change& change) {
  if (group != OPT_ALL_GROUPS) Check(group);
  const int32_t first = group == OPT_ALL_GROUPS ? 0 : group;
  const int32_t end = group == OPT_ALL_GROUPS ? count() : group + 1;
  for (int32_t i = first; i < end; ++i) {
    Group changed = (*this)[i];
    change(&changed);
    CheckLayoutKept(rule(), (*this)[i], changed);
  }
  ++changes_;
  for (int32_t i = first; i < end; ++i) {
    change(&groups_[static_cast<size_t>(i)]);
  }
  if (group == OPT_ALL_GROUPS) change(&defaults_);
}

void Groups::Set(int32_t group, std::string_view option, double value) {
  const int index = FindOption(rule(), option);
  CheckValue(rule().options[index], value);
  ChangeGroups(group, [&](Group* changed) { changed->values[index] = value; });
}

double Groups::Get(int32_t group, std::string_view option) const {
  const int index = FindOption(rule(), option);
  if (group != OPT_ALL_GROUPS) Check(group);
  return Own(group).values[index];
}

void Groups::Set(int32_t group, const OptionChanges& changes) {
  Check(changes);
  ChangeGroups(group, [&](Group* changed) { Apply(changes, changed); });
}

void Groups::SetSchedule(int32_t group, std::string_view option,
                         const Schedule* schedule) {
  const int index = FindOption(rule(), option);
  CheckSchedulable(rule(), index);
  if (group != OPT_ALL_GROUPS) Check(group);
  if (schedule != nullptr) schedule->CheckComplete();
  ++changes_;
  const int32_t last = group == OPT_ALL_GROUPS ? count() - 1 : group;
  schedules_.Set(group, last, index, schedule);
}

const Schedule* Groups::FindSchedule(int32_t group,
                                     std::string_view option) const {
  if (group != OPT_ALL_GROUPS) Check(group);
  return schedules_.Find(group, FindOption(rule(), option));
}

double Groups::GetScheduled(int32_t group, std::string_view option,
                            int64_t steps) const {
  const int index = FindOption(rule(), option);
  if (group != OPT_ALL_GROUPS) Check(group);
  for (const ScheduleTable::Entry& entry : schedules_.entries()) {
    if (entry.group != group || entry.option != index) continue;
    return ScheduledValue(rule(), entry, Own(group), steps);
  }
  return Own(group).values[index];
}

void Groups::ReportMetric(int32_t group, int64_t steps, double metric) {
  if (group != OPT_ALL_GROUPS) Check(group);
  schedules_.Report(group, steps, metric,
                    [this](int32_t of) -> const Group& { return Own(of); });
}

void Groups::Begin(int64_t steps) {
  if (schedules_.empty()) return;
  std::copy(groups_.begin(), groups_.end(), now_.begin());
  for (const ScheduleTable::Entry& entry : schedules_.entries()) {
    if (entry.group == OPT_ALL_GROUPS) continue;
    now_[static_cast<size_t>(entry.group)].values[entry.option] =
        ScheduledValue(rule(), entry, Own(entry.group), steps);
  }
}

void Groups::CopyFrom(const Groups& other) {
  ScheduleTable schedules(other.schedules_, groups_.get_allocator().resource());
  ++changes_;
  schedules_ = std::move(schedules);
  RestoreValues(other.defaults_, other.groups_);
  for (Group& group : groups_) group.tensor_count = 0;
}

void Groups::RestoreValues(const Group& defaults,
                           const pmr::Vector<Group>& groups) noexcept {
  ++changes_;
  defaults_ = defaults;
  std::copy(groups.begin(), groups.end(), groups_.begin());
}

void Groups::RestoreSchedules(ScheduleTable* schedules) noexcept {
  ++changes_;
  std::swap(schedules_, *schedules);
}

}  // namespace libopt
