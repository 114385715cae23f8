// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The cost of a call of opt_step() when there is next to nothing to compute.

#include "tests/bench/sections.h"
#include "tests/bench/subject.h"
#include "tests/bench/table.h"

namespace bench {

void RunCalls(const Options& options) {
  constexpr int64_t kCounts[] = {1, 1000};
  Table table(
      "One call on one tensor, f32: nanoseconds, fastest (median) round",
      {"rule", "1 element (guide: 50)", "plain loop",
       "1,000 elements (guide: 400)", "plain loop"});
  for (const Case& rule_case : FindCases(options.rule)) {
    std::vector<std::string> row = {rule_case.name};
    for (const int64_t count : kCounts) {
      Buffers<float> buffers(rule_case.slot_count, count);
      const Arrays<float>& arrays = buffers.arrays();
      Subject subject(rule_case, 1);
      subject.Attach(arrays);
      std::vector<Contestant> contestants = {
          {"libopt", [&]() { subject.Step(); }}};
      const Hyper hyper = subject.GetHyper();
      int64_t step = 0;
      const Peer* plain = FindPlainLoop(rule_case.rule, rule_case.slot_count);
      if (plain != nullptr) {
        contestants.push_back(
            {"plain", [&]() { plain->f32(arrays, hyper, ++step); }});
      }
      const auto timings = Race(contestants, EffortFor(options, count));
      for (const Timing& timing : timings) {
        row.push_back(Format(timing.min * 1e9, 1) + " (" +
                      Format(timing.median * 1e9, 1) + ")");
      }
      if (plain == nullptr) row.push_back("-");
    }
    table.AddRow(row);
  }
  table.Print(options.markdown);
}

}  // namespace bench
