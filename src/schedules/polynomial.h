// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A power of the share of ticks that is left.

#ifndef OPT_SRC_SCHEDULES_POLYNOMIAL_H_
#define OPT_SRC_SCHEDULES_POLYNOMIAL_H_

#include <cmath>

#include "src/schedules/kind.h"

namespace libopt {

struct PolynomialSchedule {
  enum Option { kTotalIters = kFirstScheduleOption, kPower, kEtaMin };

  static constexpr OptionDescriptor kOptions[] = {
      IntervalOption(),
      CountOption("total_iters", 5, 0, "number of ticks until the end"),
      FactorOption("power", 1, "exponent of the decay; 1 is a straight line"),
      EtaMinOption(),
  };

  // Whole exponents are computed by multiplication.
  static double Power(double base, double exponent) {
    const bool whole =
        exponent <= kMaxCount && exponent == std::floor(exponent);
    return whole ? PowerOfStep(base, static_cast<int64_t>(exponent))
                 : Pow(base, exponent);
  }

  static double Value(const ScheduleInput& in) {
    const double* o = in.options;
    const double left = 1 - PhaseProgress(in.tick, o[kTotalIters]);
    return Linear(o[kEtaMin], in.base, Power(left, o[kPower]));
  }

  static constexpr ScheduleKind kKind = {
      "polynomial",
      "a power of the share of ticks that is left",
      "p = min(t, total_iters) / total_iters\n"
      "eta_min + (base - eta_min) * (1 - p)^power",
      "Chen et al. 2018, arXiv:1606.00915",
      "PolynomialLR",
      kOptions,
      std::size(kOptions),
      0,
      &Value,
      nullptr,
      nullptr,
  };
};

}  // namespace libopt

#endif  // OPT_SRC_SCHEDULES_POLYNOMIAL_H_
