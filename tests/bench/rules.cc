// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// What a step of each rule costs beside one of AdamW: on one matrix that no
// cache holds, and on matrices each of which fits the second-level cache.

#include <deque>

#include "tests/bench/sections.h"
#include "tests/bench/subject.h"
#include "tests/bench/table.h"

namespace bench {
namespace {

struct Matrices {
  const char* name;
  int64_t tensors;
  int64_t rows;
  int64_t columns;
  double lamb;  // goals, by AdamW
  double adafactor;
};

constexpr Matrices kMatrices[] = {{"a large matrix", 1, 3000, 4000, 1.9, 1.5},
                                  {"small matrices", 300, 100, 100, 1.35, 1.5}};

std::string Judged(const Case& rule_case, const Matrices& matrices,
                   double ratio, Goals* goals) {
  const bool is_lamb = rule_case.rule == OPT_RULE_LAMB;
  if (!is_lamb && rule_case.rule != OPT_RULE_ADAFACTOR) return "";
  return goals->AtMost(rule_case.name + " by adamw, " + matrices.name, ratio,
                       is_lamb ? matrices.lamb : matrices.adafactor);
}

}  // namespace

void RunRules(const Options& options, Goals* goals) {
  for (const Matrices& matrices : kMatrices) {
    const int64_t shrink = options.quick ? 50 : 1;
    const std::vector<int64_t> shape = {matrices.rows / shrink,
                                        matrices.columns / shrink};
    const int64_t count = matrices.tensors * shape[0] * shape[1];
    const Case adamw = FindCases(OPT_RULE_ADAMW).front();
    Buffers<float> buffers(0, count);
    Table table("Every rule on " + std::string(matrices.name) + ", " +
                    FormatCount(count) +
                    " elements, f32, 1 thread: time by that of adamw, fastest "
                    "(median) rounds",
                {"rule", "time", "goal"});
    for (const Case& rule_case : FindCases(options.rule)) {
      Subject reference(adamw, 1);
      Subject subject(rule_case, 1);
      reference.Attach(buffers.arrays(), matrices.tensors, shape);
      subject.Attach(buffers.arrays(), matrices.tensors, shape);
      const auto timings = Race({{"adamw", [&]() { reference.Step(); }},
                                 {"rule", [&]() { subject.Step(); }}},
                                EffortFor(options, count));
      const double ratio = timings[1].min / timings[0].min;
      table.AddRow({rule_case.name,
                    FormatRatio(ratio, timings[1].median / timings[0].median),
                    Judged(rule_case, matrices, ratio, goals)});
    }
    table.Print(options.markdown);
  }
}

}  // namespace bench
