// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A few worker threads that help one caller at a time. They start at the first
// call and sleep soon after each.

#ifndef OPT_SRC_PARALLEL_POOL_H_
#define OPT_SRC_PARALLEL_POOL_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

#include "src/base/memory.h"
#include "src/base/pmr.h"
#include "src/os/thread.h"
#include "src/parallel/parallel_loop.h"

namespace libopt {

// A condition variable that is never destroyed: its destructor would wait for
// the threads that sleep on it, which do not exist in a forked child.
union Sleepers {
  Sleepers() : condition() {}
  ~Sleepers() {}  // NOLINT(modernize-use-equals-default): would be deleted
  std::condition_variable condition;
};

class Pool {
 public:
  // Workers that were started for a loop, and those that could not be started.
  struct Result {
    int started = 0;
    int missing = 0;
  };

  // `threads` counts the caller. Starts nothing yet.
  Pool(int threads, pmr::MemoryResource* memory);
  // Joins the workers, but not in a forked child, where they do not exist.
  ~Pool() { Stop(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Runs the whole loop on the caller and on workers, of which it wakes
  // `helpers` if they sleep. If another caller has the workers, or in a forked
  // child, the caller runs the whole loop alone.
  Result Run(ParallelLoop* loop, int helpers);

  // Joins the workers and returns how many there were. They start again when
  // they are needed.
  int Stop();

 private:
  struct Worker {
    Pool* pool = nullptr;
    int index = 0;  // 1 is the first; the caller is 0
    os::Thread thread;
  };

  static void Main(void* worker);
  void Work(int index);
  Result StartMissing();
  int64_t FirstPart(const ParallelLoop& loop, int index) const;

  const int threads_;
  std::atomic<int64_t> owner_process_{0};  // where the workers live
  std::mutex caller_;  // held by the caller that has the workers

  std::mutex mutex_;  // guards the members below, except atomic ones
  Sleepers wake_;
  Sleepers left_;
  std::atomic<uint64_t> epoch_{0};  // one more for each loop, and for stopping
  ParallelLoop* loop_ = nullptr;    // the loop to help with, if any
  std::atomic<int> inside_{0};      // workers that are in the loop
  bool stopping_ = false;

  pmr::Vector<Worker> workers_;  // capacity never changes
};

}  // namespace libopt

#endif  // OPT_SRC_PARALLEL_POOL_H_
