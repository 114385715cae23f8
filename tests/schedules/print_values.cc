// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Prints values of schedules, for a script to compare. Each line of the input
//   <base> <steps> <schedule>
//   <base> report <metric>,<metric>,... <schedule>
// gives a line of numbers: the values in that many steps, or after each report.

#include <cstdio>
#include <exception>
#include <iostream>
#include <sstream>
#include <string>

#include "tests/schedules/described.h"

namespace opt_test {
namespace {

void PrintSteps(const Schedule& schedule, double base, int64_t steps) {
  for (int64_t step = 0; step < steps; ++step) {
    std::printf("%a ", ValueAt(schedule, base, step));
  }
}

void PrintReports(const Schedule& schedule, double base,
                  const std::string& metrics) {
  opt_optimizer optimizer = nullptr;
  Check(opt_create(nullptr, OPT_RULE_SGD, &optimizer));
  Check(opt_set(optimizer, 0, OPT_LR, base));
  Check(opt_set_schedule(optimizer, 0, OPT_LR, schedule.get()));
  std::istringstream numbers(metrics);
  for (std::string number; std::getline(numbers, number, ',');) {
    double value = 0;
    Check(opt_report_metric(optimizer, 0, std::stod(number)));
    Check(opt_get_scheduled(optimizer, 0, OPT_LR, &value));
    std::printf("%a ", value);
  }
  Check(opt_destroy(optimizer));
}

void PrintCase(const std::string& line) {
  std::istringstream words(line);
  double base = 0;
  std::string steps;
  std::string metrics;
  std::string schedule;
  words >> base >> steps;
  if (steps == "report") words >> metrics;
  std::getline(words, schedule);
  if (steps == "report") {
    PrintReports(Described(schedule), base, metrics);
  } else {
    PrintSteps(Described(schedule), base, std::stoll(steps));
  }
  std::printf("\n");
}

}  // namespace
}  // namespace opt_test

int main() {
  std::string line;
  try {
    while (std::getline(std::cin, line)) opt_test::PrintCase(line);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "print_values: error: %s: %s\n", line.c_str(),
                 error.what());
    return 1;
  }
  return 0;
}
