// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#ifndef OPT_SRC_OS_THREAD_H_
#define OPT_SRC_OS_THREAD_H_

#include <cstdint>

namespace libopt::os {

// A worker thread, joinable once. Every signal is blocked in it, so that the
// host's handlers run on the host's threads. It may run on every CPU that the
// process may use, even if the thread that starts it is pinned to one.
class Thread {
 public:
  // Returns whether the thread started; then body(data) runs on it.
  bool Start(void (*body)(void* data), void* data);
  void Join();

 private:
  struct System;  // what only the system's own functions can call

  void (*body_)(void*) = nullptr;
  void* data_ = nullptr;
  uintptr_t thread_ = 0;  // as the system names it
};

// The number of CPUs that this process may run on, at least 1.
int CpuCount();

// The CPU that the calling thread runs on, or -1 where nobody tells.
int CurrentCpu();

// Moves the calling thread to another CPU if it runs on this one and there is
// one that it may use. That is not for good: the system may move it back.
void LeaveCpu(int cpu);

// Distinguishes a forked child from its parent. Each call is a system call.
int64_t ProcessId();

// ForkCount returns how many times this process and its ancestors have forked
// since the first call of CountForks; it costs one load. A lock that was taken
// at another count belongs to a thread that a fork has left behind.
void CountForks();
uint32_t ForkCount();

// Sleeps for a short time, in which other threads can run.
void SleepBriefly();

}  // namespace libopt::os

#endif  // OPT_SRC_OS_THREAD_H_
