// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Schedule-Free SGD: gradient descent that needs no schedule of the learning
// rate. schedule_free.h describes its three sequences.

#ifndef OPT_SRC_RULES_SCHEDULE_FREE_SGD_H_
#define OPT_SRC_RULES_SCHEDULE_FREE_SGD_H_

#include "src/rules/descriptor.h"
#include "src/rules/schedule_free.h"

namespace libopt {

struct ScheduleFreeSgd : ScheduleFree<ScheduleFreeSgd> {
  using Kernel = ScheduleFreeSgd;

  enum Option {
    kBeta1 = kFirstRuleOption,
    kWarmupSteps,
    kR,
    kWeightLrPower,
  };
  enum Slot { kZ, kSteps, kWeightSum, kLrMax };
  enum Scalar { kTowardsAverage, kRate, kZRate, kDecay, kScalars };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1),
      WeightDecayOption(0),
      WeightDecayKindOption(kDecoupled),
      MaximizeOption(),
      FrozenOption(),
      {"beta1", "b1,beta_1,momentum", 0.9, 0, 1,
       OPT_OPTION_MIN_OPEN | OPT_OPTION_MAX_OPEN, nullptr,
       "how far param lies from z (0) towards the average x (1)"},
      WarmupStepsOption(),
      StepWeightPowerOption(),
      WeightLrPowerOption(),
  };
  static constexpr SlotDescriptor kSlots[] = {
      ScheduleFreeZSlot(),
      GroupStepsSlot(),
      WeightSumSlot(),
      LrMaxSlot(),
  };
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"optax", "optax.contrib.schedule_free_sgd", nullptr, 0},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "schedule_free_sgd",
      "gradient descent that averages instead of following a schedule",
      "rate = lr * min(1, k / warmup_steps)\n"
      "w = k^r * lr_max^weight_lr_power\n"
      "S = S + w\n"
      "c = w / S\n"
      "u = grad + weight_decay * param\n"
      "param = param + c * (z - param) - rate * (1 - beta1 * (1 - c)) * u\n"
      "z = z - rate * u\n"
      "evaluate at x = param + (1 - 1 / beta1) * (z - param)",
      "Defazio et al. 2024, arXiv:2405.15682",
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

  static double Rate(const double* o, double k) {
    return WarmedUp(o[kLr], o[kWarmupSteps], k);
  }

  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const double rate = Rate(o, facts.group_numbers[kSteps]);
    const double share = Share(o, facts.group_numbers);
    double* c = scalars->rule;
    c[kTowardsAverage] = share;
    c[kRate] = rate * (1 - o[kBeta1] * (1 - share));
    c[kZRate] = rate;
    c[kDecay] = o[kWeightDecayKind] == kDecoupled ? o[kWeightDecay] : 0;
  }

  static void Reference(const ReferenceStep& s) {
    const double* o = s.options;
    const double rate = Rate(o, s.group_numbers[kSteps]);
    const double share = Share(o, s.group_numbers);
    for (int64_t i = 0; i < s.shape.count; ++i) {
      double& y = s.param[i];
      double& z = s.slots[kZ][i];
      if (s.step == 1) z = y;
      const double g = ReferenceGradient(o, s.grad[i], y);
      const bool decays =
          o[kWeightDecayKind] == kDecoupled && o[kWeightDecay] != 0;
      const double decay = decays ? o[kWeightDecay] * y : 0;
      const double u = g + decay;
      y += share * (z - y) - rate * (1 - o[kBeta1] * (1 - share)) * u;
      z = ReferenceState(z - rate * u, s.smallest_normal);
    }
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_SCHEDULE_FREE_SGD_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(ScheduleFreeSgd, D d, const T* c, V y, V g, V& z) {
  using R = ScheduleFreeSgd;
  V u = g;
  if (c[R::kDecay] != 0) u = Add(u, Mul(Set(d, c[R::kDecay]), y));
  const V update = Add(Mul(Set(d, c[R::kTowardsAverage]), Sub(y, z)),
                       Mul(Set(d, c[R::kRate]), u));
  z = Sub(z, Mul(Set(d, c[R::kZRate]), u));
  return update;
}
#endif
