// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Adamax: Adam in the infinity norm. The second moment is a decaying maximum of
// the gradient's size, which needs no correction of its start.

#ifndef OPT_SRC_RULES_ADAMAX_H_
#define OPT_SRC_RULES_ADAMAX_H_

#include <cmath>

#include "src/rules/descriptor.h"

namespace libopt {

struct Adamax {
  using Kernel = Adamax;

  enum Option {
    kBeta1 = kFirstRuleOption,
    kBeta2,
    kEps,
    kEpsPlacement,
    kBiasCorrection,
  };
  enum Slot { kExpAvg, kExpInf };
  enum Scalar {
    kRate,
    kKeep,
    kEpsIn,
    kEpsOut,
    kAverage,  // two scalars
    kScalars = kAverage + 2,
  };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(2e-3),
      WeightDecayOption(0),
      WeightDecayKindOption(kCoupled),
      MaximizeOption(),
      FrozenOption(),
      {"beta1", "b1,beta_1", 0.9, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the first moment"},
      {"beta2", "b2,beta_2", 0.999, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the maximum"},
      EpsOption(1e-8),
      {"eps_placement", nullptr, kEpsOutside, 0, 1, OPT_OPTION_CHOICE,
       "inside,outside",
       "where eps is added: inside is u = max(beta2 * u, abs(g) + eps), as in "
       "PyTorch and Optax, outside divides by u + eps"},
      BoolOption("bias_correction", true,
                 "correct the bias of the first moment, which starts at zero"),
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"exp_avg", "first moment m", kAlways, kZeros},
      {"exp_inf", "decaying maximum of the gradient's size u", kAlways, kZeros},
  };
  static constexpr OptionValue kTorch[] = {{kEpsPlacement, kEpsInside}};
  static constexpr OptionValue kKeras[] = {
      {kLr, 1e-3}, {kWeightDecayKind, kDecoupled}, {kEps, 1e-7}};
  static constexpr OptionValue kMlx[] = {{kBiasCorrection, 0}};
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"pytorch", "torch.optim.Adamax", kTorch, std::size(kTorch)},
      {"keras", "keras.optimizers.Adamax", kKeras, std::size(kKeras)},
      {"optax", "optax.adamax", kTorch, std::size(kTorch)},
      {"mlx", "mlx.optimizers.Adamax; not checked against MLX's own results",
       kMlx, std::size(kMlx)},
  };
  static constexpr OptionValue kAdamaxW[] = {{kWeightDecay, 1e-4},
                                             {kWeightDecayKind, kDecoupled}};
  static constexpr NamedValues kAliases[] = {
      {"adamaxw", "adamax with decoupled weight decay of 0.0001", kAdamaxW,
       std::size(kAdamaxW)},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "adamax",
      "Adam whose second moment is a decaying maximum",
      "g = grad + weight_decay * param\n"
      "m = beta1 * m + (1 - beta1) * g\n"
      "u = max(beta2 * u, |g|)\n"
      "m_hat = m / (1 - beta1^t)\n"
      "param = param - lr / (u + eps) * m_hat",
      "Kingma and Ba 2015, arXiv:1412.6980",
      kOptions,
      std::size(kOptions),
      kSlots,
      std::size(kSlots),
      kPresets,
      std::size(kPresets),
      kAliases,
      std::size(kAliases),
  };

  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const bool correct = o[kBiasCorrection] != 0;
    const bool inside = o[kEpsPlacement] == kEpsInside;
    double* c = scalars->rule;
    c[kRate] = o[kLr] / (correct ? OneMinusPower(o[kBeta1], facts.step) : 1);
    c[kKeep] = o[kBeta2];
    c[kEpsIn] = inside ? o[kEps] : 0;
    c[kEpsOut] = inside ? 0 : o[kEps];
    PutAverage(o[kBeta1], kAverage, scalars);
  }

  static void Reference(const double* o, int64_t step, double smallest_normal,
                        double grad, double* param, double* slots) {
    const double g = ReferenceGradient(o, grad, *param);
    const bool inside = o[kEpsPlacement] == kEpsInside;
    double& m = slots[kExpAvg];
    double& u = slots[kExpInf];
    m = o[kBeta1] * m + (1 - o[kBeta1]) * g;
    const double old = o[kBeta2] * u;
    const double size = std::fabs(g) + (inside ? o[kEps] : 0);
    u = size <= old ? old : old < size ? size : old + size;  // the sum: NaN
    const double b1 =
        o[kBiasCorrection] != 0 ? OneMinusPower(o[kBeta1], step) : 1;
    const double denominator = u + (inside ? 0 : o[kEps]);
    *param -= o[kLr] / denominator * (m / b1) + ReferenceDecay(o, *param);
    m = ReferenceState(m, smallest_normal);
    u = ReferenceState(u, smallest_normal);
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_ADAMAX_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(Adamax, D d, const T* c, V /*param*/, V g, V& m, V& u) {
  using R = Adamax;
  m = MovingAverage<kUsual>(d, m, g, c + R::kAverage);
  const V old = Mul(Set(d, c[R::kKeep]), u);
  const V size = Add(Abs(g), Set(d, c[R::kEpsIn]));
  // One of two numbers that cannot be compared is NaN, and so is their sum.
  u = IfThenElse(Le(size, old), old,
                 IfThenElse(Lt(old, size), size, Add(old, size)));
  return Div(Mul(Set(d, c[R::kRate]), m), Add(u, Set(d, c[R::kEpsOut])));
}
#endif
