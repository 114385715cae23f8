// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/os/wait.h"

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#else
#include "src/os/posix/wait_queues.h"
#endif

namespace libopt::os {

#if defined(__linux__)

static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t));

void WaitWhile(const std::atomic<uint32_t>& word, uint32_t value) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
}

void WakeOne(std::atomic<uint32_t>* word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

#else

void WaitWhile(const std::atomic<uint32_t>& word, uint32_t value) {
  WaitQueues::WaitWhile(word, value);
}

void WakeOne(std::atomic<uint32_t>* word) { WaitQueues::Wake(word); }

#endif

}  // namespace libopt::os
