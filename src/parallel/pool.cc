// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/parallel/pool.h"

#include <algorithm>
#include <utility>

#include "src/os/clock.h"
#include "src/os/cpu.h"
#include "src/os/wait.h"

namespace libopt {
namespace {

// All times are in nanoseconds.

// How long a worker spins if the host has not chosen a time: long enough for
// the next loop of the same step, and about as long as it takes to wake a
// thread.
constexpr int64_t kShortSpin = 20'000;
// How long the caller spins for a worker. If it sleeps, it may not be woken
// before some hundred microseconds have passed.
constexpr int64_t kCallerSpin = 200'000;
constexpr int kPausesPerLook = 16;  // at the clock

// First guesses. They are low, so that workers are tried and measured.
constexpr double kCallAwake = 100;
constexpr double kDelayAwake = 300;
constexpr double kCallAsleep = 1000;
constexpr double kDelayAsleep = 2000;

// Spins while the condition holds, at most for so long.
template <typename Condition>
void SpinWhile(int64_t time, const Condition& condition) {
  const int64_t end = os::Nanoseconds() + time;
  do {
    for (int i = 0; i < kPausesPerLook; ++i) {
      if (!condition()) return;
      os::Pause();
    }
  } while (os::Nanoseconds() < end);
}

int64_t ThisProcess() { return int64_t{os::ForkCount()} + 1; }

}  // namespace

Pool::Pool(int threads, int64_t spin, pmr::MemoryResource* memory)
    : threads_(threads),
      spin_(spin > 0 ? spin : kShortSpin),
      workers_(static_cast<size_t>(threads - 1), memory),
      of_awake_{Estimate(kCallAwake), Estimate(kDelayAwake)},
      of_asleep_{Estimate(kCallAsleep), Estimate(kDelayAsleep)} {
  os::CountForks();
}

int Pool::Stop() {
  if (home_.load() != ThisProcess()) return 0;
  while (taken_.exchange(1, std::memory_order_acquire) != 0) os::SleepBriefly();
  for (int i = 0; i < started_; ++i) {
    std::atomic<uint32_t>& word = workers_[static_cast<size_t>(i)].word;
    if (word.exchange(kStopping, std::memory_order_acq_rel) == kAsleep) {
      os::WakeOne(&word);
    }
  }
  const int joined = std::exchange(started_, 0);
  for (int i = 0; i < joined; ++i) {
    workers_[static_cast<size_t>(i)].thread.Join();
  }
  taken_.store(0, std::memory_order_release);
  return joined;
}

// ---- The caller ----

Pool::Turn::Turn(Pool* pool) : begin_(os::Nanoseconds()), work_begin_(begin_) {
  if (pool->taken_.exchange(1, std::memory_order_acquire) != 0) return;
  int64_t nobody = 0;
  const int64_t process = ThisProcess();
  pool->home_.compare_exchange_strong(nobody, process);
  if (pool->home_.load() == process) {
    pool_ = pool;
  } else {
    pool->taken_.store(0, std::memory_order_release);
  }
}

Pool::Turn::~Turn() {
  if (pool_ != nullptr) {
    pool_->taken_.store(0, std::memory_order_release);
  }
}

int Pool::Turn::Choose(const libopt::Work& work) {
  if (pool_ == nullptr) return 0;
  Crew crew = pool_->Count();
  const Choice choice = ChooseWorkers(work, crew);
  if (choice.awake < crew.awake) pool_->of_awake_.Doubt();
  if (choice.asleep < crew.asleep) pool_->of_asleep_.Doubt();
  crew.awake += std::exchange(crew.asleep, 0);
  const Choice best = ChooseWorkers(work, crew);
  const int missing = best.workers() - choice.workers();
  const bool close = begin_ - pool_->last_end_ < pool_->spin_ / 2;
  const bool wake = pool_->anticipation_.Note(close, choice.time, best.time,
                                              missing, crew.of_asleep.call);
  return (wake ? best : choice).workers();
}

Pool::Result Pool::Turn::Run(ParallelLoop* loop, int helpers) {
  if (pool_ == nullptr) {
    loop->RunRest(0);
    return {};
  }
  const Result result = pool_->Call(loop, helpers);
  work_begin_ = os::Nanoseconds();
  loop->RunRest(0);
  helped_ = pool_->Collect();
  is_usual_ = result.started == 0;
  return result;
}

Work Pool::Turn::End() {
  const int64_t end = os::Nanoseconds();
  if (pool_ != nullptr) pool_->last_end_ = end;
  const auto time = static_cast<double>(end - work_begin_);
  if (!is_usual_) return {};
  if (helped_ == 0) return {time, 0};
  return {0, time + static_cast<double>(helped_)};
}

bool Pool::Worker::IsAwake() const {
  return word.load(std::memory_order_relaxed) != kAsleep;
}

Crew Pool::Count() const {
  Crew crew;
  crew.of_awake = of_awake_.value();
  crew.of_asleep = of_asleep_.value();
  for (int i = 0; i < started_; ++i) {
    if (workers_[static_cast<size_t>(i)].IsAwake()) ++crew.awake;
  }
  crew.asleep = threads_ - 1 - crew.awake;
  return crew;
}

Pool::Result Pool::Call(ParallelLoop* loop, int helpers) {
  Result result;
  int called = 0;
  int64_t now = os::Nanoseconds();
  const auto prepare = [&](Worker* worker) {
    worker->loop = loop;
    worker->first = loop->parts() * ++called / (helpers + 1);
    worker->offered_at = now;
    worker->called = true;
  };
  const int before = started_;
  for (int i = 0; i < before && called < helpers; ++i) {
    Worker& worker = workers_[static_cast<size_t>(i)];
    if (!worker.IsAwake()) continue;
    prepare(&worker);
    Offer(&worker);
  }
  if (called > 0) {
    const int64_t begin = std::exchange(now, os::Nanoseconds());
    of_awake_.call.Add(static_cast<double>(now - begin) / called);
  }
  for (int i = 0; i < before && called < helpers; ++i) {
    Worker& worker = workers_[static_cast<size_t>(i)];
    if (worker.called) continue;
    prepare(&worker);
    worker.caller_cpu.store(os::CurrentCpu(), std::memory_order_relaxed);
    Offer(&worker);
    const int64_t begin = std::exchange(now, os::Nanoseconds());
    if (worker.found == kAsleep) {
      of_asleep_.call.Add(static_cast<double>(now - begin));
    }
  }
  while (called < helpers) {
    Worker& worker = workers_[static_cast<size_t>(started_)];
    prepare(&worker);
    if (!Start(&worker)) {
      result.missing = helpers - called + 1;
      break;
    }
    ++result.started;
  }
  return result;
}

void Pool::Offer(Worker* worker) {
  worker->found = worker->word.exchange(kOffered, std::memory_order_acq_rel);
  if (worker->found == kAsleep) os::WakeOne(&worker->word);
}

bool Pool::Start(Worker* worker) {
  worker->pool = this;
  worker->found = kWaking;
  worker->word.store(kOffered, std::memory_order_relaxed);
  if (!worker->thread.Start(&Main, worker)) {
    worker->called = false;
    return false;
  }
  ++started_;
  return true;
}

int64_t Pool::Collect() {
  const int64_t end = os::Nanoseconds();
  for (int i = 0; i < started_; ++i) {
    Worker& worker = workers_[static_cast<size_t>(i)];
    if (!worker.called || !TakeBack(&worker)) continue;
    worker.called = false;
    Learn(worker, end - worker.offered_at, false);
  }
  int64_t worked = 0;
  for (int i = 0; i < started_; ++i) {
    Worker& worker = workers_[static_cast<size_t>(i)];
    if (!worker.called) continue;
    WaitFor(worker, &worker.word);
    worker.called = false;
    Learn(worker, worker.began_at - worker.offered_at, true);
    worked += os::Nanoseconds() - worker.began_at;
  }
  return worked;
}

bool Pool::TakeBack(Worker* worker) {
  uint32_t offered = kOffered;
  return worker->word.compare_exchange_strong(
      offered, worker->found == kIdle ? kIdle : kWaking,
      std::memory_order_acq_rel, std::memory_order_acquire);
}

void Pool::WaitFor(const Worker& worker, std::atomic<uint32_t>* word) {
  const auto inside = [&](uint32_t state) {
    return worker.word.load(std::memory_order_acquire) == state;
  };
  if (!inside(kWorking)) return;
  SpinWhile(kCallerSpin, [&] { return inside(kWorking); });
  uint32_t working = kWorking;
  if (!word->compare_exchange_strong(working, kAwaited,
                                     std::memory_order_acq_rel,
                                     std::memory_order_acquire)) {
    return;
  }
  while (inside(kAwaited)) os::WaitWhile(*word, kAwaited);
}

void Pool::Learn(const Worker& worker, int64_t delay, bool came) {
  // The time that a worker takes when it was still waking up says nothing about
  // the cost of waking it.
  if (worker.found == kWaking) return;
  Estimate& estimate =
      worker.found == kAsleep ? of_asleep_.delay : of_awake_.delay;
  const auto sample = static_cast<double>(delay);
  // A worker that did not come is known to take longer.
  if (came || sample > estimate.value()) estimate.Add(sample);
}

// ---- The worker ----

void Pool::Main(void* worker) {
  auto* self = static_cast<Worker*>(worker);
  self->pool->Work(self);
}

void Pool::Work(Worker* worker) const {
  std::atomic<uint32_t>& word = worker->word;
  for (;;) {
    uint32_t state = Spin(*worker);
    if (state == kStopping) return;
    if (state == kIdle) {
      Sleep(worker);
      // The system may have woken the worker on the CPU of the caller, who then
      // waits while others are idle.
      os::LeaveCpu(worker->caller_cpu.load(std::memory_order_relaxed));
    } else if (state == kWaking) {
      word.compare_exchange_strong(state, kIdle, std::memory_order_relaxed);
    } else if (word.compare_exchange_strong(state, kWorking,
                                            std::memory_order_acquire,
                                            std::memory_order_relaxed)) {
      worker->began_at = os::Nanoseconds();
      worker->loop->RunRest(worker->first);
      if (word.exchange(kIdle, std::memory_order_acq_rel) == kAwaited) {
        os::WakeOne(&word);
      }
    }
  }
}

uint32_t Pool::Spin(const Worker& worker) const {
  uint32_t state = kIdle;
  SpinWhile(spin_, [&] {
    state = worker.word.load(std::memory_order_relaxed);
    return state == kIdle;
  });
  return state;
}

void Pool::Sleep(Worker* worker) {
  uint32_t idle = kIdle;
  if (!worker->word.compare_exchange_strong(idle, kAsleep,
                                            std::memory_order_acq_rel,
                                            std::memory_order_relaxed)) {
    return;
  }
  while (worker->word.load(std::memory_order_relaxed) == kAsleep) {
    os::WaitWhile(worker->word, kAsleep);
  }
}

}  // namespace libopt
