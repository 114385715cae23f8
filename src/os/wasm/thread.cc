// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/thread.h"

namespace libopt::os {

// Threads would need memory that is shared, which browsers give to few pages.
// Where none can start, the calling thread does all the work.
bool Thread::Start(void (*body)(void* data), void* data) {
  body_ = body;
  data_ = data;
  return false;
}

void Thread::Join() {}

int CpuCount() { return 1; }

int CurrentCpu() { return -1; }

void LeaveCpu(int /*cpu*/) {}

int64_t ProcessId() { return 1; }

void CountForks() {}

uint32_t ForkCount() { return 0; }

void SleepBriefly() {}

}  // namespace libopt::os
