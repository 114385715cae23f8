// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Schedule-Free AdamW: needs no schedule of the learning rate. schedule_free.h
// describes its three sequences.

#ifndef OPT_SRC_RULES_SCHEDULE_FREE_ADAMW_H_
#define OPT_SRC_RULES_SCHEDULE_FREE_ADAMW_H_

#include <cmath>

#include "src/rules/descriptor.h"
#include "src/rules/schedule_free.h"

namespace libopt {

struct ScheduleFreeAdamW : ScheduleFree<ScheduleFreeAdamW> {
  using Kernel = ScheduleFreeAdamW;

  enum Option {
    kBeta1 = kFirstRuleOption,
    kBeta2,
    kEps,
    kWarmupSteps,
    kR,
    kWeightLrPower,
    kInnerMomentum,
  };
  enum Slot { kZ, kExpAvgSq, kExpAvg, kSteps, kWeightSum, kLrMax };
  enum Scalar {
    kTowardsAverage,
    kRate,
    kZRate,
    kDecay,
    kEpsOut,
    kRoot,
    kKeep,
    kFresh,
    kMomentum,  // two scalars
    kScalars = kMomentum + 2,
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
      WarmupStepsOption(),
      StepWeightPowerOption(),
      WeightLrPowerOption(),
      {"inner_momentum", nullptr, 0, 0, 1,
       OPT_OPTION_LAYOUT | OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of a first moment that takes the gradient's place in the "
       "step; with 0 there is no first moment"},
  };
  static constexpr SlotDescriptor kSlots[] = {
      ScheduleFreeZSlot(),
      {"exp_avg_sq", "second moment v", kAlways, kZeros},
      {"exp_avg", "first moment m", kInnerMomentum, kZeros},
      GroupStepsSlot(),
      WeightSumSlot(),
      LrMaxSlot(),
  };
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"optax", "optax.contrib.schedule_free_adamw", nullptr, 0},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "schedule_free_adamw",
      "AdamW that averages instead of following a schedule",
      "rate = lr * min(1, k / warmup_steps)\n"
      "w = k^r * lr_max^weight_lr_power\n"
      "S = S + w\n"
      "c = w / S\n"
      "v = beta2 * v + (1 - beta2) * grad^2\n"
      "u = grad / (sqrt(v / (1 - beta2^t)) + eps) + weight_decay * param\n"
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

  // With b2 = 1 - beta2^t, numerator and denominator of g / (sqrt(v / b2) +
  // eps) are multiplied by sqrt(b2).
  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const double rate = Rate(o, facts.group_numbers[kSteps]);
    const double share = Share(o, facts.group_numbers);
    const double root = std::sqrt(OneMinusPower(o[kBeta2], facts.step));
    const double momentum = OneMinusPower(o[kInnerMomentum], facts.step);
    double* c = scalars->rule;
    c[kTowardsAverage] = share;
    c[kRate] = rate * (1 - o[kBeta1] * (1 - share));
    c[kZRate] = rate;
    c[kDecay] = o[kWeightDecayKind] == kDecoupled ? o[kWeightDecay] : 0;
    c[kEpsOut] = o[kEps] * root;
    c[kRoot] = root / momentum;
    c[kKeep] = o[kBeta2];
    c[kFresh] = 1 - o[kBeta2];
    if (o[kInnerMomentum] != 0) {
      PutAverage(o[kInnerMomentum], kMomentum, scalars);
    }
  }

  static void Reference(const ReferenceStep& s) {
    const double* o = s.options;
    const double rate = Rate(o, s.group_numbers[kSteps]);
    const double share = Share(o, s.group_numbers);
    const double b2 = OneMinusPower(o[kBeta2], s.step);
    const double momentum = OneMinusPower(o[kInnerMomentum], s.step);
    for (int64_t i = 0; i < s.shape.count; ++i) {
      const double g = ReferenceGradient(o, s.grad[i], s.param[i]);
      double& y = s.param[i];
      double& z = s.slots[kZ][i];
      double& v = s.slots[kExpAvgSq][i];
      double& m = s.slots[kExpAvg][i];
      if (s.step == 1) z = y;
      v = o[kBeta2] * v + (1 - o[kBeta2]) * g * g;
      m = o[kInnerMomentum] * m + (1 - o[kInnerMomentum]) * g;
      const double numerator = o[kInnerMomentum] != 0 ? m / momentum : g;
      const bool decays =
          o[kWeightDecayKind] == kDecoupled && o[kWeightDecay] != 0;
      const double decay = decays ? o[kWeightDecay] * y : 0;
      const double u = numerator / (std::sqrt(v / b2) + o[kEps]) + decay;
      y += share * (z - y) - rate * (1 - o[kBeta1] * (1 - share)) * u;
      z = ReferenceState(z - rate * u, s.smallest_normal);
      v = ReferenceState(v, s.smallest_normal);
      m = o[kInnerMomentum] != 0 ? ReferenceState(m, s.smallest_normal) : 0;
    }
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_SCHEDULE_FREE_ADAMW_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(ScheduleFreeAdamW, D d, const T* c, V y, V g, V& z, V& v,
                    V& m) {
  using R = ScheduleFreeAdamW;
  v = Add(Mul(Set(d, c[R::kKeep]), v), Mul(Set(d, c[R::kFresh]), Mul(g, g)));
  V numerator = g;
  if constexpr ((kLayout >> R::kExpAvg & 1) != 0) {
    m = MovingAverage<kUsual>(d, m, g, c + R::kMomentum);
    numerator = m;
  }
  const V scaled = Div(Mul(Set(d, c[R::kRoot]), numerator),
                       Add(Root(v), Set(d, c[R::kEpsOut])));
  V u = scaled;
  if (c[R::kDecay] != 0) u = Add(u, Mul(Set(d, c[R::kDecay]), y));
  const V update = Add(Mul(Set(d, c[R::kTowardsAverage]), Sub(y, z)),
                       Mul(Set(d, c[R::kRate]), u));
  z = Sub(z, Mul(Set(d, c[R::kZRate]), u));
  return update;
}
#endif
