// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/threads/tasks.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace libopt::threads {
namespace {

constexpr const char* kTasks = "/proc/self/task";
constexpr std::chrono::seconds kPatience(20);

}  // namespace

std::set<int> Tasks() {
  std::set<int> tasks;
  for (const auto& entry : std::filesystem::directory_iterator(kTasks)) {
    tasks.insert(std::stoi(entry.path().filename().string()));
  }
  return tasks;
}

std::set<int> NewTasks(const std::set<int>& before, const std::set<int>& now) {
  std::set<int> added;
  std::set_difference(now.begin(), now.end(), before.begin(), before.end(),
                      std::inserter(added, added.end()));
  return added;
}

int ThisTask() { return static_cast<int>(syscall(SYS_gettid)); }

std::string TaskStatus(int task, const std::string& field) {
  std::ifstream file(std::string(kTasks) + "/" + std::to_string(task) +
                     "/status");
  const std::string start = field + ":";
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, start.size(), start) != 0) continue;
    return line.substr(line.find_first_not_of(" \t", start.size()));
  }
  return "";
}

void WaitUntilAsleep(int task) {
  while (true) {
    const std::string state = TaskStatus(task, "State");
    if (state.empty() || state[0] == 'S') return;
    sched_yield();
  }
}

bool OnlyTasks(const std::set<int>& tasks) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!NewTasks(tasks, Tasks()).empty()) {
    if (std::chrono::steady_clock::now() > end) return false;
    sched_yield();
  }
  return true;
}

}  // namespace libopt::threads
