// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/determinism/host_jobs.h"

#include <thread>
#include <vector>

namespace opt_test {

int32_t Backwards(void* /*user*/, int64_t count, Task task, void* task_data) {
  for (int64_t i = count; i-- > 0;) task(task_data, i);
  return 0;
}

int32_t Scattered(void* /*user*/, int64_t count, Task task, void* task_data) {
  for (const int64_t first : {1, 0}) {
    std::vector<std::thread> threads;
    for (int64_t i = first; i < count; i += 2) {
      threads.emplace_back(task, task_data, i);
    }
    for (std::thread& thread : threads) thread.join();
  }
  return 0;
}

int32_t Failing(void* /*user*/, int64_t count, Task task, void* task_data) {
  for (int64_t i = 0; i < count; i += 3) task(task_data, i);
  return 1;
}

}  // namespace opt_test
