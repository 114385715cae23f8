// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The update rules a second time, from the printed formulas and nothing else:
// what the library's results are measured against.

#ifndef OPT_TESTS_RULES_ORACLE_H_
#define OPT_TESTS_RULES_ORACLE_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/rules/data.h"
#include "tests/rules/tracked.h"

namespace opt_test {

// The arrays of a tensor's slots by their names. Oracles look them up for each
// element, and there are few: a search takes less time than a std::map.
template <typename V>
class SlotArrays {
 public:
  using Entry = std::pair<std::string, std::vector<V>>;
  using Iterator = typename std::deque<Entry>::const_iterator;

  Iterator begin() const { return entries_.begin(); }
  Iterator end() const { return entries_.end(); }
  Iterator find(std::string_view slot) const {
    return std::find_if(begin(), end(), [slot](const Entry& entry) {
      return entry.first == slot;
    });
  }
  size_t count(std::string_view slot) const { return find(slot) != end(); }
  const std::vector<V>& at(std::string_view slot) const {
    const Iterator found = find(slot);
    if (found == end()) throw std::out_of_range(std::string(slot));
    return found->second;
  }
  // That of a slot without one is empty at first.
  std::vector<V>& operator[](std::string_view slot) {
    const auto found = static_cast<size_t>(find(slot) - begin());
    if (found == entries_.size()) entries_.push_back({std::string(slot), {}});
    return entries_[found].second;
  }

 private:
  std::deque<Entry> entries_;  // whose elements stay where they are
};

// A tensor before a step, its gradient included, exact.
struct Before {
  std::vector<long double> param;
  std::vector<long double> grad;
  SlotArrays<long double> slots;
};

// The same tensor after it. The parameter is param + update; the state is what
// the formula says, not yet flushed to zero where it is subnormal.
struct After {
  std::vector<Tracked> update;
  SlotArrays<Tracked> slots;
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
