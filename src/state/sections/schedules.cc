// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Schedules, if there are any: a table with a row for each part of each
// schedule, another with the numbers of the parts, and the milestones of all.

#include <algorithm>
#include <string>

#include "src/base/error.h"
#include "src/base/pmr.h"
#include "src/base/text.h"
#include "src/base/work_count.h"
#include "src/optimizer/tensor.h"
#include "src/rules/registry.h"
#include "src/state/sections/section.h"

namespace libopt {
namespace {

constexpr std::string_view kRowsName = "__schedules__";
constexpr std::string_view kValuesName = "__schedule_values__";
constexpr std::string_view kMilestonesName = "__milestones__";
constexpr std::string_view kKindsKey = "schedule_kinds";

// The columns of the first table; the second has the best metric so far and
// then the options of the part's kind.
enum Column {
  kGroup,
  kOption,  // of __options__
  kKind,    // in the metadata
  kBegin,
  kEnd,
  kMilestones,  // how many
  kBadReports,
  kCooldown,
  kReductions,
  kColumns,
};

constexpr int64_t kMaxKinds = 64;

using Kinds = pmr::Vector<const ScheduleKind*>;

int64_t IndexOf(const Kinds& kinds, const ScheduleKind* kind) {
  return std::find(kinds.begin(), kinds.end(), kind) - kinds.begin();
}

// The kinds that the schedules are made of, in the order of the registry.
Kinds KindsInUse(const ScheduleTable& schedules, pmr::MemoryResource* memory) {
  const Kinds all(ScheduleKinds(), ScheduleKinds() + ScheduleKindCount(),
                  memory);
  pmr::Vector<bool> used(all.size(), false, memory);
  for (const ScheduleTable::Entry& entry : schedules.entries()) {
    OPT_COUNT(1);
    for (const SchedulePart& part : entry.schedule.parts()) {
      used[static_cast<size_t>(IndexOf(all, part.kind))] = true;
    }
  }
  Kinds kinds(memory);
  for (size_t i = 0; i < all.size(); ++i) {
    if (used[i]) kinds.push_back(all[i]);
  }
  return kinds;
}

// A kind as the metadata describe it.
struct SavedKind {
  const ScheduleKind* kind;
  int64_t option_count;
  int options[kMaxScheduleOptions];  // of the kind, by column
};

// Reads "linear:interval,start_factor". Throws an Error about what is wrong
// with it.
SavedKind ReadKind(std::string_view text) {
  SavedKind saved = {};
  const size_t colon = std::min(text.find(':'), text.size());
  saved.kind = &FindScheduleKind(text.substr(0, colon));
  text.remove_prefix(std::min(colon + 1, text.size()));
  saved.option_count =
      ForEachName(text, ',', [&](int64_t column, std::string_view name) {
        const int option = FindScheduleOption(*saved.kind, name);
        if (column >= saved.kind->option_count) {
          Fail(OPT_ERR_FORMAT, "schedule '", saved.kind->name,
               "' does not have that many options");
        }
        saved.options[column] = option;
      });
  return saved;
}

// The rows of a checkpoint's tables, as parts of schedules.
class Reader {
 public:
  // Throws an Error if the metadata name a kind or an option that is not known.
  explicit Reader(const LoadPlan& plan)
      : rule_(*plan.request().optimizer().named().rule->descriptor),
        groups_(plan.request().optimizer().groups().count()),
        options_(plan.request().memory()) {
    const Header& header = plan.header();
    ForEachName(header.Metadata(kOptionsKey), ',',
                [&](int64_t, std::string_view name) {
                  options_.push_back(FindOption(rule_, name));
                });
    kind_count_ = ForEachName(header.Metadata(kKindsKey), ';',
                              [&](int64_t index, std::string_view text) {
                                if (index >= kMaxKinds) {
                                  Fail(OPT_ERR_FORMAT, "more than ", kMaxKinds,
                                       " kinds of schedules");
                                }
                                kinds_[index] = ReadKind(text);
                              });
  }

  int32_t GroupOf(const int64_t* row) const {
    return static_cast<int32_t>(
        InRange(row[kGroup], OPT_ALL_GROUPS, groups_ - 1, "group"));
  }

  // The rule's option whose column a row names.
  int OptionOf(const int64_t* row) const {
    const int64_t column = row[kOption];
    if (column < 0 || column >= static_cast<int64_t>(options_.size())) {
      Fail(OPT_ERR_FORMAT, "there is no option ", column);
    }
    const int option = options_[static_cast<size_t>(column)];
    CheckSchedulable(rule_, option);
    return option;
  }

  SchedulePart PartOf(const int64_t* row, const double* values,
                      int64_t value_count) const {
    const int64_t index =
        InRange(row[kKind], 0, kind_count_ - 1, "kind of schedule");
    const SavedKind& saved = kinds_[index];
    SchedulePart part = {};
    part.kind = saved.kind;
    part.begin = InRange(row[kBegin], 0, kNoEnd, "begin");
    part.end = InRange(row[kEnd], part.begin, kNoEnd, "end");
    for (int i = 0; i < part.kind->option_count; ++i) {
      part.options[i] = part.kind->options[i].default_value;
    }
    InRange(saved.option_count, 0, value_count - 1, "number of options");
    for (int64_t i = 0; i < saved.option_count; ++i) {
      part.options[saved.options[i]] = values[1 + i];
    }
    for (int i = 0; i < part.kind->option_count; ++i) {
      CheckValue(part.kind->options[i], part.options[i]);
    }
    if ((part.kind->flags & OPT_SCHEDULE_HAS_METRIC) != 0) {
      part.metric = MetricOf(row, values[0]);
    }
    return part;
  }

  // How many of the milestones that are left belong to a part.
  static int64_t MilestoneCount(const int64_t* row, const SchedulePart& part,
                                int64_t left) {
    const bool has = (part.kind->flags & OPT_SCHEDULE_HAS_MILESTONES) != 0;
    return InRange(row[kMilestones], 0, has ? left : 0, "number of milestones");
  }

 private:
  static int64_t InRange(int64_t number, int64_t min, int64_t max,
                         const char* name) {
    if (number < min || number > max) {
      Fail(OPT_ERR_FORMAT, "the ", name, " is ", number, ": it must be ", min,
           " to ", max);
    }
    return number;
  }

  static MetricState MetricOf(const int64_t* row, double best) {
    if (best != best) Fail(OPT_ERR_FORMAT, "the best metric is NaN");
    return {best,
            InRange(row[kBadReports], 0, kMaxCounter, "number of bad reports"),
            InRange(row[kCooldown], 0, kMaxCounter, "remaining cooldown"),
            InRange(row[kReductions], 0, kMaxCounter, "number of reductions")};
  }

  const RuleDescriptor& rule_;
  const int64_t groups_;
  pmr::Vector<int> options_;  // by column of the options' table
  SavedKind kinds_[kMaxKinds];
  int64_t kind_count_ = 0;
};

class SchedulesSection : public Section {
 public:
  explicit SchedulesSection(pmr::MemoryResource* memory)
      : rows_(memory),
        values_(memory),
        milestones_(memory),
        schedules_(memory) {}

  void Write(const Optimizer& optimizer, const opt_save_args&,
             Contents* contents) const override;
  void Claim(LoadPlan* plan) override;
  void Verify(const LoadPlan& plan) override;

  void Apply(const LoadPlan& plan, Optimizer* optimizer) noexcept override {
    if (!plan.request().options()) return;
    optimizer->groups().RestoreSchedules(&schedules_);
  }

 private:
  void TakeRows(const LoadPlan& plan, size_t* row);

  // As they were read.
  pmr::Vector<int64_t> rows_;  // rows by kColumns
  pmr::Vector<double> values_;
  pmr::Vector<int64_t> milestones_;
  int64_t byte_ = 0;  // of the file, where the rows begin

  ScheduleTable schedules_;
};

// "linear:interval,start_factor;cosine:interval,t_max"
pmr::String NamesOf(const Kinds& kinds) {
  pmr::String names(kinds.get_allocator());
  for (const ScheduleKind* kind : kinds) {
    if (!names.empty()) names += ';';
    names += kind->name;
    for (int i = 0; i < kind->option_count; ++i) {
      names += i == 0 ? ':' : ',';
      names += kind->options[i].name;
    }
  }
  return names;
}

void SchedulesSection::Write(const Optimizer& optimizer, const opt_save_args&,
                             Contents* contents) const {
  const ScheduleTable& schedules = optimizer.schedules();
  if (schedules.empty()) return;
  const Kinds kinds = KindsInUse(schedules, optimizer.memory());
  int most_options = 0;
  for (const ScheduleKind* kind : kinds) {
    most_options = std::max(most_options, kind->option_count);
  }
  pmr::Vector<int64_t> rows(optimizer.memory());
  pmr::Vector<double> values(optimizer.memory());
  pmr::Vector<int64_t> milestones(optimizer.memory());
  for (const ScheduleTable::Entry& entry : schedules.entries()) {
    OPT_COUNT(1);
    for (const SchedulePart& part : entry.schedule.parts()) {
      const MetricState& metric = part.metric;
      const int64_t row[kColumns] = {entry.group,
                                     entry.option,
                                     IndexOf(kinds, part.kind),
                                     part.begin,
                                     part.end,
                                     part.milestone_count,
                                     metric.bad_reports,
                                     metric.cooldown_left,
                                     metric.reductions};
      rows.insert(rows.end(), row, row + kColumns);
      values.push_back(metric.best);
      values.insert(values.end(), part.options, part.options + most_options);
      const int64_t* first = entry.schedule.MilestonesOf(part);
      milestones.insert(milestones.end(), first, first + part.milestone_count);
    }
  }
  const auto count = static_cast<int64_t>(rows.size()) / kColumns;
  contents->AddTable(kRowsName, {count, kColumns}, rows.data());
  contents->AddTable(kValuesName, {count, 1 + most_options}, values.data());
  contents->AddTable(kMilestonesName, {static_cast<int64_t>(milestones.size())},
                     milestones.data());
  contents->AddLastMetadata(kKindsKey, NamesOf(kinds));
}

void SchedulesSection::Claim(LoadPlan* plan) {
  const Header& header = plan->header();
  const HeaderEntry* rows = header.Find(kRowsName);
  const HeaderEntry* values = header.Find(kValuesName);
  const HeaderEntry* milestones = header.Find(kMilestonesName);
  if (rows == nullptr && values == nullptr && milestones == nullptr) return;
  // No more rows than the optimizer can have, whatever the header promises.
  const int64_t groups = plan->request().optimizer().groups().count();
  const int64_t most = (groups + 1) * kMaxOptions;
  const auto is = [](const HeaderEntry* entry, std::string_view dtype,
                     size_t rank, int64_t limit) {
    return entry != nullptr && entry->dtype == dtype &&
           entry->shape.size() == rank && entry->shape[0] <= limit;
  };
  if (!is(rows, "I64", 2, most * static_cast<int64_t>(kMaxScheduleParts)) ||
      rows->shape[1] != kColumns || !is(values, "F64", 2, INT64_MAX) ||
      values->shape[0] != rows->shape[0] || values->shape[1] < 1 ||
      values->shape[1] > kMaxScheduleOptions + 1 ||
      !is(milestones, "I64", 1, most * static_cast<int64_t>(kMaxMilestones))) {
    const HeaderEntry* named = rows != nullptr     ? rows
                               : values != nullptr ? values
                                                   : milestones;
    FailAt(named->named_at, "'", kRowsName, "', '", kValuesName, "' or '",
           kMilestonesName, "' is missing or has the wrong shape");
  }
  if (!plan->request().options()) return;
  rows_.resize(static_cast<size_t>(rows->count));
  values_.resize(static_cast<size_t>(values->count));
  milestones_.resize(static_cast<size_t>(milestones->count));
  plan->Read(*rows, rows_.data());
  plan->Read(*values, values_.data());
  plan->Read(*milestones, milestones_.data());
  byte_ = header.ByteOf(*rows);
}

void SchedulesSection::Verify(const LoadPlan& plan) {
  if (rows_.empty() && milestones_.empty()) return;
  size_t row = 0;
  try {
    TakeRows(plan, &row);
  } catch (const Error& error) {
    FailAt(byte_ + static_cast<int64_t>(row) * kColumns * 8, "in '", kRowsName,
           "', row ", static_cast<int64_t>(row), ": ", error.message);
  }
}

// Makes schedules from the rows. If it throws, the Error is about row `*row`.
void SchedulesSection::TakeRows(const LoadPlan& plan, size_t* row) {
  const Reader reader(plan);
  const size_t rows = rows_.size() / kColumns;
  const size_t columns = rows == 0 ? 0 : values_.size() / rows;
  const int64_t* milestones = milestones_.data();
  const int64_t* const end = milestones + milestones_.size();
  // By group, of which OPT_ALL_GROUPS is -1, and option.
  const auto groups =
      static_cast<size_t>(plan.request().optimizer().groups().count());
  pmr::Vector<bool> has_schedule((groups + 1) * kMaxOptions, false,
                                 plan.request().memory());
  size_t last = has_schedule.size();
  for (; *row < rows; ++*row) {
    OPT_COUNT(1);
    const int64_t* numbers = &rows_[*row * kColumns];
    SchedulePart part = reader.PartOf(numbers, &values_[*row * columns],
                                      static_cast<int64_t>(columns));
    part.milestone_count =
        Reader::MilestoneCount(numbers, part, end - milestones);
    CheckMilestones(milestones, part.milestone_count);
    const int32_t group = reader.GroupOf(numbers);
    const int option = reader.OptionOf(numbers);
    const size_t place = static_cast<size_t>(group + 1) * kMaxOptions +
                         static_cast<size_t>(option);
    if (place != last && has_schedule[place]) {
      const RuleDescriptor& rule =
          *plan.request().optimizer().named().rule->descriptor;
      Fail(OPT_ERR_FORMAT, "option '", rule.options[option].name,
           "' has two schedules ",
           group == OPT_ALL_GROUPS ? Text("for all groups").view()
                                   : Text("in group ", group).view());
    }
    has_schedule[place] = true;
    last = place;
    schedules_.AppendPart(group, option, part, milestones);
    milestones += part.milestone_count;
  }
  if (milestones != end) {
    Fail(OPT_ERR_FORMAT, "there are more milestones than the parts have");
  }
}

}  // namespace

std::shared_ptr<Section> MakeSchedulesSection(pmr::MemoryResource* memory) {
  return NewSection<SchedulesSection>(memory);
}

}  // namespace libopt
