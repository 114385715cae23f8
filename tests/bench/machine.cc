// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/machine.h"

#include <benchmark/benchmark.h>
#include <sched.h>

#include <fstream>

namespace bench {
namespace {

// The rest of the first line of a file that starts with `key`, without the
// separator; "" if there is none.
std::string FindLine(const char* path, const std::string& key) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (line.compare(0, key.size(), key) != 0) continue;
    const size_t value = line.find_first_not_of(" \t:", key.size());
    return value == std::string::npos ? "" : line.substr(value);
  }
  return "";
}

std::string SiblingsOf(int cpu) {
  const std::string path = "/sys/devices/system/cpu/cpu" + std::to_string(cpu) +
                           "/topology/thread_siblings_list";
  return FindLine(path.c_str(), "");
}

}  // namespace

std::string DescribeMachine() {
  std::string text = FindLine("/proc/cpuinfo", "model name");
  const benchmark::CPUInfo& info = benchmark::CPUInfo::Get();
  text += ", " + std::to_string(info.num_cpus) + " CPUs" +
          (TwoCores() ? " (CPUs 0 and 1 are two cores)" : "") + ", caches";
  for (const auto& cache : info.caches) {
    text += " L" + std::to_string(cache.level) + " " + cache.type + " " +
            std::to_string(cache.size >> 10) + " KiB";
  }
  return text + ", " + std::to_string(AvailableMemory() >> 20) +
         " MiB of free memory";
}

bool TwoCores() {
  const std::string second = SiblingsOf(1);
  return !second.empty() && second != SiblingsOf(0);
}

int CpuCount() {
  cpu_set_t cpus;
  return sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? CPU_COUNT(&cpus) : 1;
}

int64_t AvailableMemory() {
  return std::stoll(FindLine("/proc/meminfo", "MemAvailable")) << 10;
}

int64_t ResidentMemory() {
  return std::stoll(FindLine("/proc/self/status", "VmRSS")) << 10;
}

int64_t PeakMemory() {
  return std::stoll(FindLine("/proc/self/status", "VmHWM")) << 10;
}

void ForgetPeakMemory() { std::ofstream("/proc/self/clear_refs") << "5"; }

}  // namespace bench
