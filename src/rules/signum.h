// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Signum and signSGD: every element moves by the same amount, in the direction
// given by the sign of the averaged gradient or of the gradient itself.

#ifndef OPT_SRC_RULES_SIGNUM_H_
#define OPT_SRC_RULES_SIGNUM_H_

#include "src/rules/descriptor.h"

namespace libopt {

struct Signum {
  using Kernel = Signum;

  enum Option { kBeta = kFirstRuleOption };
  enum Slot { kExpAvg };
  enum Scalar {
    kRate,
    kAverage,  // two scalars
    kScalars = kAverage + 2,
  };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1e-4),
      WeightDecayOption(0),
      WeightDecayKindOption(kCoupled),
      MaximizeOption(),
      FrozenOption(),
      {"beta", "momentum", 0.9, 0, 1, OPT_OPTION_LAYOUT | OPT_OPTION_MAX_OPEN,
       nullptr,
       "decay rate of the average of gradients; with 0 the sign is that of the "
       "gradient, and the rule keeps no state"},
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"exp_avg", "moving average of gradients m", kBeta, kZeros},
  };
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"optax", "optax.signum", nullptr, 0},
  };
  static constexpr OptionValue kSignSgd[] = {{kBeta, 0}};
  static constexpr NamedValues kAliases[] = {
      {"signsgd", "signum with beta 0", kSignSgd, 1},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "signum",
      "the sign of the gradient or of its average",
      "g = grad + weight_decay * param\n"
      "m = beta * m + (1 - beta) * g\n"
      "param = param - lr * sign(m)",
      "Bernstein et al. 2018, arXiv:1802.04434",
      kOptions,
      std::size(kOptions),
      kSlots,
      std::size(kSlots),
      kPresets,
      std::size(kPresets),
      kAliases,
      std::size(kAliases),
  };

  static int64_t SettlesAt(const double* /*options*/) { return 1; }

  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    scalars->rule[kRate] = o[kLr];
    if (o[kBeta] != 0) PutAverage(o[kBeta], kAverage, scalars);
  }

  static void Reference(const double* o, int64_t, double smallest_normal,
                        double grad, double* param, double* slots) {
    const double g = ReferenceGradient(o, grad, *param);
    double& m = slots[kExpAvg];
    m = o[kBeta] * m + (1 - o[kBeta]) * g;
    const double sign = m > 0 ? 1 : m < 0 ? -1 : m;  // m: zero, or NaN
    *param -= o[kLr] * sign + ReferenceDecay(o, *param);
    m = o[kBeta] != 0 ? ReferenceState(m, smallest_normal) : 0;
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_SIGNUM_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(Signum, D d, const T* c, V /*param*/, V g, V& m) {
  using R = Signum;
  V mean = g;
  if constexpr ((kLayout >> R::kExpAvg & 1) != 0) {
    m = MovingAverage<kUsual>(d, m, g, c + R::kAverage);
    mean = m;
  }
  const V rate = Set(d, c[R::kRate]);
  const V up = IfThenElse(Lt(Zero(d), mean), rate, Mul(rate, mean));
  return IfThenElse(Lt(mean, Zero(d)), Sub(Zero(d), rate), up);
}
#endif
