// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// StableAdamW: AdamW whose step for a tensor becomes smaller where the second
// moments have not kept pace with the gradients.

#ifndef OPT_SRC_RULES_STABLEADAMW_H_
#define OPT_SRC_RULES_STABLEADAMW_H_

#include <cmath>

#include "src/rules/adam.h"
#include "src/rules/descriptor.h"

namespace libopt {

// The kernels are Adam's. The moments are kept corrected, so that their weights
// change from step to step, and nothing is left to be corrected.
struct StableAdamW {
  using Kernel = Adam;

  enum Option { kBeta1 = kFirstRuleOption, kBeta2, kEps };
  enum Slot { kExpAvg, kExpAvgSq };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1e-3),
      WeightDecayOption(1e-2),
      WeightDecayKindOption(kDecoupled),
      MaximizeOption(),
      FrozenOption(),
      {"beta1", "b1,beta_1", 0.9, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the first moment"},
      {"beta2", "b2,beta_2", 0.99, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the second moment"},
      EpsOption(1e-6),
  };
  // The powers in the weights are rounded as often as they are squared.
  static constexpr double kRoundings = 3;
  static constexpr SlotDescriptor kSlots[] = {
      {"exp_avg", "corrected first moment m", kAlways, kZeros, OPT_SHAPE_PARAM,
       OPT_DTYPE_PARAM, SlotTensors::kAll, kRoundings},
      {"exp_avg_sq", "corrected second moment v", kAlways, kZeros,
       OPT_SHAPE_PARAM, OPT_DTYPE_PARAM, SlotTensors::kAll, kRoundings},
  };
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
  };
  static constexpr RuleDescriptor kDescriptor = WithClipping(
      {
          "stableadamw",
          "AdamW with update clipping; suits low precision and large models",
          "b1 = beta1 * (1 - beta1^(t-1)) / (1 - beta1^t)\n"
          "b2 = beta2 * (1 - beta2^(t-1)) / (1 - beta2^t)\n"
          "m = b1 * m + (1 - b1) * grad\n"
          "v = b2 * v + (1 - b2) * grad^2\n"
          "r = rms(grad / max(sqrt(v), eps))\n"
          "rate = lr / max(1, r / update_clipping)\n"
          "param = param - rate * m / (sqrt(v) + eps)"
          " - rate * weight_decay * param",
          "Wortsman et al. 2023, arXiv:2304.13013",
          kOptions,
          std::size(kOptions),
          kSlots,
          std::size(kSlots),
          kPresets,
          std::size(kPresets),
          nullptr,
          0,
      },
      kExpAvgSq, 1);

  // 1 + beta + ... + beta^(count - 1). While 1 - beta^count would lose digits,
  // terms are added: twice as many are (1 + beta^count) times the sum.
  static double GeometricSum(double beta, int64_t count) {
    const double rest = OneMinusPower(beta, count);
    if (rest >= 0.5) return rest / (1 - beta);
    double sum = 0;
    double power = 1;
    for (int bit = 62; bit >= 0; --bit) {
      sum *= 1 + power;
      power *= power;
      if ((count >> bit & 1) == 0) continue;
      sum = 1 + beta * sum;
      power *= beta;
    }
    return sum;
  }

  // The weights of the old and of the new part of a moment, b and 1 - b of the
  // formula.
  static double Keep(double beta, int64_t step) {
    return beta * GeometricSum(beta, step - 1) / GeometricSum(beta, step);
  }
  static double Fresh(double beta, int64_t step) {
    return 1 / GeometricSum(beta, step);
  }

  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const double fresh1 = Fresh(o[kBeta1], facts.step);
    const double fresh2 = Fresh(o[kBeta2], facts.step);
    double* c = scalars->rule;
    c[Adam::kRate] = o[kLr];
    c[Adam::kEpsIn] = 0;
    c[Adam::kEpsOut] = o[kEps];
    PutAverage(Keep(o[kBeta1], facts.step), Adam::kAverage, scalars);
    if (c[Adam::kAverage] > 0 || facts.step == 1) {  // the old value is 0 then
      c[Adam::kAverage] = fresh1;
      c[Adam::kAverage + 1] = 1;
    }
    c[Adam::kKeep] = Keep(o[kBeta2], facts.step);
    c[Adam::kFresh] = fresh2;
    c[Adam::kToMaximum] = 1;
    c[Adam::kGradRate] = 0;
    PutClipping(1, o[kEps], scalars);
  }

  static void Reference(const double* o, int64_t step, double smallest_normal,
                        double grad, double* param, double* slots) {
    const double g = ReferenceGradient(o, grad, *param);
    const double fresh1 = Fresh(o[kBeta1], step);
    const double fresh2 = Fresh(o[kBeta2], step);
    double& m = slots[kExpAvg];
    double& v = slots[kExpAvgSq];
    m = Keep(o[kBeta1], step) * m + fresh1 * g;
    v = Keep(o[kBeta2], step) * v + fresh2 * g * g;
    *param -= o[kLr] * m / (std::sqrt(v) + o[kEps]) + ReferenceDecay(o, *param);
    m = ReferenceState(m, smallest_normal);
    v = ReferenceState(v, smallest_normal);
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_STABLEADAMW_H_
