// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Schedule-Free RAdam: Schedule-Free AdamW whose rectification does what a
// warm-up would do. schedule_free.h describes its three sequences.

#ifndef OPT_SRC_RULES_SCHEDULE_FREE_RADAM_H_
#define OPT_SRC_RULES_SCHEDULE_FREE_RADAM_H_

#include <cmath>

#include "src/rules/descriptor.h"
#include "src/rules/rectification.h"
#include "src/rules/schedule_free.h"

namespace libopt {

struct ScheduleFreeRAdam : ScheduleFree<ScheduleFreeRAdam> {
  using Kernel = ScheduleFreeRAdam;

  enum Option {
    kBeta1 = kFirstRuleOption,
    kBeta2,
    kEps,
    kSilentSgdPhase,
    kR,
    kWeightLrPower,
  };
  enum Slot { kZ, kExpAvgSq, kSteps, kWeightSum, kLrMax };
  enum Scalar {
    kTowardsAverage,
    kRate,
    kZRate,
    kDecay,
    kDivides,
    kRoot,
    kEpsOut,
    kKeep,
    kFresh,
    kScalars,
  };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(2.5e-3),
      WeightDecayOption(0),
      WeightDecayKindOption(kDecoupled),
      MaximizeOption(),
      FrozenOption(),
      ScheduleFreeBeta1Option(),
      {"beta2", "b2,beta_2", 0.999, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the second moment"},
      EpsOption(1e-8),
      BoolOption("silent_sgd_phase", true,
                 "leave the parameters unchanged while p, in the formula, is "
                 "at most 4; with 0, take steps of gradient descent instead"),
      StepWeightPowerOption(),
      WeightLrPowerOption(),
  };
  static constexpr SlotDescriptor kSlots[] = {
      ScheduleFreeZSlot(), {"exp_avg_sq", "second moment v", kAlways, kZeros},
      GroupStepsSlot(),    WeightSumSlot(),
      LrMaxSlot(),
  };
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "schedule_free_radam",
      "RAdam that averages instead of following a schedule",
      "R = 2 / (1 - beta2) - 1\n"
      "p = R - 2 * k * beta2^k / (1 - beta2^k)\n"
      "f = sqrt((p - 4) * (p - 2) * R / ((R - 4) * (R - 2) * p))\n"
      "rate = lr * f if p > 4, or else 0\n"
      "w = k^r * lr_max^weight_lr_power\n"
      "S = S + w\n"
      "c = w / S\n"
      "v = beta2 * v + (1 - beta2) * grad^2\n"
      "n = grad / (sqrt(v / (1 - beta2^t)) + eps) if p > 4, or else grad\n"
      "u = n + weight_decay * param\n"
      "param = param + c * (z - param) - rate * (1 - beta1 * (1 - c)) * u\n"
      "z = z - rate * u\n"
      "evaluate at x = param + (1 - 1 / beta1) * (z - param)",
      "Defazio et al. 2024, arXiv:2405.15682; Liu et al. 2020, "
      "arXiv:1908.03265 (rectification)",
      kOptions,
      std::size(kOptions),
      kSlots,
      std::size(kSlots),
      kPresets,
      std::size(kPresets),
      nullptr,
      0,
      kAlways,
      true,
      kZ,
      true,
  };

  static bool Divides(const double* o, double k) {
    return MomentLength(o[kBeta2], static_cast<int64_t>(k)) > 4;
  }
  static double Rate(const double* o, double k) {
    const double length = MomentLength(o[kBeta2], static_cast<int64_t>(k));
    if (length > 4) return o[kLr] * Rectification(o[kBeta2], length);
    return o[kSilentSgdPhase] != 0 ? 0 : o[kLr];
  }

  // With b2 = 1 - beta2^t, numerator and denominator of g / (sqrt(v / b2) +
  // eps) are multiplied by sqrt(b2).
  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const double k = facts.group_numbers[kSteps];
    const double rate = Rate(o, k);
    const double share = Share(o, facts.group_numbers);
    const double root = std::sqrt(OneMinusPower(o[kBeta2], facts.step));
    double* c = scalars->rule;
    c[kTowardsAverage] = share;
    c[kRate] = rate * (1 - o[kBeta1] * (1 - share));
    c[kZRate] = rate;
    c[kDecay] = o[kWeightDecayKind] == kDecoupled ? o[kWeightDecay] : 0;
    c[kDivides] = Divides(o, k) ? 1 : 0;
    c[kRoot] = root;
    c[kEpsOut] = o[kEps] * root;
    c[kKeep] = o[kBeta2];
    c[kFresh] = 1 - o[kBeta2];
  }

  static void Reference(const ReferenceStep& s) {
    const double* o = s.options;
    const double k = s.group_numbers[kSteps];
    const double rate = Rate(o, k);
    const double share = Share(o, s.group_numbers);
    const double b2 = OneMinusPower(o[kBeta2], s.step);
    for (int64_t i = 0; i < s.shape.count; ++i) {
      double& y = s.param[i];
      double& z = s.slots[kZ][i];
      double& v = s.slots[kExpAvgSq][i];
      if (s.step == 1) z = y;
      const double g = ReferenceGradient(o, s.grad[i], y);
      v = o[kBeta2] * v + (1 - o[kBeta2]) * g * g;
      const double n = Divides(o, k) ? g / (std::sqrt(v / b2) + o[kEps]) : g;
      const bool decays =
          o[kWeightDecayKind] == kDecoupled && o[kWeightDecay] != 0;
      const double decay = decays ? o[kWeightDecay] * y : 0;
      const double u = n + decay;
      y += share * (z - y) - rate * (1 - o[kBeta1] * (1 - share)) * u;
      z = ReferenceState(z - rate * u, s.smallest_normal);
      v = ReferenceState(v, s.smallest_normal);
    }
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_SCHEDULE_FREE_RADAM_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(ScheduleFreeRAdam, D d, const T* c, V y, V g, V& z, V& v) {
  using R = ScheduleFreeRAdam;
  v = Add(Mul(Set(d, c[R::kKeep]), v), Mul(Set(d, c[R::kFresh]), Mul(g, g)));
  V u = g;
  if (c[R::kDivides] != 0) {
    u = Div(Mul(Set(d, c[R::kRoot]), g), Add(Root(v), Set(d, c[R::kEpsOut])));
  }
  if (c[R::kDecay] != 0) u = Add(u, Mul(Set(d, c[R::kDecay]), y));
  const V update = Add(Mul(Set(d, c[R::kTowardsAverage]), Sub(y, z)),
                       Mul(Set(d, c[R::kRate]), u));
  z = Sub(z, Mul(Set(d, c[R::kZRate]), u));
  return update;
}
#endif
