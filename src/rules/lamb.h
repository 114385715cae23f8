// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// LAMB: Adam whose step for each tensor is as long as its parameters are, times
// the learning rate, so that large batches can be trained with large rates.

#ifndef OPT_SRC_RULES_LAMB_H_
#define OPT_SRC_RULES_LAMB_H_

#include <cmath>
#include <vector>

#include "src/rules/adam.h"
#include "src/rules/descriptor.h"
#include "src/rules/reference.h"

namespace libopt {

// The ratio of a tensor's two norms by which its step is multiplied: 1 if
// either is zero or NaN, and within the bounds, where 0 means no bound.
inline double TrustRatio(double param_norm, double update_norm, double min,
                         double max) {
  double ratio =
      param_norm > 0 && update_norm > 0 ? param_norm / update_norm : 1;
  if (max > 0 && ratio > max) ratio = max;
  return ratio < min ? min : ratio;
}

// The scalars are Adam's, for a rate of 1. The update is made of the moments as
// they are stored, so that it can be made again once its norm is known.
struct Lamb {
  using Kernel = Lamb;
  static constexpr bool kUpdateOfState = true;
  static constexpr int kScalars = Adam::kScalars;

  enum Option {
    kBeta1 = kFirstRuleOption,
    kBeta2,
    kEps,
    kEpsPlacement,
    kEpsRoot,
    kBiasCorrection,
    kGradAveraging,
    kTrustMin,
    kTrustMax,
    kAdaptWithoutDecay,
  };
  enum Slot { kExpAvg, kExpAvgSq };
  // In Scalars::finish.
  enum Final {
    kStep,    // of an update of the length of the parameters
    kShrink,  // of the parameters, before their norm is taken
    kMin,
    kMax,
  };
  static_assert(kMax < kMaxFinishScalars);

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1e-3),
      WeightDecayOption(0.01),
      {"weight_decay_kind", "decoupled_weight_decay", kInUpdate, 0, 2,
       OPT_OPTION_CHOICE, "coupled,decoupled,update",
       "where weight decay acts: coupled adds weight_decay * param to the "
       "gradient, decoupled subtracts lr * weight_decay * param from the "
       "parameter before its norm is taken, and update adds weight_decay * "
       "param to the update before its norm is taken"},
      MaximizeOption(),
      FrozenOption(),
      {"beta1", "b1,beta_1", 0.9, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the first moment"},
      {"beta2", "b2,beta_2", 0.999, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the second moment"},
      EpsOption(1e-6),
      {"eps_placement", nullptr, kEpsOutside, 0, 2, OPT_OPTION_CHOICE,
       "inside,outside,hat",
       "where eps is added: inside is sqrt(v_hat + eps), outside is "
       "sqrt(v_hat) + eps, and hat adds it to the square root of the "
       "uncorrected v"},
      {"eps_root", nullptr, 0, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "a second eps, which is always inside the root, as in Optax"},
      BoolOption("bias_correction", true,
                 "correct the bias of moments that start at zero"),
      BoolOption("grad_averaging", true,
                 "weigh the gradient by 1 - beta1 in the first moment; with 0 "
                 "its weight is 1"),
      {"trust_min", nullptr, 0, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "lower bound of the trust ratio; 0 means no bound"},
      {"trust_max", "trust_clip", 0, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "upper bound of the trust ratio; 0 means no bound, and 1 makes LAMBC"},
      BoolOption("adapt_without_decay", true,
                 "use the trust ratio even where weight_decay is 0; with 0, as "
                 "in apex and timm, tensors without weight decay take Adam's "
                 "step",
                 0, "always_adapt,use_nvlamb"),
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"exp_avg", "first moment m, always as grad_averaging makes it", kAlways,
       kZeros},
      {"exp_avg_sq", "second moment v", kAlways, kZeros},
  };
  static constexpr OptionValue kOptax[] = {{kWeightDecay, 0}};
  static constexpr OptionValue kTimm[] = {{kAdaptWithoutDecay, 0}};
  static constexpr OptionValue kKeras[] = {
      {kWeightDecay, 0}, {kWeightDecayKind, kDecoupled}, {kEps, 1e-7}};
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"optax", "optax.lamb", kOptax, std::size(kOptax)},
      {"timm", "timm.optim.Lamb, without its own clipping by norm", kTimm,
       std::size(kTimm)},
      {"nvidia", "apex FusedLAMB, without its own clipping by norm", kTimm,
       std::size(kTimm)},
      {"keras",
       "keras.optimizers.Lamb; not checked against Keras's own "
       "results",
       kKeras, std::size(kKeras)},
  };
  static constexpr OptionValue kLambC[] = {{kTrustMax, 1}};
  static constexpr NamedValues kAliases[] = {
      {"lambc", "lamb with trust_max 1", kLambC, std::size(kLambC)},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "lamb",
      "Adam with each tensor's step scaled to the norm of its parameters; "
      "suits large batches",
      "m = beta1 * m + (1 - beta1) * grad\n"
      "v = beta2 * v + (1 - beta2) * grad^2\n"
      "m_hat = m / (1 - beta1^t)\n"
      "v_hat = v / (1 - beta2^t)\n"
      "u = m_hat / (sqrt(v_hat) + eps) + weight_decay * param\n"
      "ratio = norm(param) / norm(u)\n"
      "param = param - lr * ratio * u",
      "You et al. 2020, arXiv:1904.00962",
      kOptions,
      std::size(kOptions),
      kSlots,
      std::size(kSlots),
      kPresets,
      std::size(kPresets),
      kAliases,
      std::size(kAliases),
  };

  static bool Adapts(const double* o) {
    return o[kAdaptWithoutDecay] != 0 || o[kWeightDecay] != 0;
  }

  // The first moment is kept as an average whether grad_averaging is on or not,
  // since the two differ by a constant factor.
  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    double adam[Adam::kNesterov + 1] = {};
    adam[kLr] =
        (Adapts(o) ? 1 : o[kLr]) / (o[kGradAveraging] != 0 ? 1 : 1 - o[kBeta1]);
    adam[Adam::kBeta1] = o[kBeta1];
    adam[Adam::kBeta2] = o[kBeta2];
    adam[Adam::kEps] = o[kEps];
    adam[Adam::kEpsPlacement] = o[kEpsPlacement];
    adam[Adam::kEpsRoot] = o[kEpsRoot];
    adam[Adam::kBiasCorrection] = o[kBiasCorrection];
    Adam::Prepare({adam, facts.step, facts.numbers, facts.group_numbers},
                  scalars);
    scalars->masks_first = true;
    if (!Adapts(o)) return;
    scalars->sums |= 1U << kParamSquares | 1U << kUpdateSquares;
    scalars->finish_scales = true;
    double* final = scalars->finish;
    final[kStep] = o[kLr];
    final[kShrink] =
        scalars->cautious_decay ? 1 : std::fabs(1 - scalars->decoupled_decay);
    final[kMin] = o[kTrustMin];
    final[kMax] = o[kTrustMax];
  }

  static void Finish(const Scalars& scalars, const TensorSums& sums,
                     TensorFactors* factors) {
    const double* final = scalars.finish;
    const double param_norm =
        final[kShrink] * std::sqrt(sums.of[kParamSquares]);
    const double update_norm = std::sqrt(sums.of[kUpdateSquares]);
    factors->update = final[kStep] * TrustRatio(param_norm, update_norm,
                                                final[kMin], final[kMax]);
  }

  static void Reference(const ReferenceStep& step);
};

inline void Lamb::Reference(const ReferenceStep& step) {
  const double* o = step.options;
  const int64_t count = step.shape.count;
  const double lr = o[kLr];
  const double decay = o[kWeightDecay];
  const bool decays = o[kWeightDecayKind] == kInUpdate && decay != 0;
  const double c1 =
      o[kBiasCorrection] != 0 ? OneMinusPower(o[kBeta1], step.step) : 1;
  const double c2 =
      o[kBiasCorrection] != 0 ? OneMinusPower(o[kBeta2], step.step) : 1;
  const double scale = o[kGradAveraging] != 0 ? 1 : 1 / (1 - o[kBeta1]);
  const auto adam_of = [&](int64_t i) {
    const double m_hat = scale * step.slots[kExpAvg][i] / c1;
    const double v_hat = step.slots[kExpAvgSq][i] / c2 + o[kEpsRoot];
    const double root = o[kEpsPlacement] == kEpsInside
                            ? std::sqrt(v_hat + o[kEps])
                        : o[kEpsPlacement] == kEpsOutside
                            ? std::sqrt(v_hat) + o[kEps]
                            : std::sqrt(v_hat) + o[kEps] / std::sqrt(c2);
    return m_hat / root;
  };
  std::vector<double> grad;
  std::vector<double> update;
  for (int64_t i = 0; i < count; ++i) {
    const double g = ReferenceGradient(o, step.grad[i], step.param[i]);
    double& m = step.slots[kExpAvg][i];
    double& v = step.slots[kExpAvgSq][i];
    m = o[kBeta1] * m + (1 - o[kBeta1]) * g;
    v = o[kBeta2] * v + (1 - o[kBeta2]) * g * g;
    m = ReferenceState(m, step.smallest_normal);
    v = ReferenceState(v, step.smallest_normal);
    grad.push_back(g);
    update.push_back(adam_of(i));
  }
  ReferenceCaution(step, grad, &update);
  ReferenceSquares params;
  ReferenceSquares updates;
  for (int64_t i = 0; i < count; ++i) {
    double& u = update[static_cast<size_t>(i)];
    const double param = step.param[i];
    if (decays) u += decay * param;
    const double shrink =
        step.cautious_decay ? 0 : ReferenceDecay(step, u, param);
    params.Add(param - shrink);
    updates.Add(u);
  }
  const double ratio = Adapts(o) ? TrustRatio(params.norm(), updates.norm(),
                                              o[kTrustMin], o[kTrustMax])
                                 : 1;
  for (int64_t i = 0; i < count; ++i) {
    const double u = update[static_cast<size_t>(i)];
    step.param[i] -= lr * ratio * u + ReferenceDecay(step, u, step.param[i]);
  }
}

}  // namespace libopt

#endif  // OPT_SRC_RULES_LAMB_H_

#ifdef OPT_RULE_VECTOR_PART
template <class D, class V, typename T>
HWY_INLINE V UpdateOfState(Lamb, D d, const T* c, V m, V v) {
  const V root = Root(Add(v, Set(d, c[Adam::kEpsIn])));
  return Div(Mul(Set(d, c[Adam::kRate]), m),
             Add(root, Set(d, c[Adam::kEpsOut])));
}

template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE void StepState(Lamb, D d, const T* c, V /*param*/, V g, V& m, V& v) {
  m = MovingAverage<kUsual>(d, m, g, c + Adam::kAverage);
  v = Add(Mul(Set(d, c[Adam::kKeep]), v),
          Mul(Set(d, c[Adam::kFresh]), Mul(g, g)));
}
#endif
