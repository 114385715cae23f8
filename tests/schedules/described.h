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

// Its value.
double ValueAt(const Schedule& schedule, double base, int64_t step);

}  // namespace opt_test

#endif  // OPT_TESTS_SCHEDULES_DESCRIBED_H_
