// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// More threads are never slower: every size on every number of threads that the
// machine has, steps close upon each other and with pauses between them.

#include <algorithm>
#include <chrono>
#include <memory>

#include "tests/bench/machine.h"
#include "tests/bench/sections.h"
#include "tests/bench/subject.h"
#include "tests/bench/table.h"

namespace bench {
namespace {

constexpr double kGoal = 1.15;
constexpr double kPause = 300e-6;    // seconds between two steps
constexpr double kSettling = 2e-3;   // of a round, before steps are timed
constexpr double kBatch = 3e-6;      // shorter steps are timed together
constexpr double kMeasuring = 0.25;  // of one number of threads, at most
constexpr size_t kMaxSamples = 400;
constexpr size_t kMinSamples = 8;
constexpr size_t kRounds = 8;

double Seconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

void BeBusy(double seconds) {
  for (const double end = Seconds() + seconds; Seconds() < end;) {
  }
}

// 1, 2, 4, ... and all that there are.
std::vector<int> ThreadCounts() {
  const int cpus = CpuCount();
  std::vector<int> counts;
  for (int threads = 1; threads < cpus; threads *= 2) counts.push_back(threads);
  counts.push_back(cpus);
  return counts;
}

// An optimizer on some number of threads, and seconds of its steps.
struct Contender {
  std::unique_ptr<Subject> subject;
  std::vector<double> samples;

  double Median() {
    const auto middle =
        samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
    std::nth_element(samples.begin(), middle, samples.end());
    return *middle;
  }
};

// Takes turns with all of them; `seconds` is about what a step takes.
void Measure(double pause, double seconds, bool quick,
             std::vector<Contender>* contenders) {
  const size_t samples =
      quick ? 1
            : std::clamp(static_cast<size_t>(kMeasuring / (seconds + pause)),
                         kMinSamples, kMaxSamples);
  const int batch =
      pause > 0 ? 1 : 1 + static_cast<int>(kBatch / std::max(seconds, 1e-9));
  const size_t rounds = std::min(samples, kRounds);
  for (Contender& contender : *contenders) contender.samples.clear();
  for (size_t round = 0; round < rounds; ++round) {
    for (Contender& contender : *contenders) {
      const double end = Seconds() + (quick ? 0 : kSettling);
      do {
        contender.subject->Step();
        if (pause > 0) BeBusy(pause);
      } while (Seconds() < end);
      for (size_t i = 0; i < samples / rounds; ++i) {
        const double begin = Seconds();
        for (int step = 0; step < batch; ++step) contender.subject->Step();
        contender.samples.push_back((Seconds() - begin) / batch);
        if (pause > 0) BeBusy(pause);
      }
    }
  }
}

// Adds a row, and judges each number of threads by the best of those before it.
void AddRow(const std::string& what, const std::vector<int>& threads,
            std::vector<std::string> row, std::vector<Contender>* contenders,
            Table* table, Goals* goals) {
  double best = contenders->front().Median();
  row.push_back(Format(best * 1e6, 2));
  double worst = 1;
  for (size_t i = 1; i < contenders->size(); ++i) {
    const double median = (*contenders)[i].Median();
    best = std::min(best, median);
    const double ratio = median / best;
    worst = std::max(worst, ratio);
    row.push_back(Format(median / contenders->front().Median(), 2));
    goals->AtMost(what + ", " + std::to_string(threads[i]) + " threads", ratio,
                  kGoal);
  }
  row.push_back(Format(worst, 2));
  table->AddRow(std::move(row));
}

}  // namespace

void RunThreads(const Options& options, Goals* goals) {
  const std::vector<int> threads =
      options.quick ? std::vector<int>{1, 2} : ThreadCounts();
  std::vector<std::string> header = {"rule", "elements", "between steps",
                                     "1 thread"};
  for (size_t i = 1; i < threads.size(); ++i) {
    header.push_back(std::to_string(threads[i]) + " by 1");
  }
  header.push_back("worst by best of fewer");
  Table table(
      "Threads, f32: microseconds of the median step on one thread, times of "
      "the others by that",
      header);
  for (const std::string& rule : options.rule.empty()
                                     ? std::vector<std::string>{"adamw", "sgd"}
                                     : std::vector<std::string>{options.rule}) {
    const Case rule_case = FindCases(rule).front();
    for (const int64_t count : options.sweep_sizes) {
      const int64_t state =
          rule_case.slot_count * count *
          static_cast<int64_t>(sizeof(float) * threads.size());
      if (Buffers<float>::Bytes(0, count) + state > AvailableMemory() / 4 * 3) {
        continue;
      }
      Buffers<float> buffers(0, count);
      std::vector<Contender> contenders;
      for (const int number : threads) {
        contenders.push_back(
            {std::make_unique<Subject>(rule_case, number), {}});
        contenders.back().subject->Attach(buffers.arrays());
        for (int i = 0; i < 2; ++i) contenders.back().subject->Step();
      }
      const double begin = Seconds();
      contenders.front().subject->Step();
      const double seconds = Seconds() - begin;
      for (const double pause : {0.0, kPause}) {
        Measure(pause, seconds, options.quick, &contenders);
        const std::string between = pause > 0 ? "300 µs" : "nothing";
        AddRow(rule + ", " + FormatCount(count) + " elements, " + between +
                   " between steps",
               threads, {rule, FormatCount(count), between}, &contenders,
               &table, goals);
      }
    }
  }
  table.Print(options.markdown);
}

}  // namespace bench
