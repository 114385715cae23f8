// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A loop whose iterations any thread may run, each exactly once.

#ifndef OPT_SRC_PARALLEL_PARALLEL_LOOP_H_
#define OPT_SRC_PARALLEL_PARALLEL_LOOP_H_

#include <atomic>
#include <cstdint>

namespace libopt {

constexpr int64_t kMaxParts = 4096;

class ParallelLoop {
 public:
  using Body = void (*)(void* data, int64_t part);

  // Arms the loop for `parts` iterations, at most kMaxParts. No thread may be
  // inside it.
  void Arm(Body body, void* data, int64_t parts);

  // Runs iteration `part` unless a thread has begun it.
  void RunOne(int64_t part);

  // Runs the iterations that no thread has begun, starting at `first` and
  // wrapping around, and returns how many they were.
  int64_t RunRest(int64_t first);

  // Waits for the iterations that other threads have begun.
  void Wait() const;

  int64_t parts() const { return parts_; }
  // The number of iterations that have ended.
  int64_t done() const { return done_.load(std::memory_order_acquire); }

 private:
  static constexpr int64_t kBits = 64;  // of a word
  static constexpr int64_t kWords = kMaxParts / kBits;

  // Each word has a cache line of its own, and neighbouring iterations lie in
  // different words, so that threads that begin at the same time do not wait
  // for each other.
  struct Word {
    std::atomic<uint64_t> bits{0};
    char padding[64 - sizeof(std::atomic<uint64_t>)] = {};
  };

  // Returns whether no thread had begun it.
  bool Begin(int64_t part);

  Body body_ = nullptr;
  void* data_ = nullptr;
  int64_t parts_ = 0;
  std::atomic<int64_t> done_{0};
  // Bit i / kWords of word i % kWords: iteration i has begun.
  Word begun_[kWords];
};

}  // namespace libopt

#endif  // OPT_SRC_PARALLEL_PARALLEL_LOOP_H_
