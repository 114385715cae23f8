// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// AdaBelief: Adam that divides by how far the gradients are from their average,
// so that it takes large steps where it can predict them.

#ifndef OPT_SRC_RULES_ADABELIEF_H_
#define OPT_SRC_RULES_ADABELIEF_H_

#include <cmath>

#include "src/rules/descriptor.h"
#include "src/rules/rectification.h"

namespace libopt {

struct AdaBelief {
  using Kernel = AdaBelief;

  enum Option {
    kBeta1 = kFirstRuleOption,
    kBeta2,
    kEps,
    kEpsPlacement,
    kEpsRoot,
    kAmsgrad,
    kNesterov,
    kRectify,
    kDegeneratedToSgd,
    kFixedDecay,
  };
  enum Slot { kExpAvg, kExpAvgVar, kMaxExpAvgVar };
  enum Scalar {
    kMomentRate,
    kGradRate,
    kDivides,
    kEpsKept,  // stays in the second moment
    kEpsIn,
    kEpsOut,
    kAverage,  // two scalars
    kKeep = kAverage + 2,
    kFresh,
    kScalars,
  };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1e-3),
      WeightDecayOption(0),
      WeightDecayKindOption(kDecoupled),
      MaximizeOption(),
      FrozenOption(),
      {"beta1", "b1,beta_1", 0.9, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the first moment"},
      {"beta2", "b2,beta_2", 0.999, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the second moment"},
      EpsOption(1e-16),
      {"eps_placement", nullptr, kEpsOutside, 0, 2, OPT_OPTION_CHOICE,
       "inside,outside,hat",
       "where eps is added: inside is sqrt(s_hat + eps), outside is "
       "sqrt(s_hat) + eps, and hat adds it to the square root of the "
       "uncorrected s"},
      {"eps_root", nullptr, 1e-16, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "a second eps, which each step adds to s, where it stays"},
      {"amsgrad", nullptr, 0, 0, 1, OPT_OPTION_CHOICE | OPT_OPTION_LAYOUT,
       "off,raw",
       "AMSGrad: divide by the running maximum of the second moment; raw is "
       "the maximum of s"},
      {"nesterov", nullptr, 0, 0, 1, OPT_OPTION_CHOICE, "off,dozat",
       "Nesterov momentum: dozat, as in Optax, takes beta1 * m / "
       "(1 - beta1^(t+1)) + (1 - beta1) * g / (1 - beta1^t) in place of m_hat"},
      BoolOption("rectify", false,
                 "shrink the steps, as RAdam does, while few gradients have "
                 "entered s; until they count as 5, the update is not divided "
                 "by sqrt(s)"),
      BoolOption("degenerated_to_sgd", true,
                 "with rectify, take steps of lr * m_hat until the division "
                 "begins; with 0, leave the parameters unchanged until then"),
      BoolOption("fixed_decay", false,
                 "decoupled weight decay subtracts weight_decay * param "
                 "without the factor lr"),
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"exp_avg", "first moment m", kAlways, kZeros},
      {"exp_avg_var", "second moment s of g - m", kAlways, kZeros,
       OPT_SHAPE_PARAM, OPT_DTYPE_PARAM, SlotTensors::kAll, 4},
      {"max_exp_avg_var", "running maximum of s", kAmsgrad, kZeros,
       OPT_SHAPE_PARAM, OPT_DTYPE_PARAM, SlotTensors::kAll, 4},
  };
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"optax", "optax.adabelief", nullptr, 0},
      {"timm", "timm.optim.AdaBelief", nullptr, 0},
  };
  static constexpr OptionValue kRectified[] = {{kRectify, 1},
                                               {kEpsPlacement, kEpsHat}};
  static constexpr NamedValues kAliases[] = {
      {"radabelief", "adabelief with rectify 1 and eps_placement hat",
       kRectified, std::size(kRectified)},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "adabelief",
      "Adam that divides by how far gradients are from their average",
      "m = beta1 * m + (1 - beta1) * grad\n"
      "s = beta2 * s + (1 - beta2) * (grad - m)^2 + eps_root\n"
      "m_hat = m / (1 - beta1^t)\n"
      "s_hat = s / (1 - beta2^t)\n"
      "param = param - lr / (sqrt(s_hat) + eps) * m_hat"
      " - lr * weight_decay * param",
      "Zhuang et al. 2020, arXiv:2010.07468",
      kOptions,
      std::size(kOptions),
      kSlots,
      std::size(kSlots),
      kPresets,
      std::size(kPresets),
      kAliases,
      std::size(kAliases),
  };

  // The factor of a step that the rectification gives, and whether it divides.
  struct Phase {
    double factor;
    bool divides;
  };
  static Phase PhaseOf(const double* o, int64_t step) {
    if (o[kRectify] == 0) return {1, true};
    const double length = MomentLength(o[kBeta2], step);
    if (length >= 5) return {Rectification(o[kBeta2], length), true};
    return {o[kDegeneratedToSgd], false};
  }

  // As Adam does, numerator and denominator are multiplied by
  // sqrt(1 - beta2^t).
  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const Phase phase = PhaseOf(o, facts.step);
    const double b1 = OneMinusPower(o[kBeta1], facts.step);
    const double b1_next = OneMinusPower(o[kBeta1], StepAfter(facts.step));
    const double b2 = OneMinusPower(o[kBeta2], facts.step);
    const double root = std::sqrt(b2);
    const double rate = o[kLr] * phase.factor * (phase.divides ? root : 1);
    const bool nesterov = o[kNesterov] != 0;
    const auto placement = static_cast<EpsPlacement>(o[kEpsPlacement]);
    double* c = scalars->rule;
    c[kMomentRate] = nesterov ? rate * o[kBeta1] / b1_next : rate / b1;
    c[kGradRate] = nesterov ? rate * (1 - o[kBeta1]) / b1 : 0;
    scalars->is_usual &= !nesterov;
    c[kDivides] = phase.divides ? 1 : 0;
    c[kEpsKept] = o[kEpsRoot];
    c[kEpsIn] = placement == kEpsInside ? o[kEps] * b2 : 0;
    c[kEpsOut] = placement == kEpsOutside ? o[kEps] * root
                 : placement == kEpsHat   ? o[kEps]
                                          : 0;
    PutAverage(o[kBeta1], kAverage, scalars);
    c[kKeep] = o[kBeta2];
    c[kFresh] = 1 - o[kBeta2];
    if (o[kFixedDecay] != 0 && o[kWeightDecayKind] == kDecoupled) {
      scalars->decoupled_decay = o[kWeightDecay];
    }
  }

  static double ReferenceDenominator(const double* o, double second,
                                     double b2) {
    const double s_hat = second / b2;
    if (o[kEpsPlacement] == kEpsInside) return std::sqrt(s_hat + o[kEps]);
    const double eps =
        o[kEpsPlacement] == kEpsHat ? o[kEps] / std::sqrt(b2) : o[kEps];
    return std::sqrt(s_hat) + eps;
  }

  static void Reference(const double* o, int64_t step, double smallest_normal,
                        double grad, double* param, double* slots) {
    const double g = ReferenceGradient(o, grad, *param);
    double& m = slots[kExpAvg];
    double& s = slots[kExpAvgVar];
    double& s_max = slots[kMaxExpAvgVar];
    m = o[kBeta1] * m + (1 - o[kBeta1]) * g;
    s = o[kBeta2] * s + (1 - o[kBeta2]) * (g - m) * (g - m) + o[kEpsRoot];
    if (!(s <= s_max)) s_max = s;
    const double b1 = OneMinusPower(o[kBeta1], step);
    const double b2 = OneMinusPower(o[kBeta2], step);
    double m_hat = m / b1;
    if (o[kNesterov] != 0) {
      m_hat = o[kBeta1] * m / OneMinusPower(o[kBeta1], StepAfter(step)) +
              (1 - o[kBeta1]) * g / b1;
    }
    const Phase phase = PhaseOf(o, step);
    const double denominator =
        phase.divides
            ? ReferenceDenominator(o, o[kAmsgrad] != 0 ? s_max : s, b2)
            : 1;
    const double decay =
        o[kFixedDecay] != 0 && o[kWeightDecayKind] == kDecoupled
            ? o[kWeightDecay] * *param
            : ReferenceDecay(o, *param);
    *param -= o[kLr] * phase.factor / denominator * m_hat + decay;
    m = ReferenceState(m, smallest_normal);
    s = ReferenceState(s, smallest_normal);
    s_max = ReferenceState(s_max, smallest_normal);
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_ADABELIEF_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(AdaBelief, D d, const T* c, V /*param*/, V g, V& m, V& s,
                    V& s_max) {
  using R = AdaBelief;
  m = MovingAverage<kUsual>(d, m, g, c + R::kAverage);
  const V surprise = Sub(g, m);
  s = Add(Mul(Set(d, c[R::kKeep]), s),
          Mul(Set(d, c[R::kFresh]), Mul(surprise, surprise)));
  s = Add(s, Set(d, c[R::kEpsKept]));
  V second = s;
  if constexpr ((kLayout >> R::kMaxExpAvgVar & 1) != 0) {
    s_max = IfThenElse(Le(s, s_max), s_max, s);
    second = s_max;
  }
  V direction = Mul(Set(d, c[R::kMomentRate]), m);
  if constexpr (!kUsual) {
    if (c[R::kGradRate] != 0) {
      direction = Add(direction, Mul(Set(d, c[R::kGradRate]), g));
    }
  }
  if (c[R::kDivides] == 0) return direction;
  const V root = Root(Add(second, Set(d, c[R::kEpsIn])));
  return Div(direction, Add(root, Set(d, c[R::kEpsOut])));
}
#endif
