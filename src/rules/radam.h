// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// RAdam: Adam that knows how uncertain its second moment is. In the first steps
// it leaves the second moment out, and afterwards scales the step by a factor
// that grows towards 1.

#ifndef OPT_SRC_RULES_RADAM_H_
#define OPT_SRC_RULES_RADAM_H_

#include <cmath>

#include "src/rules/descriptor.h"
#include "src/rules/nesterov.h"
#include "src/rules/rectification.h"

namespace libopt {

struct RAdam {
  using Kernel = RAdam;

  enum Option {
    kBeta1 = kFirstRuleOption,
    kBeta2,
    kEps,
    kEpsPlacement,
    kEpsRoot,
    kRhoThreshold,
    kDegeneratedToSgd,
    kNesterov,
  };
  enum Slot { kExpAvg, kExpAvgSq };
  enum Scalar {
    kPhase,
    kMomentRate,
    kGradRate,
    kEpsIn,
    kEpsOut,
    kAverage,  // two scalars
    kKeep = kAverage + 2,
    kFresh,
    kScalars,
  };
  // The kinds of steps; which one it is depends on its number alone.
  enum Phase { kRests = 0, kUnrectified = 1, kRectified = 2 };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1e-3),
      WeightDecayOption(0),
      WeightDecayKindOption(kCoupled),
      MaximizeOption(),
      FrozenOption(),
      {"beta1", "b1,beta_1", 0.9, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the first moment"},
      {"beta2", "b2,beta_2", 0.999, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the second moment"},
      EpsOption(1e-8),
      {"eps_placement", nullptr, kEpsHat, 0, 2, OPT_OPTION_CHOICE,
       "inside,outside,hat",
       "where eps is added: inside is sqrt(v_hat + eps), outside, as in Optax, "
       "is sqrt(v_hat) + eps, and hat adds it to the square root of the "
       "uncorrected v"},
      {"eps_root", nullptr, 0, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "a second eps, which is always inside the root, as in Optax"},
      {"rho_threshold", "threshold", 4, 4, kInfinity, OPT_OPTION_MAX_OPEN,
       nullptr,
       "a step is rectified if rho_t is above this number: 4 in the paper, 5 "
       "in most libraries"},
      BoolOption("degenerated_to_sgd", true,
                 "steps that are not rectified take the first moment alone; "
                 "with 0 they leave the parameter where it is"),
      NesterovOption(),
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"exp_avg", "first moment m", kAlways, kZeros},
      {"exp_avg_sq", "second moment v", kAlways, kZeros},
  };
  static constexpr OptionValue kTorch[] = {{kRhoThreshold, 5}};
  static constexpr OptionValue kOptax[] = {{kEpsPlacement, kEpsOutside},
                                           {kRhoThreshold, 5}};
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"pytorch", "torch.optim.RAdam", kTorch, std::size(kTorch)},
      {"optax", "optax.radam", kOptax, std::size(kOptax)},
  };
  static constexpr OptionValue kRAdamW[] = {{kWeightDecayKind, kDecoupled}};
  static constexpr int kOwnOptions = kNesterov + 1;
  static constexpr OptionValue kRanger[] = {
      {kOwnOptions + kLookahead, 6}, {kOwnOptions + kLookaheadAlpha, 0.5}};
  static constexpr NamedValues kAliases[] = {
      {"radamw", "radam with decoupled weight decay", kRAdamW,
       std::size(kRAdamW)},
      {"ranger", "radam with lookahead over 6 steps", kRanger,
       std::size(kRanger)},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "radam",
      "Adam that rectifies the uncertainty of its first steps",
      "g = grad + weight_decay * param\n"
      "m = beta1 * m + (1 - beta1) * g\n"
      "v = beta2 * v + (1 - beta2) * g^2\n"
      "m_hat = m / (1 - beta1^t)\n"
      "rho_inf = 2 / (1 - beta2) - 1\n"
      "rho_t = rho_inf - 2 * t * beta2^t / (1 - beta2^t)\n"
      "if rho_t > rho_threshold:\n"
      "  r = sqrt((rho_t - 4) * (rho_t - 2) * rho_inf\n"
      "           / ((rho_inf - 4) * (rho_inf - 2) * rho_t))\n"
      "  param = param - lr * r * sqrt(1 - beta2^t) / (sqrt(v) + eps) * m_hat\n"
      "otherwise: param = param - lr * m_hat",
      "Liu et al. 2020, arXiv:1908.03265",
      kOptions,
      std::size(kOptions),
      kSlots,
      std::size(kSlots),
      kPresets,
      std::size(kPresets),
      kAliases,
      std::size(kAliases),
  };

  // The factor r of a step, or 0 if the step is not rectified.
  static double FactorOf(const double* o, int64_t step) {
    const double rho = MomentLength(o[kBeta2], step);
    return rho > o[kRhoThreshold] ? Rectification(o[kBeta2], rho) : 0;
  }

  // As Adam does, numerator and denominator are multiplied by
  // sqrt(1 - beta2^t).
  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const double b2 = OneMinusPower(o[kBeta2], facts.step);
    const double root = std::sqrt(b2);
    const double r = FactorOf(o, facts.step);
    const auto placement = static_cast<EpsPlacement>(o[kEpsPlacement]);
    const Look look = LookOf(static_cast<Nesterov>(o[kNesterov]), o[kBeta1],
                             facts.step, true);
    const double rate = r > 0 ? o[kLr] * r * root : o[kLr];
    double* c = scalars->rule;
    c[kPhase] = r > 0                       ? kRectified
                : o[kDegeneratedToSgd] != 0 ? kUnrectified
                                            : kRests;
    c[kMomentRate] = rate * look.moment / look.ahead;
    c[kGradRate] = rate * look.grad / look.now;
    scalars->is_usual &= c[kGradRate] == 0;
    c[kEpsIn] = ((placement == kEpsInside ? o[kEps] : 0) + o[kEpsRoot]) * b2;
    c[kEpsOut] = placement == kEpsOutside ? o[kEps] * root
                 : placement == kEpsHat   ? o[kEps]
                                          : 0;
    PutAverage(o[kBeta1], kAverage, scalars);
    c[kKeep] = o[kBeta2];
    c[kFresh] = 1 - o[kBeta2];
  }

  static void Reference(const double* o, int64_t step, double smallest_normal,
                        double grad, double* param, double* slots) {
    const double g = ReferenceGradient(o, grad, *param);
    double& m = slots[kExpAvg];
    double& v = slots[kExpAvgSq];
    m = o[kBeta1] * m + (1 - o[kBeta1]) * g;
    v = o[kBeta2] * v + (1 - o[kBeta2]) * g * g;
    const double b2 = OneMinusPower(o[kBeta2], step);
    const double m_hat = ReferenceMoment(static_cast<Nesterov>(o[kNesterov]),
                                         o[kBeta1], step, true, m, g);
    const double r = FactorOf(o, step);
    double update = o[kDegeneratedToSgd] != 0 ? o[kLr] * m_hat : 0;
    if (r > 0) {
      const double v_hat = v / b2 + o[kEpsRoot];
      double denominator = std::sqrt(v_hat) + o[kEps] / std::sqrt(b2);
      if (o[kEpsPlacement] == kEpsInside) {
        denominator = std::sqrt(v_hat + o[kEps]);
      } else if (o[kEpsPlacement] == kEpsOutside) {
        denominator = std::sqrt(v_hat) + o[kEps];
      }
      update = o[kLr] * r / denominator * m_hat;
    }
    *param -= update + ReferenceDecay(o, *param);
    m = ReferenceState(m, smallest_normal);
    v = ReferenceState(v, smallest_normal);
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_RADAM_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(RAdam, D d, const T* c, V /*param*/, V g, V& m, V& v) {
  using R = RAdam;
  m = MovingAverage<kUsual>(d, m, g, c + R::kAverage);
  v = Add(Mul(Set(d, c[R::kKeep]), v), Mul(Set(d, c[R::kFresh]), Mul(g, g)));
  if (c[R::kPhase] == R::kRests) return Zero(d);
  V direction = Mul(Set(d, c[R::kMomentRate]), m);
  if constexpr (!kUsual) {
    if (c[R::kGradRate] != 0) {
      direction = Add(direction, Mul(Set(d, c[R::kGradRate]), g));
    }
  }
  if (c[R::kPhase] == R::kUnrectified) return direction;
  const V root = Root(Add(v, Set(d, c[R::kEpsIn])));
  return Div(direction, Add(root, Set(d, c[R::kEpsOut])));
}
#endif
