// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Schedules from a line of text, for tests: a kind and its options, and others
// behind or on top of it, as in
//   linear total_iters=4 then 10 multi_step milestones=3,9 chain plateau

#ifndef OPT_TESTS_SCHEDULES_DESCRIBED_H_
#define OPT_TESTS_SCHEDULES_DESCRIBED_H_

#include <memory>
#include <string>
#include <type_traits>

#include "opt/opt.h"
#include "tests/rules/harness.h"

namespace opt_test {

struct DestroySchedule {
  void operator()(opt_schedule schedule) const {
    opt_schedule_destroy(schedule);
  }
};
using Schedule =
    std::unique_ptr<std::remove_pointer_t<opt_schedule>, DestroySchedule>;

// Makes the schedule that a line describes.
Schedule Described(const std::string& line);

// The value of a schedule.
double ValueAt(const Schedule& schedule, double base, int64_t step);

// Gives an option the schedule that a line describes.
void Give(opt_optimizer optimizer, int32_t group, const char* option,
          const std::string& described);

// Gives options of AdamW, in groups 0 and 1, schedules of every kind, chained
// and one behind another.
void GiveEverySchedule(opt_optimizer optimizer);

}  // namespace opt_test

#endif  // OPT_TESTS_SCHEDULES_DESCRIBED_H_
