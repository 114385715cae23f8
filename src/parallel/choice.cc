// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/parallel/choice.h"

namespace libopt {
namespace {

// Each worker must promise more than it costs by this factor, and all together
// as much more than the caller alone, since estimates are not exact.
constexpr double kMargin = 1.25;
constexpr double kCompanyMargin = 1.1;
// Workers are woken for later loops when this many times their price has been
// missed: at worst the loops take an eighth longer than without.
constexpr double kMissedPrices = 8;

}  // namespace

Choice ChooseWorkers(const Work& work, const Crew& crew) {
  Choice choice;
  choice.time = work.shared;
  double calls = 0;  // time of the calls so far
  for (int k = 0; k < crew.awake + crew.asleep; ++k) {
    const bool awake = k < crew.awake;
    const CallCost& cost = awake ? crew.of_awake : crew.of_asleep;
    // The caller loses the call; the worker begins after the calls of those
    // before it and a delay.
    const double loss = cost.call + calls + cost.delay;
    if (kMargin * loss >= choice.time) break;
    calls += cost.call;
    choice.loss += loss;
    choice.time = (work.shared + choice.loss) / (k + 2);
    ++(awake ? choice.awake : choice.asleep);
  }
  if (kCompanyMargin * choice.time < work.alone) return choice;
  Choice alone;
  alone.time = work.alone;
  return alone;
}

bool Anticipation::Note(bool close, double time, double time_if_awake,
                        int missing, double call) {
  if (!close) missed_ = 0;
  if (missing <= 0) return false;
  missed_ += time - time_if_awake;
  if (missed_ < kMissedPrices * missing * call) return false;
  missed_ = 0;
  return true;
}

}  // namespace libopt
