// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/schedule_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "src/base/error.h"
#include "src/base/pmr.h"
#include "src/rules/registry.h"

namespace libopt {
namespace {

// The value that a schedule gives to an option, in words for a message.
Text Described(const RuleDescriptor& rule, const ScheduleTable::Entry& entry,
               double value, int64_t step) {
  Text text("the schedule of option '", rule.options[entry.option].name, "'");
  if (entry.group != OPT_ALL_GROUPS) {
    text.Append(" of group ");
    text.Append(entry.group);
  }
  text.Append(" gives ");
  text.Append(value);
  text.Append(" at step ");
  text.Append(step);
  return text;
}

}  // namespace

ScheduleTable::ScheduleTable(const ScheduleTable& other,
                             pmr::MemoryResource* memory)
    : entries_(memory) {
  entries_.reserve(other.entries_.size());
  for (const Entry& entry : other.entries_) {
    entries_.push_back(
        {entry.group, entry.option, Schedule(entry.schedule, memory)});
  }
}

const Schedule* ScheduleTable::Find(int32_t group, int option) const {
  for (const Entry& entry : entries_) {
    if (entry.group == group && entry.option == option) return &entry.schedule;
  }
  return nullptr;
}

void ScheduleTable::Set(int32_t first, int32_t last, int option,
                        const Schedule* schedule) {
  pmr::MemoryResource* memory = entries_.get_allocator().resource();
  pmr::Vector<Entry> added(memory);
  for (int32_t group = first; schedule != nullptr && group <= last; ++group) {
    added.push_back({group, option, Schedule(*schedule, memory)});
    added.back().schedule.Start();
  }
  entries_.reserve(entries_.size() + added.size());
  entries_.erase(std::remove_if(entries_.begin(), entries_.end(),
                                [&](const Entry& entry) {
                                  return entry.option == option &&
                                         entry.group >= first &&
                                         entry.group <= last;
                                }),
                 entries_.end());
  std::move(added.begin(), added.end(), std::back_inserter(entries_));
}

void ScheduleTable::AddGroup(int32_t group) {
  pmr::MemoryResource* memory = entries_.get_allocator().resource();
  pmr::Vector<Entry> added(memory);
  for (const Entry& entry : entries_) {
    if (entry.group != OPT_ALL_GROUPS) continue;
    added.push_back({group, entry.option, Schedule(entry.schedule, memory)});
  }
  entries_.reserve(entries_.size() + added.size());
  std::move(added.begin(), added.end(), std::back_inserter(entries_));
}

void ScheduleTable::AppendPart(int32_t group, int option,
                               const SchedulePart& part,
                               const int64_t* milestones) {
  const bool more = !entries_.empty() && entries_.back().group == group &&
                    entries_.back().option == option;
  if (!more) {
    entries_.push_back(
        {group, option, Schedule(entries_.get_allocator().resource())});
  }
  entries_.back().schedule.Append(part, milestones);
}

void CheckSchedulable(const RuleDescriptor& rule, int index) {
  const OptionDescriptor& option = rule.options[index];
  if ((option.flags & (OPT_OPTION_BOOL | OPT_OPTION_CHOICE)) != 0) {
    Fail(OPT_ERR_ARGUMENT, "option '", option.name,
         "' cannot be scheduled: it is a switch or a choice, not a quantity");
  }
  for (int i = 0; i < rule.slot_count; ++i) {
    // A learning rate may always follow a schedule, even where only its first
    // value counts, so that the same program trains with every rule.
    if (rule.slots[i].initial_option != index || index == kLr) continue;
    Fail(OPT_ERR_ARGUMENT, "option '", option.name,
         "' cannot be scheduled: it is the initial value of state, "
         "and steps do not use it");
  }
}

double ScheduledValue(const RuleDescriptor& rule,
                      const ScheduleTable::Entry& entry, const Group& group,
                      int64_t step) {
  const OptionDescriptor& option = rule.options[entry.option];
  const double base = group.values[entry.option];
  const double value = entry.schedule.Value(base, step);
  try {
    CheckValue(option, value);
  } catch (const Error& error) {
    Fail(error.status, Described(rule, entry, value, step), ": ",
         error.message);
  }
  if ((option.flags & OPT_OPTION_LAYOUT) != 0 && base == 0 && value != 0) {
    Fail(OPT_ERR_STATE, Described(rule, entry, value, step),
         ", which needs state, but the option's own value is 0: set it before "
         "opt_attach");
  }
  return value;
}

}  // namespace libopt
