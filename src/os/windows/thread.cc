// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/thread.h"

#include <process.h>

#include "src/os/windows/system.h"

namespace libopt::os {

// Windows has no signals to block, and a thread may run wherever its process
// may.
struct Thread::System {
  static unsigned __stdcall Main(void* self) {
    auto* thread = static_cast<Thread*>(self);
    thread->body_(thread->data_);
    return 0;
  }
};

bool Thread::Start(void (*body)(void* data), void* data) {
  body_ = body;
  data_ = data;
  thread_ = _beginthreadex(nullptr, 0, &System::Main, this, 0, nullptr);
  return thread_ != 0;
}

void Thread::Join() {
  auto* thread = reinterpret_cast<HANDLE>(thread_);
  WaitForSingleObject(thread, INFINITE);
  CloseHandle(thread);
}

int CpuCount() {
  DWORD_PTR process = 0;
  DWORD_PTR system = 0;
  GetProcessAffinityMask(GetCurrentProcess(), &process, &system);
  int count = __builtin_popcountll(process);
  // The mask is that of one group of at most 64 CPUs, or 0 for a process of
  // several groups.
  if (count == 0 || count == 64) {
    count = static_cast<int>(GetActiveProcessorCount(ALL_PROCESSOR_GROUPS));
  }
  return count > 0 ? count : 1;
}

int CurrentCpu() { return -1; }

void LeaveCpu(int /*cpu*/) {}

int64_t ProcessId() { return GetCurrentProcessId(); }

void CountForks() {}

uint32_t ForkCount() { return 0; }  // Windows cannot fork a process

void SleepBriefly() { Sleep(1); }

}  // namespace libopt::os
