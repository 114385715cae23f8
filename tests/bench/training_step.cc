// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The training step as one call: unscale, clip by the norm of all, AdamW, a
// moving average of the weights, zero the gradients; against the same work as
// loops of their own, each over all elements, and against the bytes that have
// to move. What looking for Inf and NaN costs where no norm is computed.

#include <algorithm>
#include <cmath>
#include <cstring>

#include "tests/bench/sections.h"
#include "tests/bench/slices.h"
#include "tests/bench/subject.h"
#include "tests/bench/table.h"
#include "tests/bench/training_loops.h"

namespace bench {
namespace {

constexpr int64_t kOutOfCache = 10'000'000;
constexpr double kLoopsGoal = 1.3;
constexpr double kLimitGoal = 1.08;
constexpr double kScale = 1024;
constexpr double kMaxNorm = 1;
constexpr double kDecay = 0.999;

class Loops {
 public:
  Loops(const Arrays<float>& arrays, const Case& adamw, const Hyper& hyper,
        int threads, bool averages)
      : arrays_(arrays),
        adamw_(*FindPlainLoop(adamw.rule, adamw.slot_count)),
        hyper_(hyper),
        threads_(threads),
        averages_(averages) {}

  // As a program writes it: one after the other.
  void Step() {
    ++step_;
    ForAll([](const Arrays<float>& a) {
      ScaleGradient(a, static_cast<float>(1 / kScale));
    });
    const double norm = std::sqrt(Sum());
    const auto factor =
        static_cast<float>(std::min(1.0, kMaxNorm / (norm + 1e-6)));
    ForAll([factor](const Arrays<float>& a) { ScaleGradient(a, factor); });
    ForAll([this](const Arrays<float>& a) { adamw_.f32(a, hyper_, step_); });
    if (averages_) {
      ForAll([](const Arrays<float>& a) { MoveAverage(a, kDecay); });
    }
    Zero();
  }

  // No more than the bytes: a read for the norm, the update's streams, zeros.
  void Limit(LimitLoop<float> stream) {
    Sum();
    ForAll(stream);
    Zero();
  }

 private:
  template <class Function>
  void ForAll(const Function& loop) {
    ForSlices(threads_, arrays_, loop);
  }
  void Zero() {
    ForAll([](const Arrays<float>& a) {
      std::memset(a.grad, 0, sizeof(float) * static_cast<size_t>(a.count));
    });
  }
  double Sum() {
    double sum = 0;
    ForAll([&sum](const Arrays<float>& a) {
      const double part = SumOfSquares(a);
#pragma omp atomic
      sum += part;
    });
    return sum;
  }

  const Arrays<float> arrays_;
  const Peer& adamw_;
  const Hyper hyper_;
  const int threads_;
  const bool averages_;
  int64_t step_ = 0;
};

void RunOnePass(const Options& options, bool averages, Goals* goals) {
  const Case adamw = FindCases("adamw").front();
  Table table(std::string("Unscale, clip by norm, AdamW, ") +
                  (averages ? "average the weights, " : "") +
                  "zero the gradients, f32: fastest round (median round)",
              {"elements", "threads", "ns/element", "loops/libopt",
               "libopt/limit", "goal"});
  for (const int threads : options.threads) {
    for (const int64_t count : options.sizes) {
      if (count > 10 * kOutOfCache / 2) continue;
      const int arrays = adamw.slot_count + (averages ? 1 : 0);
      Buffers<float> buffers(arrays, count);
      Subject subject(adamw, threads);
      subject.Attach(buffers.arrays());
      if (averages) subject.StartAverage(kDecay);
      Loops loops(buffers.arrays(), adamw, subject.GetHyper(), threads,
                  averages);
      opt_grad_work work = OPT_GRAD_WORK_INIT;
      work.loss_scale = kScale;
      work.max_norm = kMaxNorm;
      std::vector<Contestant> contestants = {
          {"libopt", [&]() { subject.StepWith(work, OPT_STEP_ZERO_GRADS); }},
          {"loops", [&]() { loops.Step(); }}};
      for (int variant = 0; variant < kLimitVariants; ++variant) {
        const auto stream = FindLimitLoop<float>(arrays, variant);
        contestants.push_back({"limit" + std::to_string(variant),
                               [&loops, stream]() { loops.Limit(stream); }});
      }
      const auto timings = Race(contestants, EffortFor(options, count));
      const Timing limit = {std::min(timings[2].min, timings[3].min),
                            std::min(timings[2].median, timings[3].median)};
      const auto ratio = [](const Timing& of, const Timing& by) {
        return FormatRatio(of.min / by.min, of.median / by.median);
      };
      std::string goal;
      if (count >= kOutOfCache) {
        const std::string what =
            "a training step of " + FormatCount(count) +
            (averages ? " elements, averaged" : " elements") + ", threads " +
            std::to_string(threads);
        goal = "loops " +
               goals->AtLeast("loops by " + what,
                              timings[1].min / timings[0].min, kLoopsGoal) +
               ", limit " +
               goals->AtMost(what + " by limit", timings[0].min / limit.min,
                             kLimitGoal);
      }
      table.AddRow(
          {FormatCount(count), std::to_string(threads),
           Format(timings[0].min / static_cast<double>(count) * 1e9, 3),
           ratio(timings[1], timings[0]), ratio(timings[0], limit), goal});
    }
  }
  table.Print(options.markdown);
}

void RunNonfinite(const Options& options) {
  const int64_t count = options.quick ? 1000 : kOutOfCache;
  Table table("Looking for Inf and NaN, " + FormatCount(count) +
                  " elements, f32, 1 thread: time of a step with "
                  "OPT_NONFINITE_SKIP by that of a plain one, fastest (median) "
                  "rounds",
              {"rule", "skip/plain", "clip by value/plain"});
  for (const Case& rule_case : FindCases(options.rule)) {
    Buffers<float> buffers(0, count);
    Subject subject(rule_case, 1);
    subject.Attach(buffers.arrays());
    opt_grad_work skip = OPT_GRAD_WORK_INIT;
    skip.nonfinite = OPT_NONFINITE_SKIP;
    opt_grad_work clip = OPT_GRAD_WORK_INIT;
    clip.max_value = 0.5;
    const auto timings = Race({{"plain", [&]() { subject.Step(); }},
                               {"skip", [&]() { subject.StepWith(skip, 0); }},
                               {"clip", [&]() { subject.StepWith(clip, 0); }}},
                              EffortFor(options, count));
    const auto ratio = [&timings](size_t of) {
      return FormatRatio(timings[of].min / timings[0].min,
                         timings[of].median / timings[0].median);
    };
    table.AddRow({rule_case.name, ratio(1), ratio(2)});
  }
  table.Print(options.markdown);
}

}  // namespace

void RunTrainingStep(const Options& options, Goals* goals) {
  RunOnePass(options, false, goals);
  RunOnePass(options, true, goals);
  RunNonfinite(options);
}

}  // namespace bench
