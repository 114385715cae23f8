// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/parallel/pool.h"

#include "src/base/pmr.h"
#include "src/os/cpu.h"

namespace libopt {
namespace {

// How often a thread checks whether it may go on before it goes to sleep: about
// ten microseconds, as long as waking it would take.
constexpr int kSpins = 400;

template <typename Condition>
void SpinWhile(const Condition& condition) {
  for (int i = 0; i < kSpins && condition(); ++i) os::Pause();
}

}  // namespace

Pool::Pool(int threads, pmr::MemoryResource* memory)
    : threads_(threads), workers_(memory) {
  workers_.reserve(static_cast<size_t>(threads - 1));
}

int Pool::Stop() {
  if (owner_process_.load() != os::ProcessId()) return 0;
  const std::lock_guard<std::mutex> caller(caller_);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
    epoch_.fetch_add(1, std::memory_order_release);
  }
  wake_.condition.notify_all();
  const auto joined = static_cast<int>(workers_.size());
  for (Worker& worker : workers_) worker.thread.Join();
  workers_.clear();
  stopping_ = false;
  return joined;
}

Pool::Result Pool::StartMissing() {
  Result result;
  while (workers_.size() + 1 < static_cast<size_t>(threads_)) {
    const int index = static_cast<int>(workers_.size()) + 1;
    Worker& worker = workers_.emplace_back();
    worker.pool = this;
    worker.index = index;
    if (!worker.thread.Start(&Main, &worker)) {
      workers_.pop_back();
      result.missing = threads_ - index;
      break;
    }
    ++result.started;
  }
  return result;
}

Pool::Result Pool::Run(ParallelLoop* loop, int helpers) {
  const std::unique_lock<std::mutex> caller(caller_, std::try_to_lock);
  const int64_t process = os::ProcessId();
  int64_t nobody = 0;
  if (caller.owns_lock()) {
    owner_process_.compare_exchange_strong(nobody, process);
  }
  if (!caller.owns_lock() || owner_process_.load() != process) {
    loop->RunRest(0);
    return {};
  }
  const Result result = StartMissing();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    loop_ = loop;
    epoch_.fetch_add(1, std::memory_order_release);
  }
  for (int i = 0; i < helpers; ++i) wake_.condition.notify_one();
  loop->RunRest(0);
  SpinWhile([&] { return loop->done() < loop->parts(); });
  std::unique_lock<std::mutex> lock(mutex_);
  loop_ = nullptr;  // no worker enters from now on
  lock.unlock();
  SpinWhile([&] { return inside_.load(std::memory_order_relaxed) > 0; });
  lock.lock();
  left_.condition.wait(lock, [this] { return inside_ == 0; });
  return result;
}

void Pool::Main(void* worker) {
  const auto* self = static_cast<Worker*>(worker);
  self->pool->Work(self->index);
}

int64_t Pool::FirstPart(const ParallelLoop& loop, int index) const {
  return loop.parts() * index / threads_;
}

void Pool::Work(int index) {
  uint64_t seen = 0;
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stopping_) {
    if (seen == epoch_.load(std::memory_order_acquire)) {
      lock.unlock();
      SpinWhile([&] { return seen == epoch_.load(std::memory_order_acquire); });
      lock.lock();
      wake_.condition.wait(lock, [&] { return seen != epoch_.load(); });
    }
    seen = epoch_.load();
    ParallelLoop* loop = loop_;
    if (loop == nullptr) continue;
    ++inside_;
    lock.unlock();
    loop->RunRest(FirstPart(*loop, index));
    lock.lock();
    if (--inside_ == 0) left_.condition.notify_all();
  }
}

}  // namespace libopt
