// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Adan: Nesterov momentum for adaptive rates. The change of the gradient from
// step to step, which is averaged, stands for the gradient further ahead.

#ifndef OPT_SRC_RULES_ADAN_H_
#define OPT_SRC_RULES_ADAN_H_

#include <cmath>

#include "src/rules/descriptor.h"

namespace libopt {

struct Adan {
  using Kernel = Adan;

  enum Option {
    kBeta1 = kFirstRuleOption,
    kBeta2,
    kBeta3,
    kEps,
    kEpsRoot,
    kNoProx,
  };
  enum Slot { kExpAvg, kExpAvgDiff, kExpAvgSq, kNegPreGrad };
  enum Scalar {
    kHasPrevious,
    kRate,
    kDiffRate,
    kAhead,
    kEpsIn,
    kEpsOut,
    kAverage,                     // two scalars
    kDiffAverage = kAverage + 2,  // two scalars
    kKeep = kDiffAverage + 2,
    kFresh,
    kScalars,
  };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1e-3),
      WeightDecayOption(0),
      WeightDecayKindOption(kDecoupled),
      MaximizeOption(),
      FrozenOption(),
      {"beta1", "b1,beta_1", 0.98, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the first moment"},
      {"beta2", "b2,beta_2", 0.92, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the average of the gradient's changes, and their weight "
       "beside the gradient"},
      {"beta3", "b3,beta_3", 0.99, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the second moment"},
      EpsOption(1e-8),
      {"eps_root", nullptr, 0, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "a second eps, which is always inside the root, as in Optax"},
      BoolOption("no_prox", false,
                 "decoupled weight decay as in AdamW, param - lr * u - lr * "
                 "weight_decay * param; with 0 the step and the parameter are "
                 "both divided by 1 + lr * weight_decay"),
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"exp_avg", "first moment m", kAlways, kZeros},
      {"exp_avg_diff", "average q of the gradient's changes", kAlways, kZeros,
       OPT_SHAPE_PARAM, OPT_DTYPE_PARAM, SlotTensors::kAll, 2},
      {"exp_avg_sq", "second moment n of the gradient further ahead", kAlways,
       kZeros, OPT_SHAPE_PARAM, OPT_DTYPE_PARAM, SlotTensors::kAll, 4},
      {"neg_pre_grad", "the gradient of the step before, negated", kAlways,
       kZeros},
  };
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"timm", "timm.optim.Adan", nullptr, 0},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "adan",
      "Adam with Nesterov momentum from the gradient's changes",
      "d = grad - grad of the step before; 0 in the first step\n"
      "m = beta1 * m + (1 - beta1) * grad\n"
      "q = beta2 * q + (1 - beta2) * d\n"
      "n = beta3 * n + (1 - beta3) * (grad + beta2 * d)^2\n"
      "m_hat = m / (1 - beta1^t) + beta2 * q / (1 - beta2^t)\n"
      "n_hat = n / (1 - beta3^t)\n"
      "u = m_hat / (sqrt(n_hat) + eps)\n"
      "param = (param - lr * u) / (1 + lr * weight_decay)",
      "Xie et al. 2022, arXiv:2208.06677",
      kOptions,
      std::size(kOptions),
      kSlots,
      std::size(kSlots),
      kPresets,
      std::size(kPresets),
      nullptr,
      0,
  };

  // The divisor of the proximal form of the decay.
  static double Divisor(const double* o) {
    const bool proximal = o[kNoProx] == 0 && o[kWeightDecayKind] == kDecoupled;
    return proximal ? 1 + o[kLr] * o[kWeightDecay] : 1;
  }

  // (param - lr * u) / divisor is
  //   param - lr / divisor * u - lr * weight_decay / divisor * param.
  // As Adam does, numerator and denominator are multiplied by
  // sqrt(1 - beta3^t).
  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const double b1 = OneMinusPower(o[kBeta1], facts.step);
    const double b2 = OneMinusPower(o[kBeta2], facts.step);
    const double b3 = OneMinusPower(o[kBeta3], facts.step);
    const double root = std::sqrt(b3);
    const double rate = o[kLr] / Divisor(o) * root;
    double* c = scalars->rule;
    c[kHasPrevious] = facts.step > 1 ? 1 : 0;
    c[kRate] = rate / b1;
    c[kDiffRate] = rate * o[kBeta2] / b2;
    c[kAhead] = o[kBeta2];
    c[kEpsIn] = o[kEpsRoot] * b3;
    c[kEpsOut] = o[kEps] * root;
    PutAverage(o[kBeta1], kAverage, scalars);
    PutAverage(o[kBeta2], kDiffAverage, scalars);
    c[kKeep] = o[kBeta3];
    c[kFresh] = 1 - o[kBeta3];
    scalars->decoupled_decay /= Divisor(o);
  }

  static void Reference(const double* o, int64_t step, double smallest_normal,
                        double grad, double* param, double* slots) {
    const double g = ReferenceGradient(o, grad, *param);
    double& m = slots[kExpAvg];
    double& q = slots[kExpAvgDiff];
    double& n = slots[kExpAvgSq];
    double& negated = slots[kNegPreGrad];
    const double change = step > 1 ? g + negated : 0;
    const double ahead = g + o[kBeta2] * change;
    m = o[kBeta1] * m + (1 - o[kBeta1]) * g;
    q = o[kBeta2] * q + (1 - o[kBeta2]) * change;
    n = o[kBeta3] * n + (1 - o[kBeta3]) * ahead * ahead;
    negated = ReferenceState(-g, smallest_normal);
    const double m_hat = m / OneMinusPower(o[kBeta1], step) +
                         o[kBeta2] * q / OneMinusPower(o[kBeta2], step);
    const double n_hat = n / OneMinusPower(o[kBeta3], step);
    const double update =
        o[kLr] / (std::sqrt(n_hat + o[kEpsRoot]) + o[kEps]) * m_hat;
    *param -= (update + ReferenceDecay(o, *param)) / Divisor(o);
    m = ReferenceState(m, smallest_normal);
    q = ReferenceState(q, smallest_normal);
    n = ReferenceState(n, smallest_normal);
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_ADAN_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(Adan, D d, const T* c, V /*param*/, V g, V& m, V& q, V& n,
                    V& negated) {
  using R = Adan;
  const V change = c[R::kHasPrevious] != 0 ? Add(g, negated) : Zero(d);
  const V ahead = Add(g, Mul(Set(d, c[R::kAhead]), change));
  m = MovingAverage<kUsual>(d, m, g, c + R::kAverage);
  q = MovingAverage<kUsual>(d, q, change, c + R::kDiffAverage);
  n = Add(Mul(Set(d, c[R::kKeep]), n),
          Mul(Set(d, c[R::kFresh]), Mul(ahead, ahead)));
  negated = Sub(Zero(d), g);
  const V direction =
      Add(Mul(Set(d, c[R::kRate]), m), Mul(Set(d, c[R::kDiffRate]), q));
  const V root = Root(Add(n, Set(d, c[R::kEpsIn])));
  return Div(direction, Add(root, Set(d, c[R::kEpsOut])));
}
#endif
