// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Adadelta: the root mean square of past updates stands where other rules have
// a learning rate, so that a step has the parameter's unit.

#ifndef OPT_SRC_RULES_ADADELTA_H_
#define OPT_SRC_RULES_ADADELTA_H_

#include <cmath>

#include "src/rules/descriptor.h"

namespace libopt {

struct Adadelta {
  using Kernel = Adadelta;

  enum Option { kRho = kFirstRuleOption, kEps };
  enum Slot { kSquareAvg, kAccDelta };
  enum Scalar { kKeep, kFresh, kEpsIn, kRate, kScalars };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1),
      WeightDecayOption(0),
      WeightDecayKindOption(kCoupled),
      MaximizeOption(),
      FrozenOption(),
      {"rho", nullptr, 0.95, 0, 1, 0, nullptr,
       "decay rate of both averages of squares"},
      {"eps", "epsilon", 1e-6, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "added inside both roots; it decides the size of the first steps, which "
       "is lr * sqrt(eps / (1 - rho))"},
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"square_avg", "moving average of squared gradients E", kAlways, kZeros},
      {"acc_delta", "moving average of squared updates D", kAlways, kZeros,
       OPT_SHAPE_PARAM, OPT_DTYPE_PARAM, SlotTensors::kAll, 4},
  };
  static constexpr OptionValue kTorch[] = {{kRho, 0.9}};
  static constexpr OptionValue kKeras[] = {
      {kLr, 1e-3}, {kWeightDecayKind, kDecoupled}, {kEps, 1e-7}};
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"pytorch", "torch.optim.Adadelta", kTorch, std::size(kTorch)},
      {"keras", "keras.optimizers.Adadelta", kKeras, std::size(kKeras)},
      {"optax", "optax.adadelta", kTorch, std::size(kTorch)},
      {"mlx", "mlx.optimizers.AdaDelta; not checked against MLX's own results",
       kTorch, std::size(kTorch)},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "adadelta",
      "adaptive rates from the ratio of past updates to past gradients",
      "g = grad + weight_decay * param\n"
      "E = rho * E + (1 - rho) * g^2\n"
      "u = sqrt(D + eps) / sqrt(E + eps) * g\n"
      "D = rho * D + (1 - rho) * u^2\n"
      "param = param - lr * u",
      "Zeiler 2012, arXiv:1212.5701",
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
    double* c = scalars->rule;
    c[kKeep] = o[kRho];
    c[kFresh] = 1 - o[kRho];
    c[kEpsIn] = o[kEps];
    c[kRate] = o[kLr];
  }

  static void Reference(const double* o, int64_t, double smallest_normal,
                        double grad, double* param, double* slots) {
    const double g = ReferenceGradient(o, grad, *param);
    const double rho = o[kRho];
    double& square = slots[kSquareAvg];
    double& delta = slots[kAccDelta];
    square = rho * square + (1 - rho) * g * g;
    const double u =
        std::sqrt(delta + o[kEps]) / std::sqrt(square + o[kEps]) * g;
    delta = rho * delta + (1 - rho) * u * u;
    *param -= o[kLr] * u + ReferenceDecay(o, *param);
    square = ReferenceState(square, smallest_normal);
    delta = ReferenceState(delta, smallest_normal);
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_ADADELTA_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(Adadelta, D d, const T* c, V /*param*/, V g, V& square,
                    V& delta) {
  using R = Adadelta;
  const V keep = Set(d, c[R::kKeep]);
  const V fresh = Set(d, c[R::kFresh]);
  const V eps = Set(d, c[R::kEpsIn]);
  square = Add(Mul(keep, square), Mul(fresh, Mul(g, g)));
  const V ratio = Div(Root(Add(delta, eps)), Root(Add(square, eps)));
  const V u = Mul(ratio, g);
  delta = Add(Mul(keep, delta), Mul(fresh, Mul(u, u)));
  return Mul(Set(d, c[R::kRate]), u);
}
#endif
