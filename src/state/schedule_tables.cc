// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/state/schedule_tables.h"

#include <algorithm>

#include "src/base/error.h"
#include "src/rules/registry.h"
#include "src/state/container/header.h"
#include "src/state/container/json.h"
#include "src/state/name_list.h"

namespace libopt {
namespace {

// The kinds in use, each once, in the order of the registry.
template <typename Body>
void ForEachKindInUse(const ScheduleTable& schedules, const Body& body) {
  for (int i = 0; i < ScheduleKindCount(); ++i) {
    const ScheduleKind* kind = ScheduleKinds()[i];
    const auto is_kind = [&](const SchedulePart& part) {
      return part.kind == kind;
    };
    for (const ScheduleTable::Entry& entry : schedules.entries()) {
      const auto& parts = entry.schedule.parts();
      if (std::none_of(parts.begin(), parts.end(), is_kind)) continue;
      body(*kind);
      break;
    }
  }
}

// A kind as the metadata of a checkpoint have it.
struct SavedKind {
  const ScheduleKind* kind;
  int64_t option_count;
  int options[kMaxScheduleOptions];  // of the kind, by column
};

constexpr int64_t kMaxKinds = 64;

// Throws an Error that says what is wrong.
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
               "' has not as many options");
        }
        saved.options[column] = option;
      });
  return saved;
}

// The rows of a checkpoint, as parts of schedules.
class Reader {
 public:
  Reader(const Header& header, const Optimizer& optimizer)
      : rule_(*optimizer.named().rule->descriptor),
        groups_(int64_t{optimizer.groups().count()}),
        option_names_(header.Metadata("options")) {
    kind_count_ = ForEachName(header.Metadata("schedule_kinds"), ';',
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
        InRange(row[kGroupColumn], OPT_ALL_GROUPS, groups_ - 1, "group"));
  }

  // The rule's option, by its name in the columns of the options' table.
  int OptionOf(const int64_t* row) const {
    int option = -1;
    const int64_t wanted = row[kOptionColumn];
    ForEachName(option_names_, ',', [&](int64_t index, std::string_view name) {
      if (index == wanted) option = FindOption(rule_, name);
    });
    if (option < 0) Fail(OPT_ERR_FORMAT, "there is no option ", wanted);
    CheckSchedulable(rule_, option);
    return option;
  }

  SchedulePart PartOf(const int64_t* row, const double* values,
                      int64_t value_count) const {
    const int64_t index =
        InRange(row[kKindColumn], 0, kind_count_ - 1, "kind of schedule");
    const SavedKind& saved = kinds_[index];
    SchedulePart part = {};
    part.kind = saved.kind;
    part.begin = InRange(row[kBeginColumn], 0, kNoEnd, "begin");
    part.end = InRange(row[kEndColumn], part.begin, kNoEnd, "end");
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

  // Takes a part's milestones from those that are left.
  static int64_t MilestoneCount(const int64_t* row, const SchedulePart& part,
                                int64_t left) {
    const bool has = (part.kind->flags & OPT_SCHEDULE_HAS_MILESTONES) != 0;
    return InRange(row[kMilestonesColumn], 0, has ? left : 0,
                   "number of milestones");
  }

 private:
  static int64_t InRange(int64_t number, int64_t min, int64_t max,
                         const char* what) {
    if (number < min || number > max) {
      Fail(OPT_ERR_FORMAT, "the ", what, " is ", number, ": it is ", min,
           " to ", max);
    }
    return number;
  }

  static MetricState MetricOf(const int64_t* row, double best) {
    if (best != best) Fail(OPT_ERR_FORMAT, "the best metric is NaN");
    return {best,
            InRange(row[kBadReportsColumn], 0, kMaxCounter, "bad reports"),
            InRange(row[kCooldownColumn], 0, kMaxCounter, "cooldown"),
            InRange(row[kReductionsColumn], 0, kMaxCounter, "reductions")};
  }

  const RuleDescriptor& rule_;
  const int64_t groups_;
  const std::string_view option_names_;
  SavedKind kinds_[kMaxKinds];
  int64_t kind_count_ = 0;
};

}  // namespace

std::pmr::string ScheduleKindNames(const ScheduleTable& schedules,
                                   std::pmr::memory_resource* memory) {
  std::pmr::string names(memory);
  ForEachKindInUse(schedules, [&](const ScheduleKind& kind) {
    if (!names.empty()) names += ';';
    names += kind.name;
    for (int i = 0; i < kind.option_count; ++i) {
      names += i == 0 ? ':' : ',';
      names += kind.options[i].name;
    }
  });
  return names;
}

int MostScheduleOptions(const ScheduleTable& schedules) {
  int most = 0;
  ForEachKindInUse(schedules, [&](const ScheduleKind& kind) {
    most = std::max(most, kind.option_count);
  });
  return most;
}

int64_t KindInUse(const ScheduleTable& schedules, const ScheduleKind* kind) {
  int64_t count = 0;
  int64_t index = 0;
  ForEachKindInUse(schedules, [&](const ScheduleKind& used) {
    if (&used == kind) index = count;
    ++count;
  });
  return index;
}

void ScheduleTables::Check(const Header& header, const Optimizer& optimizer) {
  const HeaderEntry* rows = header.Find(kSchedulesName);
  const HeaderEntry* values = header.Find(kScheduleValuesName);
  const HeaderEntry* milestones = header.Find(kMilestonesName);
  const auto most = (int64_t{optimizer.groups().count()} + 1) * kMaxOptions;
  const auto is = [](const HeaderEntry* entry, std::string_view dtype,
                     size_t rank, int64_t limit) {
    return entry != nullptr && entry->dtype == dtype &&
           entry->shape.size() == rank && entry->shape[0] <= limit;
  };
  if (rows == nullptr && values == nullptr && milestones == nullptr) return;
  if (is(rows, "I64", 2, most * static_cast<int64_t>(kMaxScheduleParts)) &&
      rows->shape[1] == kScheduleColumns && is(values, "F64", 2, INT64_MAX) &&
      values->shape[0] == rows->shape[0] && values->shape[1] >= 1 &&
      values->shape[1] <= kMaxScheduleOptions + 1 &&
      is(milestones, "I64", 1, most * static_cast<int64_t>(kMaxMilestones))) {
    return;
  }
  const HeaderEntry* named = rows != nullptr     ? rows
                             : values != nullptr ? values
                                                 : milestones;
  FailAt(named->named_at, "'", kSchedulesName, "', '", kScheduleValuesName,
         "' or '", kMilestonesName, "' is missing or has the wrong shape");
}

void ScheduleTables::Allocate(const Header& header) {
  const auto count = [&](std::string_view name) {
    const HeaderEntry* entry = header.Find(name);
    return entry == nullptr ? 0 : static_cast<size_t>(entry->count);
  };
  numbers_.resize(count(kSchedulesName));
  values_.resize(count(kScheduleValuesName));
  milestones_.resize(count(kMilestonesName));
}

void* ScheduleTables::MemoryFor(std::string_view name) {
  if (name == kSchedulesName) return numbers_.data();
  if (name == kScheduleValuesName) return values_.data();
  return milestones_.data();
}

void ScheduleTables::Take(const Header& header, const Optimizer& optimizer,
                          ScheduleTable* schedules) const {
  const size_t rows = numbers_.size() / kScheduleColumns;
  if (rows == 0 && milestones_.empty()) return;
  const size_t columns = rows == 0 ? 0 : values_.size() / rows;
  const int64_t begin = header.data_start + header.Find(kSchedulesName)->begin;
  const int64_t* milestones = milestones_.data();
  const int64_t* const end = milestones + milestones_.size();
  size_t row = 0;
  try {
    const Reader reader(header, optimizer);
    for (; row < rows; ++row) {
      const int64_t* numbers = &numbers_[row * kScheduleColumns];
      SchedulePart part = reader.PartOf(numbers, &values_[row * columns],
                                        static_cast<int64_t>(columns));
      part.milestone_count =
          Reader::MilestoneCount(numbers, part, end - milestones);
      CheckMilestones(milestones, part.milestone_count);
      schedules->AppendPart(reader.GroupOf(numbers), reader.OptionOf(numbers),
                            part, milestones);
      milestones += part.milestone_count;
    }
    if (milestones != end) {
      Fail(OPT_ERR_FORMAT, "milestones of no part are left over");
    }
  } catch (const Error& error) {
    FailAt(begin + static_cast<int64_t>(row) * kScheduleColumns * 8, "in '",
           kSchedulesName, "', row ", static_cast<int64_t>(row), ": ",
           error.message);
  }
}

}  // namespace libopt
