// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The tables of schedules in a checkpoint: a row for each part of each
// schedule, and the milestones of all of them.

#ifndef OPT_SRC_STATE_SCHEDULE_TABLES_H_
#define OPT_SRC_STATE_SCHEDULE_TABLES_H_

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "src/optimizer/optimizer.h"
#include "src/state/container/header.h"

namespace libopt {

constexpr std::string_view kSchedulesName = "__schedules__";
constexpr std::string_view kScheduleValuesName = "__schedule_values__";
constexpr std::string_view kMilestonesName = "__milestones__";

// The columns of the first table; the second has `best` and then the options
// of the part's kind.
enum ScheduleColumn {
  kGroupColumn,
  kOptionColumn,  // of __options__
  kKindColumn,    // in the metadata
  kBeginColumn,
  kEndColumn,
  kMilestonesColumn,  // how many
  kBadReportsColumn,
  kCooldownColumn,
  kReductionsColumn,
  kScheduleColumns,
};

// The kinds in use with their options, as the metadata have them:
// "linear:interval,start_factor;cosine:interval,t_max".
std::pmr::string ScheduleKindNames(const ScheduleTable& schedules,
                                   std::pmr::memory_resource* memory);

// How many options the kind in use with the most of them has.
int MostScheduleOptions(const ScheduleTable& schedules);

// The index of a kind among those in use.
int64_t KindInUse(const ScheduleTable& schedules, const ScheduleKind* kind);

// The tables of a checkpoint that is read.
class ScheduleTables {
 public:
  explicit ScheduleTables(std::pmr::memory_resource* memory)
      : numbers_(memory), values_(memory), milestones_(memory) {}

  // Throws OPT_ERR_FORMAT unless the tables are all there or none is, have
  // their shapes, and no more rows than the optimizer can have.
  static void Check(const Header& header, const Optimizer& optimizer);

  void Allocate(const Header& header);
  // Where the data of the table of a name are read to.
  void* MemoryFor(std::string_view name);

  // Makes schedules of them. Throws OPT_ERR_FORMAT.
  void Take(const Header& header, const Optimizer& optimizer,
            ScheduleTable* schedules) const;

 private:
  std::pmr::vector<int64_t> numbers_;  // rows by kScheduleColumns
  std::pmr::vector<double> values_;
  std::pmr::vector<int64_t> milestones_;
};

}  // namespace libopt

#endif  // OPT_SRC_STATE_SCHEDULE_TABLES_H_
