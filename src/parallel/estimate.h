// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#ifndef OPT_SRC_PARALLEL_ESTIMATE_H_
#define OPT_SRC_PARALLEL_ESTIMATE_H_

#include <algorithm>

namespace libopt {

// A duration that is measured again and again, on a machine that has other
// things to do as well: a moving average, on which a single long delay has
// little influence.
class Estimate {
 public:
  explicit Estimate(double first_guess) : average_(first_guess) {}

  double value() const { return average_ * hope_; }
  bool measured() const { return measured_; }

  void Add(double sample) {
    if (measured_) {
      const double bounded = std::min(sample, kMostGrowth * average_);
      average_ += (bounded - average_) * kWeight;
    } else {
      average_ = sample;
    }
    measured_ = true;
    hope_ = 1;
  }

  // An estimate that is too high may keep its owner from doing what would show
  // it. With each doubt it shrinks by this share, until it is measured again.
  void Doubt(double share) { hope_ *= 1 - share; }

 private:
  static constexpr double kWeight = 1.0 / 8;
  static constexpr double kMostGrowth = 4;

  double average_;
  double hope_ = 1;
  bool measured_ = false;
};

}  // namespace libopt

#endif  // OPT_SRC_PARALLEL_ESTIMATE_H_
