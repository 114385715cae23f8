// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Job systems of hosts that try to change the results of a step.

#ifndef OPT_TESTS_DETERMINISM_HOST_JOBS_H_
#define OPT_TESTS_DETERMINISM_HOST_JOBS_H_

#include <cstdint>

namespace opt_test {

using Task = void (*)(void* task_data, int64_t i);

// opt_context_config.parallel_for: last task first, on the calling thread.
int32_t Backwards(void* user, int64_t count, Task task, void* task_data);

// Odd tasks before even ones, each on a new thread, several at a time.
int32_t Scattered(void* user, int64_t count, Task task, void* task_data);

// Makes every third call and then says that it could not.
int32_t Failing(void* user, int64_t count, Task task, void* task_data);

}  // namespace opt_test

#endif  // OPT_TESTS_DETERMINISM_HOST_JOBS_H_
