// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The loops that libopt is measured against, as functions over a slice.

#ifndef OPT_TESTS_BENCH_PEERS_H_
#define OPT_TESTS_BENCH_PEERS_H_

#include <cstdint>
#include <string>

#include "tests/bench/buffers.h"

namespace bench {

// The options that the loops read, by the names that libopt gives them.
struct Hyper {
  double lr;
  double weight_decay;
  double momentum;
  double dampening;
  double alpha;
  double beta1;
  double beta2;
  double eps;
};

// Step number `step` (1 at the first) over all elements of the arrays.
template <class T>
using Loop = void (*)(const Arrays<T>& arrays, const Hyper& hyper,
                      int64_t step);

// A loop that does what a rule does when it keeps `slot_count` state slots.
struct Peer {
  const char* rule;
  int slot_count;
  Loop<float> f32;
  Loop<double> f64;
};

template <class T>
Loop<T> LoopOf(const Peer& peer) {
  if constexpr (sizeof(T) == sizeof(float)) {
    return peer.f32;
  } else {
    return peer.f64;
  }
}

// The textbook loop as a good C programmer writes it: one pass, scalars out of
// the loop, vectorized by the compiler. nullptr if there is none yet.
const Peer* FindPlainLoop(const std::string& rule, int slot_count);

// The loop of PyTorch's fused CPU kernels: eps outside of the root, and the
// bias correction of the second moment by a division of its own.
const Peer* FindFusedLoop(const std::string& rule, int slot_count);

// Reads every array once and writes all but the gradient once, with next to no
// arithmetic: no step over `slot_count` state slots can be faster out of
// cache. Two variants, for none is the fastest on every CPU.
template <class T>
using LimitLoop = void (*)(const Arrays<T>& arrays);
inline constexpr int kLimitVariants = 2;
template <class T>
LimitLoop<T> FindLimitLoop(int slot_count, int variant);

// Reads every array once: what comes before a step that must know the whole
// tensor first.
template <class T>
void Read(const Arrays<T>& arrays);

// Reads and writes what a step over two state slots does, with one root and one
// division for each element and next to no other arithmetic: no step of the
// Adam family that uses the CPU's own root can be faster in cache.
template <class T>
void Divide(const Arrays<T>& arrays);

}  // namespace bench

#endif  // OPT_TESTS_BENCH_PEERS_H_
