// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Rprop: every element has a step size of its own, which grows while the sign
// of its gradient stays and shrinks when it turns. The gradient's size does not
// matter, so that the rule suits full batches alone. After a turn the element
// rests for a step; the literature calls this variant iRprop-.

#ifndef OPT_SRC_RULES_RPROP_H_
#define OPT_SRC_RULES_RPROP_H_

#include "src/rules/descriptor.h"

namespace libopt {

struct Rprop {
  using Kernel = Rprop;

  enum Option {
    kEtaMinus = kFirstRuleOption,
    kEtaPlus,
    kMinStepSize,
    kMaxStepSize,
  };
  enum Slot { kPrev, kStepSize };
  enum Scalar {
    kShrink,
    kGrow,
    kMin,
    kMax,
    kIsFirst,
    kFirstSize,
    kScalars,
  };

  static constexpr OptionDescriptor kOptions[] = {
      {"lr", "learning_rate", 1e-2, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "learning rate: the size of a tensor's first step; the sizes of later "
       "steps follow from it, and a schedule does not change them"},
      WeightDecayOption(0),
      WeightDecayKindOption(kCoupled),
      MaximizeOption(),
      FrozenOption(),
      {"eta_minus", nullptr, 0.5, 0, 1,
       OPT_OPTION_MIN_OPEN | OPT_OPTION_MAX_OPEN, nullptr,
       "factor of the step size where the gradient has changed sign"},
      {"eta_plus", nullptr, 1.2, 1, kInfinity,
       OPT_OPTION_MIN_OPEN | OPT_OPTION_MAX_OPEN, nullptr,
       "factor of the step size where the gradient has kept its sign"},
      {"min_step_size", nullptr, 1e-6, 0, kInfinity, OPT_OPTION_MAX_OPEN,
       nullptr, "smallest step size"},
      {"max_step_size", nullptr, 50, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "largest step size; it takes precedence over min_step_size"},
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"prev", "gradient of the preceding step; 0 after a change of sign",
       kAlways, kZeros},
      {"step_size", "size of an element's step", kAlways, kLr},
  };
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"pytorch", "torch.optim.Rprop", nullptr, 0},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "rprop",
      "a step size for each element, from the sign of its gradient alone",
      "g = grad + weight_decay * param\n"
      "in the first step: step_size = lr, prev = 0\n"
      "s = g * prev\n"
      "f = eta_plus if s > 0, eta_minus if s < 0, otherwise 1\n"
      "step_size = min(max(f * step_size, min_step_size), max_step_size)\n"
      "if s < 0: g = 0\n"
      "param = param - step_size * sign(g)\n"
      "prev = g",
      "Riedmiller and Braun 1993; Igel and Huesken 2000",
      kOptions,
      std::size(kOptions),
      kSlots,
      std::size(kSlots),
      kPresets,
      std::size(kPresets),
      nullptr,
      0,
  };

  static int64_t SettlesAt(const double* /*options*/) { return 2; }

  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    double* c = scalars->rule;
    c[kShrink] = o[kEtaMinus];
    c[kGrow] = o[kEtaPlus];
    c[kMin] = o[kMinStepSize];
    c[kMax] = o[kMaxStepSize];
    c[kIsFirst] = facts.step == 1 ? 1 : 0;
    c[kFirstSize] = o[kLr];
  }

  static void Reference(const double* o, int64_t step, double smallest_normal,
                        double grad, double* param, double* slots) {
    double g = ReferenceGradient(o, grad, *param);
    double& prev = slots[kPrev];
    double& size = slots[kStepSize];
    if (step == 1) {
      size = o[kLr];
      prev = 0;
    }
    const double s = g * prev;
    size *= s > 0 ? o[kEtaPlus] : s < 0 ? o[kEtaMinus] : 1;
    if (size < o[kMinStepSize]) size = o[kMinStepSize];
    if (size > o[kMaxStepSize]) size = o[kMaxStepSize];
    if (s < 0) g = 0;
    const double sign = g > 0 ? 1 : g < 0 ? -1 : g;  // g: zero, or NaN
    *param -= size * sign + ReferenceDecay(o, *param);
    prev = ReferenceState(g, smallest_normal);
    size = ReferenceState(size, smallest_normal);
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_RPROP_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(Rprop, D d, const T* c, V /*param*/, V g, V& prev,
                    V& size) {
  using R = Rprop;
  const V zero = Zero(d);
  if (c[R::kIsFirst] != 0) {
    prev = zero;
    size = Set(d, c[R::kFirstSize]);
  }
  const V s = Mul(g, prev);
  const auto turned = Lt(s, zero);
  const V grown = IfThenElse(Lt(zero, s), Mul(size, Set(d, c[R::kGrow])), size);
  size = IfThenElse(turned, Mul(size, Set(d, c[R::kShrink])), grown);
  const V least = Set(d, c[R::kMin]);
  const V most = Set(d, c[R::kMax]);
  size = IfThenElse(Lt(size, least), least, size);
  size = IfThenElse(Lt(most, size), most, size);
  prev = IfThenZeroElse(turned, g);
  const V up = IfThenElse(Lt(zero, prev), size, Mul(size, prev));
  return IfThenElse(Lt(prev, zero), Sub(zero, size), up);
}
#endif
