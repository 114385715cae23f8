// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// AdaGrad: each element's rate falls as the sum of its squared gradients grows.

#ifndef OPT_SRC_RULES_ADAGRAD_H_
#define OPT_SRC_RULES_ADAGRAD_H_

#include <cmath>

#include "src/rules/descriptor.h"

namespace libopt {

struct AdaGrad {
  using Kernel = AdaGrad;

  enum Option {
    kEps = kFirstRuleOption,
    kEpsPlacement,
    kLrDecay,
    kInitialAccumulator,
  };
  enum Slot { kSum };
  enum Scalar { kRate, kEpsIn, kEpsOut, kScalars };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1e-2),
      WeightDecayOption(0),
      WeightDecayKindOption(kCoupled),
      MaximizeOption(),
      FrozenOption(),
      EpsOption(1e-8),
      {"eps_placement", nullptr, kEpsInside, 0, 1, OPT_OPTION_CHOICE,
       "inside,outside",
       "where eps is added: inside is sqrt(G + eps), outside is sqrt(G) + eps"},
      {"lr_decay", nullptr, 0, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "decay of the learning rate: step t uses lr / (1 + (t - 1) * lr_decay)"},
      {"initial_accumulator", "initial_accumulator_value", 0, 0, kInfinity,
       OPT_OPTION_MAX_OPEN, nullptr,
       "initial value of the sum when a tensor is attached"},
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"sum", "sum of squared gradients G", kAlways, kInitialAccumulator},
  };
  static constexpr OptionValue kPyTorch[] = {{kEps, 1e-10},
                                             {kEpsPlacement, kEpsOutside}};
  static constexpr OptionValue kKeras[] = {{kLr, 1e-3},
                                           {kWeightDecayKind, kDecoupled},
                                           {kEps, 1e-7},
                                           {kInitialAccumulator, 0.1}};
  static constexpr OptionValue kOptax[] = {{kEps, 1e-7},
                                           {kInitialAccumulator, 0.1}};
  static constexpr OptionValue kMlx[] = {{kEpsPlacement, kEpsOutside}};
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"pytorch", "torch.optim.Adagrad", kPyTorch, std::size(kPyTorch)},
      {"keras", "keras.optimizers.Adagrad", kKeras, std::size(kKeras)},
      {"optax", "optax.adagrad", kOptax, std::size(kOptax)},
      {"mlx", "mlx.optimizers.Adagrad; not checked against MLX's own results",
       kMlx, std::size(kMlx)},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "adagrad",
      "adaptive rates from the sum of squared gradients; suits sparse data",
      "g = grad + weight_decay * param\n"
      "G = G + g^2\n"
      "param = param - lr / sqrt(G + eps) * g",
      "Duchi, Hazan and Singer 2011",
      kOptions,
      std::size(kOptions),
      kSlots,
      std::size(kSlots),
      kPresets,
      std::size(kPresets),
      nullptr,
      0,
  };

  static double Rate(const double* o, int64_t step) {
    return o[kLr] / (1 + static_cast<double>(step - 1) * o[kLrDecay]);
  }

  static int64_t SettlesAt(const double* o) {
    return o[kLrDecay] == 0 ? 1 : kNeverSettles;
  }

  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const bool inside = o[kEpsPlacement] == kEpsInside;
    double* c = scalars->rule;
    c[kRate] = Rate(o, facts.step);
    c[kEpsIn] = inside ? o[kEps] : 0;
    c[kEpsOut] = inside ? 0 : o[kEps];
  }

  static void Reference(const double* o, int64_t step, double smallest_normal,
                        double grad, double* param, double* slots) {
    const double g = ReferenceGradient(o, grad, *param);
    double& sum = slots[kSum];
    sum += g * g;
    const double denominator = o[kEpsPlacement] == kEpsInside
                                   ? std::sqrt(sum + o[kEps])
                                   : std::sqrt(sum) + o[kEps];
    *param -= Rate(o, step) / denominator * g + ReferenceDecay(o, *param);
    sum = ReferenceState(sum, smallest_normal);
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_ADAGRAD_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(AdaGrad, D d, const T* c, V /*param*/, V g, V& sum) {
  sum = Add(sum, Mul(g, g));
  const V root = Root(Add(sum, Set(d, c[AdaGrad::kEpsIn])));
  return Div(Mul(Set(d, c[AdaGrad::kRate]), g),
             Add(root, Set(d, c[AdaGrad::kEpsOut])));
}
#endif
