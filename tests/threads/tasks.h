// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The threads of this process, as Linux tells of them.

#ifndef OPT_TESTS_THREADS_TASKS_H_
#define OPT_TESTS_THREADS_TASKS_H_

#include <set>
#include <string>

namespace libopt::threads {

// Thread ids of all threads of this process.
std::set<int> Tasks();

// Those that are in `now` and were not in `before`.
std::set<int> NewTasks(const std::set<int>& before, const std::set<int>& now);

// The id of the calling thread.
int ThisTask();

// A field of /proc/self/task/<task>/status, such as "SigBlk".
std::string TaskStatus(int task, const std::string& field);

// Waits until a thread sleeps or is gone.
void WaitUntilAsleep(int task);

// Waits until this process has no threads but those of `tasks`: one that was
// joined may be listed for a moment more. False after some seconds.
bool OnlyTasks(const std::set<int>& tasks);

}  // namespace libopt::threads

#endif  // OPT_TESTS_THREADS_TASKS_H_
