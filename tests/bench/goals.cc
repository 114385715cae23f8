// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include <cstdio>

#include "tests/bench/sections.h"
#include "tests/bench/table.h"

namespace bench {

std::string Goals::AtMost(const std::string& what, double measured,
                          double bound) {
  return Judge(what, measured, "<=", bound, measured <= bound);
}

std::string Goals::AtLeast(const std::string& what, double measured,
                           double bound) {
  return Judge(what, measured, ">=", bound, measured >= bound);
}

std::string Goals::Judge(const std::string& what, double measured,
                         const char* sign, double bound, bool met) {
  const std::string goal = std::string(sign) + " " + Format(bound, 2);
  if (met) {
    ++met_;
    return goal + ": met";
  }
  missed_.push_back(what + ": " + Format(measured, 3) + ", should be " + goal);
  return goal + ": missed";
}

void Goals::Print() const {
  std::printf("\nGoals met: %d, missed: %zu\n", met_, missed_.size());
  for (const std::string& line : missed_) std::printf("- %s\n", line.c_str());
}

void Cases::Passed(const std::string& name) {
  ++count_;
  if (print_) std::printf("ok %d - %s\n", count_, name.c_str());
}

void Cases::Plan() const {
  if (print_) std::printf("1..%d\n", count_);
}

Effort EffortFor(const Options& options, int64_t count) {
  if (options.quick) return {2, 1e-4};
  if (count <= 100'000) return {25, 2e-3};
  if (count <= 1'000'000) return {20, 5e-3};
  if (count <= 10'000'000) return {20, 2e-2};
  return {9, 1e-9};
}

}  // namespace bench
