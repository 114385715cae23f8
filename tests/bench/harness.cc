// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/harness.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

namespace bench {
namespace {

// Collects seconds a call, one value a round, by contestant.
class Collector : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration) continue;
      rounds_[run.run_name.function_name].push_back(
          run.real_accumulated_time / static_cast<double>(run.iterations));
    }
  }

  Timing Of(const std::string& name) {
    std::vector<double>& rounds = rounds_.at(name);
    std::sort(rounds.begin(), rounds.end());
    return {rounds.front(), rounds[rounds.size() / 2]};
  }

 private:
  std::map<std::string, std::vector<double>> rounds_;
};

// Whether a thread of this process other than the calling one is on a CPU.
bool OthersRun() {
  int running = 0;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "stat");
    std::string line;
    std::getline(file, line);
    // "<id> (<name>) <state> ..."
    const size_t name_end = line.rfind(')');
    if (name_end != std::string::npos &&
        line.compare(name_end, 3, ") R") == 0) {
      ++running;
    }
  }
  return running > 1;
}

// Idle threads of OpenMP spin for milliseconds before they sleep: that must
// not take time from the next contestant.
void WaitForOthersToSleep() {
  while (OthersRun()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

void InitializeRaces() {
  char program[] = "bench";
  char interleave[] = "--benchmark_enable_random_interleaving=true";
  char* arguments[] = {program, interleave, nullptr};
  int count = 2;
  benchmark::Initialize(&count, arguments);
}

std::vector<Timing> Race(const std::vector<Contestant>& contestants,
                         const Effort& effort) {
  benchmark::ClearRegisteredBenchmarks();
  for (const Contestant& contestant : contestants) {
    const auto round = [&contestant](benchmark::State& state) {
      // Not timed: caches are filled and threads started.
      if (state.max_iterations > 1) contestant.call();
      for ([[maybe_unused]] auto _ : state) contestant.call();
      WaitForOthersToSleep();
    };
    benchmark::RegisterBenchmark(contestant.name.c_str(), round)
        ->Repetitions(effort.rounds)
        ->MinTime(effort.seconds)
        ->UseRealTime();
  }
  Collector collector;
  benchmark::RunSpecifiedBenchmarks(&collector);
  std::vector<Timing> timings;
  timings.reserve(contestants.size());
  for (const Contestant& contestant : contestants) {
    timings.push_back(collector.Of(contestant.name));
  }
  return timings;
}

}  // namespace bench
