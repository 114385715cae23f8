// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Which loop of a family (struct of static member templates) stands against
// which rule. A rule without a line here is measured against the limit alone.

#ifndef OPT_TESTS_BENCH_PEER_TABLE_H_
#define OPT_TESTS_BENCH_PEER_TABLE_H_

#include <string>

#include "tests/bench/peers.h"

namespace bench {

enum class Decay { kCoupled, kDecoupled };

template <class Loops>
const Peer* FindPeer(const std::string& rule, int slot_count) {
  constexpr Decay kCoupled = Decay::kCoupled;
  constexpr Decay kDecoupled = Decay::kDecoupled;
  using L = Loops;
  static constexpr Peer kPeers[] = {
      {"sgd", 0, L::template GradientDescent<float>,
       L::template GradientDescent<double>},
      {"sgd", 1, L::template Momentum<float>, L::template Momentum<double>},
      {"adagrad", 1, L::template AdaGrad<float>, L::template AdaGrad<double>},
      {"rmsprop", 1, L::template RmsProp<float, false>,
       L::template RmsProp<double, false>},
      {"rmsprop", 2, L::template RmsProp<float, true>,
       L::template RmsProp<double, true>},
      {"lion", 1, L::template Lion<float>, L::template Lion<double>},
      {"adam", 2, L::template Adam<float, kCoupled, false>,
       L::template Adam<double, kCoupled, false>},
      {"adam", 3, L::template Adam<float, kCoupled, true>,
       L::template Adam<double, kCoupled, true>},
      {"adamw", 2, L::template Adam<float, kDecoupled, false>,
       L::template Adam<double, kDecoupled, false>},
      {"adamw", 3, L::template Adam<float, kDecoupled, true>,
       L::template Adam<double, kDecoupled, true>},
  };
  for (const Peer& peer : kPeers) {
    if (peer.rule == rule && peer.slot_count == slot_count) return &peer;
  }
  return nullptr;
}

}  // namespace bench

#endif  // OPT_TESTS_BENCH_PEER_TABLE_H_
