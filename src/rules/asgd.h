// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Averaged SGD: gradient descent whose learning rate decays, and the average of
// the parameters that it passes through, which is what one evaluates.

#ifndef OPT_SRC_RULES_ASGD_H_
#define OPT_SRC_RULES_ASGD_H_

#include <algorithm>

#include "src/base/math.h"
#include "src/rules/descriptor.h"

namespace libopt {

struct Asgd {
  using Kernel = Asgd;

  enum Option { kLambd = kFirstRuleOption, kAlpha, kT0 };
  enum Slot { kAx, kEta, kMu };
  enum Scalar {
    kRate,
    kShrink,
    kAverage,  // two scalars
    kScalars = kAverage + 2,
  };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1e-2),
      WeightDecayOption(0, "wd"),
      WeightDecayKindOption(kCoupled),
      MaximizeOption(),
      FrozenOption(),
      {"lambd", nullptr, 1e-4, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "decay term: each step multiplies the parameter by 1 - lambd * eta, and "
       "the learning rate decays with lambd * lr * t"},
      {"alpha", nullptr, 0.75, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "power with which the learning rate decays"},
      {"t0", nullptr, 1e6, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "number of the step after which averaging begins; until then the "
       "average "
       "is the parameter itself"},
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"ax", "average of the parameters", kAlways, kParamCopy, OPT_SHAPE_PARAM,
       OPT_DTYPE_PARAM, SlotTensors::kAll, 4},
      {"eta", "learning rate of the next step; lr in the first", kAlways,
       kZeros, OPT_SHAPE_NUMBER, OPT_F64},
      {"mu", "weight of the next parameters in the average", kAlways, kOnes,
       OPT_SHAPE_NUMBER, OPT_F64},
  };
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"pytorch", "torch.optim.ASGD", nullptr, 0},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "asgd",
      "gradient descent with a decaying rate, and the average of its path",
      "g = grad + weight_decay * param\n"
      "param = param - lambd * eta * param - eta * g\n"
      "ax = ax + mu * (param - ax)\n"
      "eta = lr / (1 + lambd * lr * t)^alpha\n"
      "mu = 1 / max(1, t - t0)",
      "Polyak and Juditsky 1992; Xu 2011, arXiv:1107.2490",
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
      kAx,
      true,
  };

  // A learning rate that a schedule changes takes effect one step later, since
  // each step leaves behind the rate of the next.
  static double Rate(const double* o, int64_t step, double eta) {
    return step == 1 ? o[kLr] : eta;
  }
  static double NextRate(const double* o, int64_t step) {
    return o[kLr] /
           Pow(1 + o[kLambd] * o[kLr] * static_cast<double>(step), o[kAlpha]);
  }
  static double NextWeight(const double* o, int64_t step) {
    return 1 / std::max(1.0, static_cast<double>(step) - o[kT0]);
  }

  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const double eta = Rate(o, facts.step, facts.numbers[kEta]);
    double* c = scalars->rule;
    c[kRate] = eta;
    const bool decoupled = o[kWeightDecayKind] == kDecoupled;
    c[kShrink] = o[kLambd] * eta + (decoupled ? o[kLr] * o[kWeightDecay] : 0);
    PutAverage(1 - facts.numbers[kMu], kAverage, scalars);
    scalars->next[kEta] = NextRate(o, facts.step);
    scalars->next[kMu] = NextWeight(o, facts.step);
  }

  static void Reference(const ReferenceStep& s) {
    const double* o = s.options;
    double& eta = *s.slots[kEta];
    double& mu = *s.slots[kMu];
    eta = Rate(o, s.step, eta);
    for (int64_t i = 0; i < s.shape.count; ++i) {
      const double g = ReferenceGradient(o, s.grad[i], s.param[i]);
      double& param = s.param[i];
      double& ax = s.slots[kAx][i];
      param -= o[kLambd] * eta * param + eta * g + ReferenceDecay(o, param);
      ax = ReferenceState(mu == 1 ? param : ax + mu * (param - ax),
                          s.smallest_normal);
    }
    eta = NextRate(o, s.step);
    mu = NextWeight(o, s.step);
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_ASGD_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(Asgd, D d, const T* c, V param, V g, V& ax) {
  using R = Asgd;
  const V update =
      Add(Mul(Set(d, c[R::kShrink]), param), Mul(Set(d, c[R::kRate]), g));
  const V next = Sub(param, update);
  const bool copies = c[R::kAverage] == 0 && c[R::kAverage + 1] == 0;
  ax = copies ? next : MovingAverage(d, ax, next, c + R::kAverage);
  return update;
}
#endif
