// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// FTRL-Proximal: the parameter that fits all gradients so far best under an L1
// and an L2 penalty, with AdaGrad's rates. Made for sparse data: where a
// parameter gains less than the L1 penalty costs, it is exactly zero.

#ifndef OPT_SRC_RULES_FTRL_H_
#define OPT_SRC_RULES_FTRL_H_

#include <algorithm>
#include <cmath>

#include "src/rules/descriptor.h"

namespace libopt {

struct Ftrl {
  using Kernel = Ftrl;

  enum Option {
    kL1 = kFirstRuleOption,
    kL2,
    kL2Doubled,
    kL2Shrinkage,
    kBeta,
    kInitialAccumulator,
  };
  enum Slot { kAccumulator, kLinear };
  enum Scalar {
    kMoves,
    kPerRate,
    kPenalty,  // what the denominator has beside the root
    kThreshold,
    kShrinkage,
    kDecay,
    kScalars,
  };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1e-1),
      WeightDecayOption(0),
      WeightDecayKindOption(kCoupled),
      MaximizeOption(),
      FrozenOption(),
      {"l1", "l1_regularization_strength", 0, 0, kInfinity, OPT_OPTION_MAX_OPEN,
       nullptr, "strength of the L1 penalty, which makes parameters zero"},
      {"l2", "l2_regularization_strength", 0, 0, kInfinity, OPT_OPTION_MAX_OPEN,
       nullptr, "strength of the L2 penalty on the new parameter"},
      BoolOption("l2_doubled", false,
                 "as in Keras and TensorFlow, the penalty is l2 * param^2, "
                 "which puts 2 * l2 in the place of l2"),
      {"l2_shrinkage", "l2_shrinkage_regularization_strength", 0, 0, kInfinity,
       OPT_OPTION_MAX_OPEN, nullptr,
       "strength of an L2 penalty on the old parameter, as in Keras and "
       "TensorFlow: 2 * l2_shrinkage * param is added to the gradient, but not "
       "to its square"},
      {"beta", nullptr, 1, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "a number added to the root, which keeps the first steps small"},
      {"initial_accumulator", "initial_accumulator_value", 0, 0, kInfinity,
       OPT_OPTION_MAX_OPEN, nullptr,
       "initial value of n when a tensor is attached"},
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"accumulator", "sum n of squared gradients", kAlways,
       kInitialAccumulator},
      {"linear", "linear term z", kAlways, kZeros, OPT_SHAPE_PARAM,
       OPT_DTYPE_PARAM, SlotTensors::kAll, 4},
  };
  static constexpr OptionValue kKeras[] = {{kLr, 1e-3},
                                           {kWeightDecayKind, kDecoupled},
                                           {kL2Doubled, 1},
                                           {kBeta, 0},
                                           {kInitialAccumulator, 0.1}};
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"keras", "keras.optimizers.Ftrl", kKeras, std::size(kKeras)},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "ftrl",
      "follows the regularized leader; exact zeros for sparse data",
      "g = grad + weight_decay * param\n"
      "r = sqrt(n + g^2)\n"
      "z = z + g + 2 * l2_shrinkage * param - (r - sqrt(n)) / lr * param\n"
      "n = n + g^2\n"
      "param = (min(max(z, -l1), l1) - z) / ((beta + r) / lr + l2)",
      "McMahan et al. 2013, KDD",
      kOptions,
      std::size(kOptions),
      kSlots,
      std::size(kSlots),
      kPresets,
      std::size(kPresets),
      nullptr,
      0,
      kAlways,
      true,
      kNone,
      true,
  };

  // The part of the parameter that decoupled weight decay takes away before the
  // step, as Keras does.
  static double Decay(const double* o) {
    return o[kWeightDecayKind] == kDecoupled ? o[kLr] * o[kWeightDecay] : 0;
  }
  static double Penalty(const double* o) {
    return o[kBeta] / o[kLr] + (o[kL2Doubled] != 0 ? 2 : 1) * o[kL2];
  }

  // With a learning rate of 0, by which nothing can be divided, a step adds to
  // the sums and leaves the parameter.
  static int64_t SettlesAt(const double* /*options*/) { return 1; }

  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const bool moves = o[kLr] != 0;
    double* c = scalars->rule;
    c[kMoves] = moves ? 1 : 0;
    c[kPerRate] = moves ? 1 / o[kLr] : 0;
    c[kPenalty] = moves ? Penalty(o) : 0;
    c[kThreshold] = o[kL1];
    c[kShrinkage] = 2 * o[kL2Shrinkage];
    c[kDecay] = Decay(o);
  }

  static void Reference(const double* o, int64_t, double smallest_normal,
                        double grad, double* param, double* slots) {
    const double g = ReferenceGradient(o, grad, *param);
    double& n = slots[kAccumulator];
    double& z = slots[kLinear];
    const double theta = Decay(o) != 0 ? *param - Decay(o) * *param : *param;
    const double old_root = std::sqrt(n);
    n += g * g;
    z += g;
    if (o[kL2Shrinkage] != 0) z += 2 * o[kL2Shrinkage] * theta;
    if (o[kLr] != 0) {
      z -= (std::sqrt(n) - old_root) / o[kLr] * theta;
      const double clipped = std::min(std::max(z, -o[kL1]), o[kL1]);
      const double denominator = std::sqrt(n) / o[kLr] + Penalty(o);
      *param = std::fabs(z) <= o[kL1] ? 0 : (clipped - z) / denominator;
    }
    n = ReferenceState(n, smallest_normal);
    z = ReferenceState(z, smallest_normal);
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_FTRL_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(Ftrl, D d, const T* c, V param, V g, V& n, V& z) {
  using R = Ftrl;
  V theta = param;
  if (c[R::kDecay] != 0) {
    theta = Sub(param, Mul(Set(d, c[R::kDecay]), param));
  }
  const V old_root = Root(n);
  n = Add(n, Mul(g, g));
  z = Add(z, g);
  if (c[R::kShrinkage] != 0) {
    z = Add(z, Mul(Set(d, c[R::kShrinkage]), theta));
  }
  if (c[R::kMoves] == 0) return Zero(d);
  const V root = Root(n);
  const V per_rate = Set(d, c[R::kPerRate]);
  z = Sub(z, Mul(Mul(Sub(root, old_root), per_rate), theta));
  const V high = Set(d, c[R::kThreshold]);
  const V low = Sub(Zero(d), high);
  const V capped = IfThenElse(Lt(high, z), high, z);
  const V clipped = IfThenElse(Lt(capped, low), low, capped);
  const V denominator = Add(Mul(root, per_rate), Set(d, c[R::kPenalty]));
  const V next = Div(Sub(clipped, z), denominator);
  return Sub(param, IfThenZeroElse(Le(Abs(z), high), next));
}
#endif
