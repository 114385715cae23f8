// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/parallel/parallel_loop.h"

#include <algorithm>

#include "src/os/cpu.h"

namespace libopt {

void ParallelLoop::Arm(Body body, void* data, int64_t parts) {
  body_ = body;
  data_ = data;
  parts_ = parts;
  done_.store(0, std::memory_order_relaxed);
  for (int64_t word = 0; word < std::min(parts, kWords); ++word) {
    begun_[word].bits.store(0, std::memory_order_relaxed);
  }
}

bool ParallelLoop::Begin(int64_t part) {
  const uint64_t bit = uint64_t{1} << (part / kWords);
  std::atomic<uint64_t>& bits = begun_[part % kWords].bits;
  if ((bits.load(std::memory_order_relaxed) & bit) != 0) return false;
  return (bits.fetch_or(bit, std::memory_order_acq_rel) & bit) == 0;
}

void ParallelLoop::RunOne(int64_t part) {
  if (!Begin(part)) return;
  body_(data_, part);
  done_.fetch_add(1, std::memory_order_release);
}

int64_t ParallelLoop::RunRest(int64_t first) {
  int64_t ran = 0;
  for (int64_t k = 0; k < parts_; ++k) {
    const int64_t part = first + k < parts_ ? first + k : first + k - parts_;
    if (!Begin(part)) continue;
    body_(data_, part);
    ++ran;
  }
  if (ran > 0) done_.fetch_add(ran, std::memory_order_release);
  return ran;
}

void ParallelLoop::Wait() const {
  while (done() < parts_) os::Pause();
}

}  // namespace libopt
