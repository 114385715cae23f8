// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Yogi: Adam whose second moment moves towards the squared gradient by a step
// that depends on the gradient alone, so that it forgets slowly.

#ifndef OPT_SRC_RULES_YOGI_H_
#define OPT_SRC_RULES_YOGI_H_

#include <cmath>

#include "src/rules/descriptor.h"

namespace libopt {

struct Yogi {
  using Kernel = Yogi;

  enum Option {
    kBeta1 = kFirstRuleOption,
    kBeta2,
    kEps,
    kEpsPlacement,
    kBiasCorrection,
    kInitialAccumulator,
    kInitialExpAvg,
  };
  enum Slot { kExpAvg, kExpAvgSq };
  enum Scalar {
    kRate,
    kEpsIn,
    kEpsOut,
    kAverage,  // two scalars
    kFresh = kAverage + 2,
    kScalars,
  };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1e-2),
      WeightDecayOption(0),
      WeightDecayKindOption(kCoupled),
      MaximizeOption(),
      FrozenOption(),
      {"beta1", "b1,beta_1", 0.9, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the first moment"},
      {"beta2", "b2,beta_2", 0.999, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "1 - beta2 is the share of a squared gradient by which the second "
       "moment moves"},
      EpsOption(1e-3),
      {"eps_placement", nullptr, kEpsOutside, 0, 2, OPT_OPTION_CHOICE,
       "inside,outside,hat",
       "where eps is added: inside is sqrt(v_hat + eps), outside is "
       "sqrt(v_hat) + eps, and hat, as in TensorFlow, adds it to the square "
       "root of the uncorrected v"},
      BoolOption("bias_correction", false,
                 "divide m by 1 - beta1^t and v by 1 - beta2^t, as Adam and "
                 "all libraries do; the paper does not"),
      {"initial_accumulator", nullptr, 1e-6, 0, kInfinity, OPT_OPTION_MAX_OPEN,
       nullptr, "initial value of v when a tensor is attached"},
      {"initial_exp_avg", nullptr, 0, 0, kInfinity, OPT_OPTION_MAX_OPEN,
       nullptr, "initial value of m when a tensor is attached"},
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"exp_avg", "first moment m", kAlways, kInitialExpAvg},
      {"exp_avg_sq", "second moment v", kAlways, kInitialAccumulator},
  };
  static constexpr OptionValue kOptax[] = {{kBiasCorrection, 1},
                                           {kInitialExpAvg, 1e-6}};
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"optax", "optax.yogi", kOptax, std::size(kOptax)},
  };
  static constexpr RuleDescriptor kDescriptor = WithClipping(
      {
          "yogi",
          "Adam whose second moment forgets slowly",
          "g = grad + weight_decay * param\n"
          "m = beta1 * m + (1 - beta1) * g\n"
          "v = v - (1 - beta2) * sign(v - g^2) * g^2\n"
          "param = param - lr / (sqrt(v) + eps) * m",
          "Zaheer et al. 2018, NeurIPS",
          kOptions,
          std::size(kOptions),
          kSlots,
          std::size(kSlots),
          kPresets,
          std::size(kPresets),
          nullptr,
          0,
      },
      kExpAvgSq);

  // As Adam does, numerator and denominator are multiplied by
  // sqrt(1 - beta2^t).
  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const bool correct = o[kBiasCorrection] != 0;
    const double b1 = correct ? OneMinusPower(o[kBeta1], facts.step) : 1;
    const double b2 = correct ? OneMinusPower(o[kBeta2], facts.step) : 1;
    const double root = std::sqrt(b2);
    const auto placement = static_cast<EpsPlacement>(o[kEpsPlacement]);
    double* c = scalars->rule;
    c[kRate] = o[kLr] * root / b1;
    c[kEpsIn] = placement == kEpsInside ? o[kEps] * b2 : 0;
    c[kEpsOut] = placement == kEpsOutside ? o[kEps] * root
                 : placement == kEpsHat   ? o[kEps]
                                          : 0;
    PutAverage(o[kBeta1], kAverage, scalars);
    c[kFresh] = 1 - o[kBeta2];
    PutClipping(b2, o[kEps], scalars);
  }

  static void Reference(const double* o, int64_t step, double smallest_normal,
                        double grad, double* param, double* slots) {
    const double g = ReferenceGradient(o, grad, *param);
    double& m = slots[kExpAvg];
    double& v = slots[kExpAvgSq];
    m = o[kBeta1] * m + (1 - o[kBeta1]) * g;
    const double ahead = v - g * g;
    const double sign = ahead > 0 ? 1 : ahead < 0 ? -1 : ahead;  // 0, or NaN
    v -= (1 - o[kBeta2]) * sign * g * g;
    const bool correct = o[kBiasCorrection] != 0;
    const double b1 = correct ? OneMinusPower(o[kBeta1], step) : 1;
    const double b2 = correct ? OneMinusPower(o[kBeta2], step) : 1;
    const double v_hat = v / b2;
    double denominator = std::sqrt(v_hat) + o[kEps];
    if (o[kEpsPlacement] == kEpsInside) {
      denominator = std::sqrt(v_hat + o[kEps]);
    } else if (o[kEpsPlacement] == kEpsHat) {
      denominator = std::sqrt(v_hat) + o[kEps] / std::sqrt(b2);
    }
    *param -= o[kLr] / denominator * (m / b1) + ReferenceDecay(o, *param);
    m = ReferenceState(m, smallest_normal);
    v = ReferenceState(v, smallest_normal);
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_YOGI_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(Yogi, D d, const T* c, V /*param*/, V g, V& m, V& v) {
  using R = Yogi;
  m = MovingAverage<kUsual>(d, m, g, c + R::kAverage);
  const V square = Mul(g, g);
  const V change = Mul(Set(d, c[R::kFresh]), square);
  // Where v and the square are equal, or one is NaN: v, or NaN.
  const V same = Add(v, Sub(v, square));
  const V rising = IfThenElse(Lt(v, square), Add(v, change), same);
  v = IfThenElse(Lt(square, v), Sub(v, change), rising);
  const V root = Sqrt(Add(v, Set(d, c[R::kEpsIn])));
  return Div(Mul(Set(d, c[R::kRate]), m), Add(root, Set(d, c[R::kEpsOut])));
}
#endif
