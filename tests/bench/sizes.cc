// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Every rule, by size and threads: nanoseconds an element, and ratios to the
// limit and to the peers' loops.

#include <algorithm>

#include "tests/bench/machine.h"
#include "tests/bench/sections.h"
#include "tests/bench/slices.h"
#include "tests/bench/subject.h"
#include "tests/bench/table.h"

namespace bench {
namespace {

constexpr int64_t kOutOfCache = 10'000'000;  // and in cache below a hundredth
constexpr double kLimitGoal = 1.08;
constexpr double kPlainGoal = 1.0;
constexpr double kDividerGoal = 1.1;  // for AdamW

// Timings of one race; those of a loop that does not exist are 0.
struct Results {
  Timing subject;
  Timing limit;
  Timing plain;
  Timing fused;
  Timing divider;
};

template <class T>
Results RaceCase(const Case& rule_case, int64_t count, int threads,
                 const Effort& effort) {
  Buffers<T> buffers(rule_case.slot_count, count);
  const Arrays<T>& arrays = buffers.arrays();
  Subject subject(rule_case, threads);
  subject.Attach(arrays);
  const Hyper hyper = subject.GetHyper();

  std::vector<Contestant> contestants = {{"libopt", [&]() { subject.Step(); }}};
  for (int variant = 0; variant < kLimitVariants; ++variant) {
    const auto stream = FindLimitLoop<T>(rule_case.slot_count, variant);
    contestants.push_back(
        {"limit" + std::to_string(variant),
         [&arrays, threads, stream]() { ForSlices(threads, arrays, stream); }});
  }
  int64_t step = 0;
  const auto add_peer = [&](const char* name, const Peer* peer) {
    if (peer == nullptr) return;
    contestants.push_back(
        {name, [&, loop = LoopOf<T>(*peer)]() {
           ++step;
           ForSlices(threads, arrays,
                     [&](const Arrays<T>& slice) { loop(slice, hyper, step); });
         }});
  };
  add_peer("plain", FindPlainLoop(rule_case.rule, rule_case.slot_count));
  add_peer("fused", FindFusedLoop(rule_case.rule, rule_case.slot_count));

  if (rule_case.rule == OPT_RULE_ADAMW) {
    contestants.push_back(
        {"divider", [&]() { ForSlices(threads, arrays, Divide<T>); }});
  }

  const std::vector<Timing> timings = Race(contestants, effort);
  Results results = {timings[0], timings[1], {}, {}, {}};
  for (size_t i = 2; i < timings.size(); ++i) {
    const std::string& name = contestants[i].name;
    if (name == "plain") {
      results.plain = timings[i];
    } else if (name == "fused") {
      results.fused = timings[i];
    } else if (name == "divider") {
      results.divider = timings[i];
    } else {
      results.limit.min = std::min(results.limit.min, timings[i].min);
      results.limit.median = std::min(results.limit.median, timings[i].median);
    }
  }
  return results;
}

std::string FormatTimes(const Timing& of, const Timing& by) {
  if (of.min == 0) return "-";
  return FormatRatio(of.min / by.min, of.median / by.median);
}

std::string JudgeRow(const std::string& what, int64_t count, int threads,
                     const Results& results, Goals* goals) {
  const double subject = results.subject.min;
  if (count >= kOutOfCache) {
    return "limit " + goals->AtMost(what + " by limit",
                                    subject / results.limit.min, kLimitGoal);
  }
  if (count > kOutOfCache / 100 || threads > 1 || results.plain.min == 0) {
    return "";
  }
  std::string text =
      "plain " + goals->AtLeast("plain by " + what, results.plain.min / subject,
                                kPlainGoal);
  if (results.divider.min != 0) {
    text += ", divider " + goals->AtMost(what + " by divider",
                                         subject / results.divider.min,
                                         kDividerGoal);
  }
  return text;
}

template <class T>
void RunTable(const Options& options, const std::vector<int64_t>& sizes,
              int threads, Goals* goals) {
  const std::string setting = std::string(TypeName<T>()) + ", " +
                              std::to_string(threads) +
                              (threads == 1 ? " thread" : " threads");
  Table table("One tensor, " + setting + ": fastest round (median round)",
              {"rule", "elements", "ns/element", "GB/s", "libopt/limit",
               "plain/libopt", "fused/libopt", "libopt/divider", "goal"});
  for (const Case& rule_case : FindCases(options.rule)) {
    for (const int64_t count : sizes) {
      const int slots = rule_case.slot_count;
      const int64_t state =
          Buffers<T>::Bytes(slots, count) - Buffers<T>::Bytes(0, count);
      const int64_t needed = Buffers<T>::Bytes(slots, count) + state;
      if (needed > AvailableMemory()) {
        table.AddRow({rule_case.name, FormatCount(count), "not measured: needs",
                      FormatCount(needed >> 20) + " MiB of free memory"});
        continue;
      }
      const Results results =
          RaceCase<T>(rule_case, count, threads, EffortFor(options, count));
      const auto elements = static_cast<double>(count);
      const double moved = (3 + 2 * slots) * elements * sizeof(T);
      const std::string what = rule_case.name + " of " + FormatCount(count) +
                               " elements, " + setting;
      table.AddRow({rule_case.name, FormatCount(count),
                    Format(results.subject.min / elements * 1e9, 3),
                    Format(moved / results.subject.min * 1e-9, 1),
                    FormatTimes(results.subject, results.limit),
                    FormatTimes(results.plain, results.subject),
                    FormatTimes(results.fused, results.subject),
                    results.divider.min == 0
                        ? "-"
                        : FormatTimes(results.subject, results.divider),
                    JudgeRow(what, count, threads, results, goals)});
    }
  }
  table.Print(options.markdown);
}

}  // namespace

void RunSizes(const Options& options, Goals* goals) {
  for (const int threads : options.threads) {
    RunTable<float>(options, options.sizes, threads, goals);
  }
  std::vector<int64_t> f64_sizes;
  for (const int64_t count : options.sizes) {
    if (options.sizes.size() == 1 || count <= 100'000 || count == kOutOfCache) {
      f64_sizes.push_back(count);
    }
  }
  RunTable<double>(options, f64_sizes, 1, goals);
}

}  // namespace bench
