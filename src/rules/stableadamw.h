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
  static constexpr SlotDescriptor kSlots[] = {
      {"exp_avg", "corrected first moment m", kAlways, kZeros, OPT_SHAPE_PARAM,
       OPT_DTYPE_PARAM, SlotTensors::kAll, 4},
      {"exp_avg_sq", "corrected second moment v", kAlways, kZeros,
       OPT_SHAPE_PARAM, OPT_DTYPE_PARAM, SlotTensors::kAll, 4},
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

  // The weight of the new part of a moment, of which 1 - beta is corrected; the
  // old part has the rest.
  static double Fresh(double beta, int64_t step) {
    return (1 - beta) / OneMinusPower(beta, step);
  }

  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const double fresh1 = Fresh(o[kBeta1], facts.step);
    const double fresh2 = Fresh(o[kBeta2], facts.step);
    double* c = scalars->rule;
    c[Adam::kRate] = o[kLr];
    c[Adam::kEpsIn] = 0;
    c[Adam::kEpsOut] = o[kEps];
    PutAverage(1 - fresh1, Adam::kAverage, scalars);
    if (c[Adam::kAverage] > 0) c[Adam::kAverage] = fresh1;
    c[Adam::kKeep] = 1 - fresh2;
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
    m = (1 - fresh1) * m + fresh1 * g;
    v = (1 - fresh2) * v + fresh2 * g * g;
    *param -= o[kLr] * m / (std::sqrt(v) + o[kEps]) + ReferenceDecay(o, *param);
    m = ReferenceState(m, smallest_normal);
    v = ReferenceState(v, smallest_normal);
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_STABLEADAMW_H_

#ifdef OPT_RULE_VECTOR_PART
#include "src/rules/adam.h"
#endif
