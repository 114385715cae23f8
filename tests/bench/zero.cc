// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Zeroing the gradients in the same pass over memory, or in one of its own.

#include <cstring>

#include "tests/bench/sections.h"
#include "tests/bench/subject.h"
#include "tests/bench/table.h"

namespace bench {

void RunZero(const Options& options) {
  const int64_t count = options.quick ? 1000 : 10'000'000;
  Table table(
      "Step and zero the gradients, " + FormatCount(count) +
          " elements, f32, 1 thread: time by that of OPT_STEP_ZERO_GRADS, "
          "fastest (median) rounds",
      {"rule", "ns/element", "step, then opt_zero_grads", "step, then memset"});
  for (const Case& rule_case : FindCases(options.rule)) {
    Buffers<float> buffers(0, count);
    const Arrays<float>& arrays = buffers.arrays();
    Subject subject(rule_case, 1);
    subject.Attach(arrays);
    const auto timings =
        Race({{"in the step", [&]() { subject.StepAndZero(); }},
              {"zero_grad",
               [&]() {
                 subject.Step();
                 subject.ZeroGrad();
               }},
              {"memset",
               [&]() {
                 subject.Step();
                 std::memset(arrays.grad, 0, sizeof(float) * arrays.count);
               }}},
             EffortFor(options, count));
    const auto ratio = [&timings](size_t of) {
      return FormatRatio(timings[of].min / timings[0].min,
                         timings[of].median / timings[0].median);
    };
    table.AddRow({rule_case.name,
                  Format(timings[0].min / static_cast<double>(count) * 1e9, 3),
                  ratio(1), ratio(2)});
  }
  table.Print(options.markdown);
}

}  // namespace bench
