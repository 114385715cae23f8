// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/thread.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <ctime>

namespace libopt::os {
namespace {

#if defined(__linux__)

// The CPUs that the main thread of the process may use. If the caller is
// pinned, that does not narrow them.
bool ProcessCpus(cpu_set_t* cpus) {
  return sched_getaffinity(getpid(), sizeof(*cpus), cpus) == 0;
}

int CountCpus() {
  cpu_set_t cpus;
  return ProcessCpus(&cpus) ? CPU_COUNT(&cpus) : 1;
}

// Lets the calling thread, which inherits the pinning of the one that started
// it, use the CPUs of the process.
void UseProcessCpus() {
  cpu_set_t process;
  cpu_set_t own;
  if (ProcessCpus(&process) && sched_getaffinity(0, sizeof(own), &own) == 0 &&
      CPU_COUNT(&process) > CPU_COUNT(&own)) {
    sched_setaffinity(0, sizeof(process), &process);
  }
}

#else

int CountCpus() { return static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)); }

void UseProcessCpus() {}  // threads are not pinned

#endif

}  // namespace

struct Thread::System {
  static void* Main(void* self);
};

void* Thread::System::Main(void* self) {
  UseProcessCpus();
  auto* thread = static_cast<Thread*>(self);
  thread->body_(thread->data_);
  return nullptr;
}

bool Thread::Start(void (*body)(void* data), void* data) {
  body_ = body;
  data_ = data;
  sigset_t all;
  sigset_t found;
  sigfillset(&all);
  if (pthread_sigmask(SIG_SETMASK, &all, &found) != 0) return false;
  pthread_t created = {};
  const bool started =
      pthread_create(&created, nullptr, &System::Main, this) == 0;
  static_assert(sizeof(created) <= sizeof(thread_));
  std::memcpy(&thread_, &created, sizeof(created));
  pthread_sigmask(SIG_SETMASK, &found, nullptr);
  return started;
}

void Thread::Join() {
  pthread_t created = {};
  std::memcpy(&created, &thread_, sizeof(created));
  pthread_join(created, nullptr);
}

int CpuCount() {
  const int count = CountCpus();
  return count > 0 ? count : 1;
}

#if defined(__linux__)

int CurrentCpu() { return sched_getcpu(); }

void LeaveCpu(int cpu) {
  cpu_set_t own;
  if (cpu < 0 || cpu >= CPU_SETSIZE || sched_getcpu() != cpu ||
      sched_getaffinity(0, sizeof(own), &own) != 0 || CPU_COUNT(&own) < 2) {
    return;
  }
  cpu_set_t others = own;
  CPU_CLR(cpu, &others);
  if (sched_setaffinity(0, sizeof(others), &others) == 0) {
    sched_setaffinity(0, sizeof(own), &own);
  }
}

#else

int CurrentCpu() { return -1; }

void LeaveCpu(int /*cpu*/) {}

#endif

int64_t ProcessId() { return getpid(); }

namespace {
std::atomic<uint32_t> g_forks{0};
}  // namespace

void CountForks() {
  static const int registered = pthread_atfork(nullptr, nullptr, [] {
    g_forks.fetch_add(1, std::memory_order_relaxed);
  });
  static_cast<void>(registered);
}

uint32_t ForkCount() { return g_forks.load(std::memory_order_relaxed); }

void SleepBriefly() {
  timespec time = {0, 50'000};
  nanosleep(&time, nullptr);
}

}  // namespace libopt::os
