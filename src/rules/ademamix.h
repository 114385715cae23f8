// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// AdEMAMix: Adam whose numerator is a mix of a fast and a slow average of the
// gradients, so that old ones go on to count.

#ifndef OPT_SRC_RULES_ADEMAMIX_H_
#define OPT_SRC_RULES_ADEMAMIX_H_

#include <cmath>

#include "src/base/math.h"
#include "src/rules/descriptor.h"

namespace libopt {

struct AdEMAMix {
  using Kernel = AdEMAMix;

  enum Option {
    kBeta1 = kFirstRuleOption,
    kBeta2,
    kBeta3,
    kAlpha,
    kEps,
    kEpsRoot,
    kAlphaWarmup,
    kBeta3Warmup,
  };
  enum Slot { kExpAvgFast, kExpAvgSlow, kExpAvgSq };
  enum Scalar {
    kFastRate,
    kSlowRate,
    kEpsIn,
    kEpsOut,
    kFast,              // two scalars
    kSlow = kFast + 2,  // two scalars
    kKeep = kSlow + 2,
    kFresh,
    kScalars,
  };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1e-3),
      WeightDecayOption(0),
      WeightDecayKindOption(kDecoupled),
      MaximizeOption(),
      FrozenOption(),
      {"beta1", "b1,beta_1", 0.9, 0, 1, OPT_OPTION_LAYOUT | OPT_OPTION_MAX_OPEN,
       nullptr,
       "decay rate of the fast average; with 0 it is the gradient itself, and "
       "there is no slot"},
      {"beta2", "b2,beta_2", 0.999, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the second moment"},
      {"beta3", "b3,beta_3", 0.9999, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the slow average"},
      {"alpha", nullptr, 5, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "weight of the slow average, where the fast one has 1"},
      EpsOption(1e-8),
      {"eps_root", nullptr, 0, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "a second eps, which is always inside the root, as in Optax"},
      {"alpha_warmup", "t_alpha", 0, 0, kInfinity,
       OPT_OPTION_MAX_OPEN | OPT_OPTION_INTEGER, nullptr,
       "number of steps over which the weight rises from 0 to alpha"},
      {"beta3_warmup", "t_beta3", 0, 0, kInfinity,
       OPT_OPTION_MAX_OPEN | OPT_OPTION_INTEGER, nullptr,
       "number of steps over which the decay rate of the slow average goes "
       "from beta1 to beta3, with 1 / log(rate) changing linearly"},
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"exp_avg_fast", "fast average m1", kBeta1, kZeros},
      {"exp_avg_slow", "slow average m2", kAlways, kZeros},
      {"exp_avg_sq", "second moment v", kAlways, kZeros},
  };
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"optax", "optax.contrib.ademamix", nullptr, 0},
  };
  static constexpr RuleDescriptor kDescriptor = WithClipping(
      {
          "ademamix",
          "Adam with a fast and a slow average of the gradients",
          "a = alpha * min(1, t / alpha_warmup)\n"
          "s = min(1, t / beta3_warmup)\n"
          "b = exp(1 / ((1 - s) / log(beta1) + s / log(beta3)))\n"
          "m1 = beta1 * m1 + (1 - beta1) * grad\n"
          "m2 = b * m2 + (1 - b) * grad\n"
          "v = beta2 * v + (1 - beta2) * grad^2\n"
          "m_hat = m1 / (1 - beta1^t) + a * m2\n"
          "v_hat = v / (1 - beta2^t)\n"
          "param = param - lr / (sqrt(v_hat) + eps) * m_hat"
          " - lr * weight_decay * param",
          "Pagliardini, Ablin and Grangier 2024, arXiv:2409.03137",
          kOptions,
          std::size(kOptions),
          kSlots,
          std::size(kSlots),
          kPresets,
          std::size(kPresets),
          nullptr,
          0,
      },
      kExpAvgSq);

  // How far a warm-up of so many steps is after a step: from 0 to 1.
  static double Progress(double warmup, int64_t step) {
    const auto t = static_cast<double>(step);
    return t < warmup ? t / warmup : 1;
  }
  static double Alpha(const double* o, int64_t step) {
    return o[kAlpha] * Progress(o[kAlphaWarmup], step);
  }
  // The decay rate of the slow average. Either rate may be 0, of which the
  // logarithm is -infinity and its reciprocal 0.
  static double SlowBeta(const double* o, int64_t step) {
    const double s = Progress(o[kBeta3Warmup], step);
    if (s == 1) return o[kBeta3];
    return Exp(1 / ((1 - s) / Log(o[kBeta1]) + s / Log(o[kBeta3])));
  }

  // As Adam does, numerator and denominator are multiplied by
  // sqrt(1 - beta2^t).
  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const double b1 = OneMinusPower(o[kBeta1], facts.step);
    const double b2 = OneMinusPower(o[kBeta2], facts.step);
    const double root = std::sqrt(b2);
    double* c = scalars->rule;
    c[kFastRate] = o[kLr] * root / b1;
    c[kSlowRate] = o[kLr] * root * Alpha(o, facts.step);
    c[kEpsIn] = o[kEpsRoot] * b2;
    c[kEpsOut] = o[kEps] * root;
    if (o[kBeta1] != 0) PutAverage(o[kBeta1], kFast, scalars);
    PutAverage(SlowBeta(o, facts.step), kSlow, scalars);
    c[kKeep] = o[kBeta2];
    c[kFresh] = 1 - o[kBeta2];
    PutClipping(b2, o[kEps], scalars);
  }

  static void Reference(const double* o, int64_t step, double smallest_normal,
                        double grad, double* param, double* slots) {
    const double g = ReferenceGradient(o, grad, *param);
    double& m1 = slots[kExpAvgFast];
    double& m2 = slots[kExpAvgSlow];
    double& v = slots[kExpAvgSq];
    const double slow_beta = SlowBeta(o, step);
    m1 = o[kBeta1] * m1 + (1 - o[kBeta1]) * g;
    m2 = slow_beta * m2 + (1 - slow_beta) * g;
    v = o[kBeta2] * v + (1 - o[kBeta2]) * g * g;
    const double b1 = OneMinusPower(o[kBeta1], step);
    const double b2 = OneMinusPower(o[kBeta2], step);
    const double m_hat = m1 / b1 + Alpha(o, step) * m2;
    const double denominator = std::sqrt(v / b2 + o[kEpsRoot]) + o[kEps];
    *param -= o[kLr] / denominator * m_hat + ReferenceDecay(o, *param);
    m1 = o[kBeta1] != 0 ? ReferenceState(m1, smallest_normal) : 0;
    m2 = ReferenceState(m2, smallest_normal);
    v = ReferenceState(v, smallest_normal);
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_ADEMAMIX_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(AdEMAMix, D d, const T* c, V /*param*/, V g, V& m1, V& m2,
                    V& v) {
  using R = AdEMAMix;
  V fast = g;
  if constexpr ((kLayout >> R::kExpAvgFast & 1) != 0) {
    m1 = MovingAverage<kUsual>(d, m1, g, c + R::kFast);
    fast = m1;
  }
  m2 = MovingAverage<kUsual>(d, m2, g, c + R::kSlow);
  v = Add(Mul(Set(d, c[R::kKeep]), v), Mul(Set(d, c[R::kFresh]), Mul(g, g)));
  const V direction =
      Add(Mul(Set(d, c[R::kFastRate]), fast), Mul(Set(d, c[R::kSlowRate]), m2));
  const V root = Root(Add(v, Set(d, c[R::kEpsIn])));
  return Div(direction, Add(root, Set(d, c[R::kEpsOut])));
}
#endif
