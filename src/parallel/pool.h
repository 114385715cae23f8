// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Worker threads that help one caller at a time. They start when they are first
// wanted, spin for a short time after each loop, and then sleep.
//
// Each worker has a word on a cache line of its own. The caller offers a loop
// there, and the worker takes the offer. When the caller has nothing left to
// do, it takes back what nobody took, and waits for nobody but those who did:
//
//   idle    -> offered    the caller offers
//   offered -> working    the worker takes the offer ...
//   working -> idle       ... and leaves the loop
//   offered -> idle       the caller takes it back
//   idle    -> asleep     the worker has waited long enough
//   asleep  -> offered    the caller offers, and wakes the worker, ...
//   offered -> waking     ... takes it back before the worker is there, ...
//   waking  -> offered    ... and may offer again
//   waking  -> idle       the worker is there
//   working -> awaited    the caller sleeps until the worker leaves
//   awaited -> idle       which it does, and wakes the caller
//
// There is no lock, and nobody is woken who is awake.

#ifndef OPT_SRC_PARALLEL_POOL_H_
#define OPT_SRC_PARALLEL_POOL_H_

#include <atomic>
#include <cstdint>

#include "src/base/memory.h"
#include "src/base/pmr.h"
#include "src/os/thread.h"
#include "src/parallel/choice.h"
#include "src/parallel/estimate.h"
#include "src/parallel/parallel_loop.h"

namespace libopt {

class Pool {
 public:
  // Workers that were started for a loop, and those that could not be started.
  struct Result {
    int started = 0;
    int missing = 0;
  };

  // `threads` counts the caller; `spin` is the time in nanoseconds that a
  // worker spins before it sleeps, 0 for a short one. Starts nothing yet.
  Pool(int threads, int64_t spin, pmr::MemoryResource* memory);
  // Joins the workers, but not in a forked child, where they do not exist.
  ~Pool() { Stop(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // A caller's turn with the workers, for one loop, which lasts until it is
  // destroyed. While another caller has its turn, and in a forked child, there
  // are no workers to be had.
  class Turn {
   public:
    explicit Turn(Pool* pool);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    // The number of workers that a loop deserves.
    int Choose(const libopt::Work& work);

    // Runs the whole loop on the caller and so many workers.
    Result Run(ParallelLoop* loop, int helpers);

    // Call it when the loop has been run, by Run() or by the caller itself.
    // Returns what has been measured of its work; 0: unknown.
    libopt::Work End();

   private:
    Pool* pool_ = nullptr;  // nullptr: there are no workers
    int64_t begin_;
    int64_t work_begin_;    // of the caller, who may have called others first
    int64_t helped_ = 0;    // how long workers have been in the loop
    bool is_usual_ = true;  // no worker had to be started
  };

  // Joins the workers and returns how many there were. They start again when
  // they are needed.
  int Stop();

 private:
  enum State : uint32_t {
    kIdle,
    kOffered,
    kWorking,
    kAwaited,
    kAsleep,
    kWaking,
    kStopping
  };

  struct alignas(64) Worker {
    std::atomic<uint32_t> word{kIdle};
    // The caller's, until the worker has taken the offer, and again after it
    // has left the loop.
    uint32_t found = kIdle;  // the state in which the offer found the worker
    ParallelLoop* loop = nullptr;
    int64_t first = 0;  // the part of the loop to begin with
    int64_t offered_at = 0;
    // Where the caller was who found it asleep. The worker may read that while
    // another caller writes it.
    std::atomic<int> caller_cpu{-1};
    bool called = false;  // in this turn
    // Written by the worker inside the loop.
    int64_t began_at = 0;

    alignas(64) const Pool* pool = nullptr;
    os::Thread thread;

    bool IsAwake() const;
  };

  // The costs of calling workers that are awake, or those that are asleep.
  struct Costs {
    Estimate call;
    Estimate delay;
    CallCost value() const { return {call.value(), delay.value()}; }
    void Doubt() {
      call.Doubt();
      delay.Doubt();
    }
  };

  static void Main(void* worker);
  // The life of a worker.
  void Work(Worker* worker) const;
  // Spins until the worker is not idle, and returns its state; kIdle when the
  // time is over.
  uint32_t Spin(const Worker& worker) const;
  static void Sleep(Worker* worker);

  // The workers that there are, and those that can be started.
  Crew Count() const;
  // Makes offers to so many workers.
  Result Call(ParallelLoop* loop, int helpers);
  static void Offer(Worker* worker);
  bool Start(Worker* worker);
  // Takes back what nobody took, waits for the others, and learns from both.
  // Returns how long the others have been in the loop, all together.
  int64_t Collect();
  static bool TakeBack(Worker* worker);
  static void WaitFor(const Worker& worker, std::atomic<uint32_t>* word);
  void Learn(const Worker& worker, int64_t delay, bool came);

  const int threads_;
  const int64_t spin_;
  // Whether it is somebody's turn: a word, as RISC-V swaps no bytes.
  std::atomic<uint32_t> taken_{0};
  std::atomic<int64_t> home_{0};  // where the workers live: its forks + 1
  pmr::Vector<Worker> workers_;
  int started_ = 0;  // the first of them

  // Those whose turn it is use the members below.
  int64_t last_end_ = 0;
  Anticipation anticipation_;
  Costs of_awake_;
  Costs of_asleep_;
};

}  // namespace libopt

#endif  // OPT_SRC_PARALLEL_POOL_H_
