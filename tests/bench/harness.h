// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Races: contestants that do the same work, timed by Google Benchmark in this
// process, their rounds interleaved at random, so that whatever else the
// machine does hits all of them alike.

#ifndef OPT_TESTS_BENCH_HARNESS_H_
#define OPT_TESTS_BENCH_HARNESS_H_

#include <functional>
#include <string>
#include <vector>

namespace bench {

struct Contestant {
  std::string name;
  std::function<void()> call;
};

// Seconds a call takes, over the rounds of a race.
struct Timing {
  double min;
  double median;
};

// How long to measure: rounds of each contestant, and seconds of a round,
// which has at least one call.
struct Effort {
  int rounds;
  double seconds;
};

// Once, before the first race.
void InitializeRaces();

// Returns one timing per contestant, in their order.
std::vector<Timing> Race(const std::vector<Contestant>& contestants,
                         const Effort& effort);

}  // namespace bench

#endif  // OPT_TESTS_BENCH_HARNESS_H_
