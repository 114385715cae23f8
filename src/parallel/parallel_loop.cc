// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/parallel/parallel_loop.h"

#include "src/os/cpu.h"

namespace libopt {

void ParallelLoop::Arm(Body body, void* data, int64_t parts) {
  body_ = body;
  data_ = data;
  parts_ = parts;
  done_.store(0, std::memory_order_relaxed);
  for (int64_t word = 0; word * 64 < parts; ++word) {
    begun_[word].store(0, std::memory_order_relaxed);
  }
}

void ParallelLoop::RunOne(int64_t part) {
  const uint64_t bit = uint64_t{1} << (part % 64);
  std::atomic<uint64_t>& word = begun_[part / 64];
  if ((word.load(std::memory_order_relaxed) & bit) != 0) return;
  if ((word.fetch_or(bit, std::memory_order_acq_rel) & bit) != 0) return;
  body_(data_, part);
  done_.fetch_add(1, std::memory_order_release);
}

void ParallelLoop::RunRest(int64_t first) {
  for (int64_t k = 0; k < parts_; ++k) RunOne((first + k) % parts_);
}

void ParallelLoop::Wait() const {
  while (done() < parts_) os::Pause();
}

}  // namespace libopt
