// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// ADOPT: Adam that divides each gradient by the second moment of those before
// it, and takes the momentum of what that gives.

#ifndef OPT_SRC_RULES_ADOPT_H_
#define OPT_SRC_RULES_ADOPT_H_

#include <cmath>

#include "src/base/math.h"
#include "src/rules/descriptor.h"

namespace libopt {

struct Adopt {
  using Kernel = Adopt;

  enum Option {
    kBeta1 = kFirstRuleOption,
    kBeta2,
    kEps,
    kClip,
    kClipExp,
    kNesterov,
  };
  enum Slot { kExpAvg, kExpAvgSq };
  enum Scalar {
    kFirst,
    kRate,
    kLookAhead,
    kFloor,
    kBound,
    kAverage,  // two scalars
    kKeep = kAverage + 2,
    kFresh,
    kScalars,
  };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1e-3),
      WeightDecayOption(0),
      WeightDecayKindOption(kCoupled),
      MaximizeOption(),
      FrozenOption(),
      {"beta1", "b1,beta_1", 0.9, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the first moment"},
      {"beta2", "b2,beta_2", 0.9999, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the second moment"},
      {"eps", "epsilon", 1e-6, 0, kInfinity,
       OPT_OPTION_MIN_OPEN | OPT_OPTION_MAX_OPEN, nullptr,
       "the smallest number that a gradient is divided by"},
      BoolOption("clip", true,
                 "clip the divided gradient, which may be large where the "
                 "preceding gradients were small",
                 0, "use_clipping"),
      {"clip_exp", nullptr, 0.25, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "the bound of the clip in step t is (t - 1)^clip_exp"},
      BoolOption("nesterov", false,
                 "Nesterov momentum: step along beta1 * m + (1 - beta1) * n"),
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"exp_avg", "first moment m of the divided gradients", kAlways, kZeros,
       OPT_SHAPE_PARAM, OPT_DTYPE_PARAM, SlotTensors::kAll, 4},
      {"exp_avg_sq", "second moment v of the gradients", kAlways, kZeros},
  };
  static constexpr OptionValue kTimm[] = {{kClipExp, 0.333}};
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"optax", "optax.contrib.adopt", nullptr, 0},
      {"timm", "timm.optim.Adopt", kTimm, std::size(kTimm)},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "adopt",
      "Adam that divides by the second moment of the preceding gradients",
      "g = grad + weight_decay * param\n"
      "first step: v = g^2, and nothing else\n"
      "bound = (t - 1)^clip_exp\n"
      "n = min(max(g / max(sqrt(v), eps), -bound), bound)\n"
      "m = beta1 * m + (1 - beta1) * n\n"
      "param = param - lr * m\n"
      "v = beta2 * v + (1 - beta2) * g^2",
      "Taniguchi et al. 2024, arXiv:2411.02853",
      kOptions,
      std::size(kOptions),
      kSlots,
      std::size(kSlots),
      kPresets,
      std::size(kPresets),
      nullptr,
      0,
  };

  static double Bound(const double* o, int64_t step) {
    return o[kClip] != 0 ? Pow(static_cast<double>(step - 1), o[kClipExp])
                         : kInfinity;
  }

  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    double* c = scalars->rule;
    c[kFirst] = facts.step == 1 ? 1 : 0;
    c[kRate] = o[kLr];
    c[kLookAhead] = o[kNesterov];
    scalars->is_usual &= facts.step > 1 && o[kNesterov] == 0;
    c[kFloor] = o[kEps];
    c[kBound] = Bound(o, facts.step);
    PutAverage(o[kBeta1], kAverage, scalars);
    c[kKeep] = o[kBeta2];
    c[kFresh] = 1 - o[kBeta2];
    if (facts.step == 1) scalars->decoupled_decay = 0;
  }

  static void Reference(const double* o, int64_t step, double smallest_normal,
                        double grad, double* param, double* slots) {
    const double g = ReferenceGradient(o, grad, *param);
    double& m = slots[kExpAvg];
    double& v = slots[kExpAvgSq];
    if (step == 1) {
      v = ReferenceState(g * g, smallest_normal);
      return;
    }
    const double root = std::sqrt(v);
    const double bound = Bound(o, step);
    double n = g / (root < o[kEps] ? o[kEps] : root);
    if (n > bound) n = bound;
    if (n < -bound) n = -bound;
    m = o[kBeta1] * m + (1 - o[kBeta1]) * n;
    const double direction =
        o[kNesterov] != 0 ? o[kBeta1] * m + (1 - o[kBeta1]) * n : m;
    *param -= o[kLr] * direction + ReferenceDecay(o, *param);
    v = o[kBeta2] * v + (1 - o[kBeta2]) * g * g;
    m = ReferenceState(m, smallest_normal);
    v = ReferenceState(v, smallest_normal);
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_ADOPT_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(Adopt, D d, const T* c, V /*param*/, V g, V& m, V& v) {
  using R = Adopt;
  const V square = Mul(g, g);
  if constexpr (!kUsual) {
    if (c[R::kFirst] != 0) {
      v = square;
      return Zero(d);
    }
  }
  const V floor = Set(d, c[R::kFloor]);
  const V high = Set(d, c[R::kBound]);
  const V low = Sub(Zero(d), high);
  const V root = Root(v);
  V n = Div(g, IfThenElse(Lt(root, floor), floor, root));
  n = IfThenElse(Lt(high, n), high, n);
  n = IfThenElse(Lt(n, low), low, n);
  m = MovingAverage<kUsual>(d, m, n, c + R::kAverage);
  v = Add(Mul(Set(d, c[R::kKeep]), v), Mul(Set(d, c[R::kFresh]), square));
  V direction = m;
  if constexpr (!kUsual) {
    if (c[R::kLookAhead] != 0) {
      direction = MovingAverage<kUsual>(d, m, n, c + R::kAverage);
    }
  }
  return Mul(Set(d, c[R::kRate]), direction);
}
#endif
