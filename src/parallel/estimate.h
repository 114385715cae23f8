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
  // As if it had never been doubted.
  double average() const { return average_; }
  bool measured() const { return measured_; }

  void Add(double sample) {
    const bool doubted = hope_ < 1;
    hope_ = 1;
    if (!measured_ || (doubted && sample < kRight * average_)) {
      measured_ = true;
      average_ = sample;
      doubt_ = kMostDoubt;
      return;
    }
    if (doubted) doubt_ = std::max(doubt_ / 2, kLeastDoubt);
    const double bounded = std::min(sample, kMostGrowth * average_);
    average_ += (bounded - average_) * kWeight;
  }

  // An estimate that is too high may never be measured again, because its owner
  // avoids what it estimates. Each doubt therefore lowers it a little until the
  // next measurement: less if doubts have often proved wrong, and less if
  // trying is `dear`, in multiples of the cost of the alternative.
  void Doubt(double dear = 1) { hope_ *= 1 - doubt_ / dear; }

 private:
  static constexpr double kWeight = 1.0 / 8;
  static constexpr double kMostGrowth = 4;
  static constexpr double kRight = 0.75;
  static constexpr double kMostDoubt = 1.0 / 16;
  static constexpr double kLeastDoubt = 1.0 / 512;

  double average_;
  double hope_ = 1;
  double doubt_ = kMostDoubt;
  bool measured_ = false;
};

}  // namespace libopt

#endif  // OPT_SRC_PARALLEL_ESTIMATE_H_
