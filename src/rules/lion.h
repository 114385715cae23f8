// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Lion: every element moves by the same amount, in the direction given by the
// sign of an interpolation between the gradient and its moving average.

#ifndef OPT_SRC_RULES_LION_H_
#define OPT_SRC_RULES_LION_H_

#include <cmath>

#include "src/base/math.h"
#include "src/rules/descriptor.h"

namespace libopt {

struct Lion {
  using Kernel = Lion;

  enum Option { kBeta1 = kFirstRuleOption, kBeta2, kMode, kSharpness };
  enum Mode { kHard = 0, kRefined = 1, kSmooth = 2 };
  enum Slot { kExpAvg };
  enum Scalar {
    kRate,
    kSignAverage,                 // two scalars
    kAverage = kSignAverage + 2,  // two scalars
    kFrom = kAverage + 2,         // the size from which on c is its sign
    kSlope,                       // of the hyperbolic tangent of c, or -1
    kScalars,
  };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1e-4),
      WeightDecayOption(0),
      WeightDecayKindOption(kDecoupled),
      MaximizeOption(),
      FrozenOption(),
      {"beta1", "b1,beta_1", 0.9, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "weight of the average in the interpolation whose sign is taken"},
      {"beta2", "b2,beta_2", 0.99, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the average of gradients"},
      {"mode", nullptr, kHard, 0, 2, OPT_OPTION_CHOICE, "hard,refined,smooth",
       "the form of the sign: hard is sign(c); refined, as in Optax, is c "
       "itself where it lies between -1 and 1; and smooth, as in Optax, is "
       "tanh(sharpness * c)"},
      {"sharpness", nullptr, 1, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "how steeply the smooth sign rises at zero; the other modes do not use "
       "it"},
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"exp_avg", "moving average of gradients m", kAlways, kZeros},
  };
  static constexpr OptionValue kKeras[] = {{kLr, 1e-3}};
  static constexpr OptionValue kOptax[] = {{kWeightDecay, 1e-3}};
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"keras", "keras.optimizers.Lion", kKeras, std::size(kKeras)},
      {"optax", "optax.lion", kOptax, std::size(kOptax)},
      {"mlx", "mlx.optimizers.Lion; not checked against MLX's own results",
       nullptr, 0},
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

  static int64_t SettlesAt(const double* /*options*/) { return 1; }

  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    scalars->rule[kRate] = o[kLr];
    scalars->rule[kFrom] = o[kMode] == kRefined ? 1 : 0;
    scalars->rule[kSlope] = o[kMode] == kSmooth ? o[kSharpness] : -1;
    scalars->is_usual &= o[kMode] == kHard;
    PutAverage(o[kBeta1], kSignAverage, scalars);
    PutAverage(o[kBeta2], kAverage, scalars);
  }

  // The C library's tanh is not the same everywhere. Small arguments go through
  // Lambert's continued fraction, others through the definition.
  static double Tanh(double x) {
    constexpr double kSmall = 0.25;
    constexpr double kLarge = 20;
    if (x < kSmall && x > -kSmall) {
      double fraction = 15;
      for (int k = 13; k > 0; k -= 2) fraction = k + x * x / fraction;
      return x / fraction;
    }
    if (x > kLarge || x < -kLarge) return x > 0 ? 1 : -1;
    const double power = Exp(2 * x);
    return (power - 1) / (power + 1);
  }

  static void Reference(const double* o, int64_t, double smallest_normal,
                        double grad, double* param, double* slots) {
    const double g = ReferenceGradient(o, grad, *param);
    double& m = slots[kExpAvg];
    const double c = o[kBeta1] * m + (1 - o[kBeta1]) * g;
    m = o[kBeta2] * m + (1 - o[kBeta2]) * g;
    const double from = o[kMode] == kRefined ? 1 : 0;
    // The last is a number between, zero, or NaN.
    const double sign = o[kMode] == kSmooth ? Tanh(o[kSharpness] * c)
                        : c > from          ? 1
                        : c < -from         ? -1
                                            : c;
    *param -= o[kLr] * sign + ReferenceDecay(o, *param);
    m = ReferenceState(m, smallest_normal);
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_LION_H_

#ifdef OPT_RULE_VECTOR_PART
// The hyperbolic tangent, of which the last bits are the same on every target:
// a quotient of polynomials for x / 64, doubled six times by
// tanh(2 y) = 2 tanh(y) / (1 + tanh(y)^2). Beyond 20 it is 1 in both types.
template <class D, class V>
HWY_INLINE V Tanh(D d, V x) {
  const V most = Set(d, 20);
  x = IfThenElse(Lt(most, x), most, x);
  x = IfThenElse(Lt(x, Sub(Zero(d), most)), Sub(Zero(d), most), x);
  const V y = Mul(x, Set(d, static_cast<hn::TFromD<D>>(0.015625)));
  const V square = Mul(y, y);
  V over = Add(square, Set(d, 378));
  over = Add(Mul(over, square), Set(d, 17325));
  over = Add(Mul(over, square), Set(d, 135135));
  V under = Add(Mul(square, Set(d, 28)), Set(d, 3150));
  under = Add(Mul(under, square), Set(d, 62370));
  under = Add(Mul(under, square), Set(d, 135135));
  V tanh = Mul(y, Div(over, under));
  for (int i = 0; i < 6; ++i) {
    tanh = Div(Add(tanh, tanh), Add(Set(d, 1), Mul(tanh, tanh)));
  }
  return tanh;
}

template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(Lion, D d, const T* c, V /*param*/, V g, V& m) {
  using R = Lion;
  const V mix = MovingAverage<kUsual>(d, m, g, c + R::kSignAverage);
  m = MovingAverage<kUsual>(d, m, g, c + R::kAverage);
  const V rate = Set(d, c[R::kRate]);
  if constexpr (kUsual) {
    // The sign of the mix, times the rate; zero and NaN stay as they are.
    return IfThenElse(Lt(Zero(d), Abs(mix)), CopySign(rate, mix), mix);
  } else {
    if (c[R::kSlope] >= 0) {
      return Mul(rate, Tanh(d, Mul(Set(d, c[R::kSlope]), mix)));
    }
    const V from = Set(d, c[R::kFrom]);
    const V up = IfThenElse(Lt(from, mix), rate, Mul(rate, mix));
    return IfThenElse(Lt(mix, Sub(Zero(d), from)), Sub(Zero(d), rate), up);
  }
}
#endif
