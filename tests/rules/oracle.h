// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The update rules a second time, from the printed formulas and nothing else:
// what the library's results are measured against.

#ifndef OPT_TESTS_RULES_ORACLE_H_
#define OPT_TESTS_RULES_ORACLE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/rules/data.h"
#include "tests/rules/tracked.h"

namespace opt_test {

// A tensor before a step, its gradient included, exact.
struct Before {
  std::vector<long double> param;
  std::vector<long double> grad;
  std::map<std::string, std::vector<long double>> slots;
};

// The same tensor after it. The parameter is param + update; the state is what
// the formula says, not yet flushed to zero where it is subnormal.
struct After {
  std::vector<Tracked> update;
  std::map<std::string, std::vector<Tracked>> slots;
};

bool OracleKnows(const std::string& rule);

// Makes step number `step` (1 at the first) of a rule that OracleKnows().
After OracleStep(const std::string& rule, const Options& options, int64_t step,
                 const Before& before);

// The result of a step of a frozen tensor.
After Unchanged(const Before& before);

// 1 - beta^step, in double by repeated squaring as the formulas page demands:
// where 1 - beta is small, the roundings of the power reach far into it, so
// that only the same way of computing it gives comparable digits in f64.
double BiasCorrection(double beta, int64_t step);

}  // namespace opt_test

#endif  // OPT_TESTS_RULES_ORACLE_H_
