// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// What schedules give, for digests: values, and training with them.

#ifndef OPT_TESTS_DETERMINISM_SCHEDULE_BITS_H_
#define OPT_TESTS_DETERMINISM_SCHEDULE_BITS_H_

#include <string>
#include <vector>

#include "tests/rules/grid.h"

namespace opt_test {

// Schedules of every kind, and joined ones, as Described() takes them.
std::vector<std::string> EverySchedule();

// The bits of its values: step by step, then far away.
std::string ScheduleBits(const std::string& schedule);

// The bits of what it gives after each report of a metric.
std::string ReportBits(const std::string& schedule);

// As Grid::Run, with a schedule of the learning rate and without options.
std::vector<Grid::TensorBits> ScheduledBits(const std::string& rule,
                                            const std::string& schedule,
                                            const Context& context, Grid* grid);

}  // namespace opt_test

#endif  // OPT_TESTS_DETERMINISM_SCHEDULE_BITS_H_
