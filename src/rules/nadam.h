// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// NAdam: Adam with Nesterov momentum, whose factor grows slowly towards beta1.
// The product of all factors so far corrects the bias of the first moment; it
// is state, since beta1 and the growth may have changed on the way.

#ifndef OPT_SRC_RULES_NADAM_H_
#define OPT_SRC_RULES_NADAM_H_

#include <cmath>

#include "src/base/math.h"
#include "src/rules/descriptor.h"

namespace libopt {

struct NAdam {
  using Kernel = NAdam;

  enum Option {
    kBeta1 = kFirstRuleOption,
    kBeta2,
    kEps,
    kEpsPlacement,
    kMomentumDecay,
  };
  enum Slot { kExpAvg, kExpAvgSq, kMuProduct };
  enum Scalar {
    kGradRate,
    kMomentRate,
    kEpsIn,
    kEpsOut,
    kAverage,  // two scalars
    kKeep = kAverage + 2,
    kFresh,
    kScalars,
  };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(2e-3),
      WeightDecayOption(0),
      WeightDecayKindOption(kCoupled),
      MaximizeOption(),
      FrozenOption(),
      {"beta1", "b1,beta_1", 0.9, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the first moment, towards which the momentum factor "
       "grows"},
      {"beta2", "b2,beta_2", 0.999, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the second moment"},
      EpsOption(1e-8),
      {"eps_placement", nullptr, kEpsOutside, 0, 2, OPT_OPTION_CHOICE,
       "inside,outside,hat",
       "where eps is added: inside is sqrt(v_hat + eps), outside is "
       "sqrt(v_hat) + eps, and hat adds it to the square root of the "
       "uncorrected v"},
      {"momentum_decay", "schedule_decay", 4e-3, 0, kInfinity,
       OPT_OPTION_MAX_OPEN, nullptr,
       "how fast the momentum factor grows: in step t it is "
       "beta1 * (1 - 0.96^(t * momentum_decay) / 2)"},
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"exp_avg", "first moment m", kAlways, kZeros},
      {"exp_avg_sq", "second moment v", kAlways, kZeros},
      {"mu_product", "product P of the momentum factors so far", kAlways, kOnes,
       OPT_SHAPE_NUMBER, OPT_F64},
  };
  static constexpr OptionValue kKeras[] = {{kLr, 1e-3},
                                           {kWeightDecayKind, kDecoupled},
                                           {kEps, 1e-7},
                                           {kMomentumDecay, 1}};
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"pytorch", "torch.optim.NAdam", nullptr, 0},
      {"keras", "keras.optimizers.Nadam", kKeras, std::size(kKeras)},
  };
  static constexpr OptionValue kNAdamW[] = {{kWeightDecayKind, kDecoupled}};
  static constexpr NamedValues kAliases[] = {
      {"nadamw", "nadam with decoupled weight decay", kNAdamW,
       std::size(kNAdamW)},
  };
  static constexpr RuleDescriptor kDescriptor = WithClipping(
      {
          "nadam",
          "Adam with Nesterov momentum",
          "g = grad + weight_decay * param\n"
          "mu_t = beta1 * (1 - 0.96^(t * momentum_decay) / 2)\n"
          "P = P * mu_t\n"
          "m = beta1 * m + (1 - beta1) * g\n"
          "v = beta2 * v + (1 - beta2) * g^2\n"
          "m_hat = (1 - mu_t) / (1 - P) * g + mu_(t+1) / (1 - P * mu_(t+1)) * "
          "m\n"
          "v_hat = v / (1 - beta2^t)\n"
          "param = param - lr / (sqrt(v_hat) + eps) * m_hat",
          "Dozat 2016, ICLR workshop",
          kOptions,
          std::size(kOptions),
          kSlots,
          std::size(kSlots),
          kPresets,
          std::size(kPresets),
          kAliases,
          std::size(kAliases),
      },
      kExpAvgSq);

  // The momentum factor of a step.
  static double Factor(const double* o, double step) {
    return o[kBeta1] * (1 - 0.5 * Pow(0.96, step * o[kMomentumDecay]));
  }

  // As Adam does, numerator and denominator are multiplied by
  // sqrt(1 - beta2^t).
  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const auto t = static_cast<double>(facts.step);
    const double mu = Factor(o, t);
    const double next_mu = Factor(o, t + 1);
    const double product = facts.numbers[kMuProduct] * mu;
    const double b2 = OneMinusPower(o[kBeta2], facts.step);
    const double root = std::sqrt(b2);
    const auto placement = static_cast<EpsPlacement>(o[kEpsPlacement]);
    double* c = scalars->rule;
    c[kGradRate] = o[kLr] * root * (1 - mu) / (1 - product);
    c[kMomentRate] = o[kLr] * root * next_mu / (1 - product * next_mu);
    c[kEpsIn] = placement == kEpsInside ? o[kEps] * b2 : 0;
    c[kEpsOut] = placement == kEpsOutside ? o[kEps] * root
                 : placement == kEpsHat   ? o[kEps]
                                          : 0;
    PutAverage(o[kBeta1], kAverage, scalars);
    c[kKeep] = o[kBeta2];
    c[kFresh] = 1 - o[kBeta2];
    scalars->next[kMuProduct] = product;
    PutClipping(b2, o[kEps], scalars);
  }

  static void Reference(const ReferenceStep& s) {
    const double* o = s.options;
    const auto t = static_cast<double>(s.step);
    const double mu = Factor(o, t);
    const double next_mu = Factor(o, t + 1);
    double& product = *s.slots[kMuProduct];
    product *= mu;
    const double b2 = OneMinusPower(o[kBeta2], s.step);
    for (int64_t i = 0; i < s.shape.count; ++i) {
      const double g = ReferenceGradient(o, s.grad[i], s.param[i]);
      double& m = s.slots[kExpAvg][i];
      double& v = s.slots[kExpAvgSq][i];
      m = o[kBeta1] * m + (1 - o[kBeta1]) * g;
      v = o[kBeta2] * v + (1 - o[kBeta2]) * g * g;
      const double m_hat =
          (1 - mu) / (1 - product) * g + next_mu / (1 - product * next_mu) * m;
      const double v_hat = v / b2;
      double denominator = std::sqrt(v_hat) + o[kEps];
      if (o[kEpsPlacement] == kEpsInside) {
        denominator = std::sqrt(v_hat + o[kEps]);
      } else if (o[kEpsPlacement] == kEpsHat) {
        denominator = std::sqrt(v_hat) + o[kEps] / std::sqrt(b2);
      }
      s.param[i] -=
          o[kLr] / denominator * m_hat + ReferenceDecay(o, s.param[i]);
      m = ReferenceState(m, s.smallest_normal);
      v = ReferenceState(v, s.smallest_normal);
    }
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_NADAM_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(NAdam, D d, const T* c, V /*param*/, V g, V& m, V& v) {
  using R = NAdam;
  m = MovingAverage<kUsual>(d, m, g, c + R::kAverage);
  v = Add(Mul(Set(d, c[R::kKeep]), v), Mul(Set(d, c[R::kFresh]), Mul(g, g)));
  const V direction =
      Add(Mul(Set(d, c[R::kGradRate]), g), Mul(Set(d, c[R::kMomentRate]), m));
  const V root = Sqrt(Add(v, Set(d, c[R::kEpsIn])));
  return Div(direction, Add(root, Set(d, c[R::kEpsOut])));
}
#endif
