// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Sleeping on a word where the system itself does not offer it: a few condition
// variables, of which the address of the word chooses one.

#ifndef OPT_SRC_OS_POSIX_WAIT_QUEUES_H_
#define OPT_SRC_OS_POSIX_WAIT_QUEUES_H_

#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace libopt::os {

class WaitQueues {
 public:
  static void WaitWhile(const std::atomic<uint32_t>& word, uint32_t value) {
    Queue& queue = QueueOf(&word);
    pthread_mutex_lock(&queue.mutex);
    // Wake() locks the mutex after the word has changed, so that the change is
    // either seen here or signalled while this thread already waits.
    if (word.load(std::memory_order_relaxed) == value) {
      pthread_cond_wait(&queue.changed, &queue.mutex);
    }
    pthread_mutex_unlock(&queue.mutex);
  }

  // Wakes the sleepers on other words of the queue as well; they look again.
  static void Wake(const std::atomic<uint32_t>* word) {
    Queue& queue = QueueOf(word);
    pthread_mutex_lock(&queue.mutex);
    pthread_cond_broadcast(&queue.changed);
    pthread_mutex_unlock(&queue.mutex);
  }

 private:
  // Of POSIX, since their initializers are constants and nobody destroys them.
  struct Queue {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
  };

  static Queue& QueueOf(const void* word) {
    constexpr size_t kQueues = 64;
    constexpr size_t kLine = 64;
    static Queue queues[kQueues];
    return queues[reinterpret_cast<uintptr_t>(word) / kLine % kQueues];
  }
};

}  // namespace libopt::os

#endif  // OPT_SRC_OS_POSIX_WAIT_QUEUES_H_
