// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Lion: every element moves by the same amount, in the direction given by the
// sign of an interpolation between the gradient and its moving average.

#ifndef OPT_SRC_RULES_LION_H_
#define OPT_SRC_RULES_LION_H_

#include "src/rules/descriptor.h"

namespace libopt {

struct Lion {
  using Kernel = Lion;

  enum Option { kBeta1 = kFirstRuleOption, kBeta2 };
  enum Slot { kExpAvg };
  enum Scalar {
    kRate,
    kSignAverage,                 // two scalars
    kAverage = kSignAverage + 2,  // two scalars
  };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1e-4),
      WeightDecayOption(0),
      WeightDecayKindOption(kDecoupled),
      MaximizeOption(),
      FrozenOption(),
      {"beta1", nullptr, 0.9, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "weight of the average in the interpolation whose sign is taken"},
      {"beta2", nullptr, 0.99, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the average of gradients"},
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"exp_avg", "moving average of gradients m", kAlways, kZeros},
  };
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "lion",
      "the sign of an averaged gradient, with decoupled weight decay",
      "c = beta1 * m + (1 - beta1) * grad\n"
      "m = beta2 * m + (1 - beta2) * grad\n"
      "param = param - lr * sign(c) - lr * weight_decay * param",
      "Chen et al. 2023, arXiv:2302.06675",
      kOptions,
      std::size(kOptions),
      kSlots,
      std::size(kSlots),
      kPresets,
      std::size(kPresets),
      nullptr,
      0,
  };

  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    scalars->rule[kRate] = o[kLr];
    PutAverage(o[kBeta1], kSignAverage, scalars);
    PutAverage(o[kBeta2], kAverage, scalars);
  }

  static void Reference(const double* o, int64_t, double smallest_normal,
                        double grad, double* param, double* slots) {
    const double g = ReferenceGradient(o, grad, *param);
    double& m = slots[kExpAvg];
    const double c = o[kBeta1] * m + (1 - o[kBeta1]) * g;
    m = o[kBeta2] * m + (1 - o[kBeta2]) * g;
    const double sign = c > 0 ? 1 : c < 0 ? -1 : c;  // c: zero, or NaN
    *param -= o[kLr] * sign + ReferenceDecay(o, *param);
    m = ReferenceState(m, smallest_normal);
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_LION_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(Lion, D d, const T* c, V /*param*/, V g, V& m) {
  using R = Lion;
  const V mix = MovingAverage<kUsual>(d, m, g, c + R::kSignAverage);
  m = MovingAverage<kUsual>(d, m, g, c + R::kAverage);
  const V rate = Set(d, c[R::kRate]);
  const V up = IfThenElse(Lt(Zero(d), mix), rate, Mul(rate, mix));
  return IfThenElse(Lt(mix, Zero(d)), Sub(Zero(d), rate), up);
}
#endif
