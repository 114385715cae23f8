// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Units that get no gradient, or a tiny one: their moments decay until they are
// subnormal numbers, on which arithmetic is slow. libopt stores those as zero.

#include "tests/bench/sections.h"
#include "tests/bench/subject.h"
#include "tests/bench/table.h"

namespace bench {
namespace {

// 0.9^1200 < 2^-149: beyond the smallest subnormal number.
constexpr int kSteps = 1200;

// A contestant whose moments have decayed, or not.
struct Field {
  Field(const Case& rule_case, int64_t count)
      : buffers(rule_case.slot_count, count),
        subject(rule_case, 1),
        hyper(subject.GetHyper()),
        plain(FindPlainLoop(rule_case.rule, rule_case.slot_count)) {
    subject.Attach(buffers.arrays());
    subject.Step();
  }
  void Plain() { plain->f32(buffers.arrays(), hyper, ++step); }
  void Decay(float gradient) {
    buffers.FillGradient(gradient);
    for (int i = 0; i < kSteps; ++i) {
      subject.Step();
      if (plain != nullptr) Plain();
    }
  }

  Buffers<float> buffers;
  Subject subject;
  Hyper hyper;
  const Peer* plain;
  int64_t step = 0;
};

void RunDecayTo(const Options& options, const char* name, float gradient) {
  const int64_t count = options.quick ? 1000 : 100'000;
  Table table("State " + std::string(name) + " for " + FormatCount(kSteps) +
                  " steps, " + FormatCount(count) +
                  " elements, f32, 1 thread: time by that of normal state, "
                  "fastest (median) rounds",
              {"rule", "libopt", "plain loop", "plain/libopt"});
  for (const Case& rule_case : FindCases(options.rule)) {
    if (rule_case.slot_count == 0) continue;
    Field normal(rule_case, count);
    Field decayed(rule_case, count);
    decayed.Decay(gradient);
    std::vector<Contestant> contestants = {
        {"normal", [&]() { normal.subject.Step(); }},
        {"decayed", [&]() { decayed.subject.Step(); }}};
    if (normal.plain != nullptr) {
      contestants.push_back({"plain normal", [&]() { normal.Plain(); }});
      contestants.push_back({"plain decayed", [&]() { decayed.Plain(); }});
    }
    const auto timings = Race(contestants, EffortFor(options, count));
    const auto ratio = [&timings](size_t of, size_t by) {
      return timings.size() <= of
                 ? std::string("-")
                 : FormatRatio(timings[of].min / timings[by].min,
                               timings[of].median / timings[by].median);
    };
    table.AddRow({rule_case.name, ratio(1, 0), ratio(3, 2), ratio(3, 1)});
  }
  table.Print(options.markdown);
}

}  // namespace

void RunDecay(const Options& options) {
  RunDecayTo(options, "without a gradient", 0);
  RunDecayTo(options, "with gradients of 1e-20", 1e-20F);
}

}  // namespace bench
