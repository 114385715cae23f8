// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// LARS: momentum with a learning rate for each tensor in proportion to the
// ratio of the norms of its parameters and its gradient.

#ifndef OPT_SRC_RULES_LARS_H_
#define OPT_SRC_RULES_LARS_H_

#include <algorithm>
#include <cmath>
#include <vector>

#include "src/rules/descriptor.h"
#include "src/rules/reference.h"
#include "src/rules/sgd.h"

namespace libopt {

// The kernels are SGD's.
struct Lars {
  using Kernel = Sgd;

  enum Option {
    kMomentum = kFirstRuleOption,
    kDampening,
    kNesterov,
    kFirstStepDampened,
    kLrInVelocity,
    kTrustCoefficient,
    kTrustNorm,
    kTrustClip,
    kEps,
    kAdaptWithoutDecay,
  };
  enum TrustNorm { kSeparate = 0, kDecayed = 1, kAfterMomentum = 2 };
  enum Slot { kMomentumBuffer };
  // In Scalars::finish.
  enum Final {
    kNorm,  // a TrustNorm
    kCoefficient,
    kDecay,
    kFloor,   // eps
    kClipLr,  // the ratio is at most this times lr; 0: no clip
    kStep,    // lr, if it is not in the rule's other constants
  };
  static_assert(kStep < kMaxFinishScalars);

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1, "learning_rate"),
      WeightDecayOption(0),
      WeightDecayKindOption(kCoupled),
      MaximizeOption(),
      FrozenOption(),
      {"momentum", nullptr, 0.9, 0, kInfinity,
       OPT_OPTION_LAYOUT | OPT_OPTION_MAX_OPEN, nullptr,
       "momentum factor, usually between 0 and 1; with 0 the rule keeps no "
       "state"},
      {"dampening", nullptr, 0, 0, 1, 0, nullptr,
       "dampening: the share of the gradient that is kept out of the velocity"},
      BoolOption("nesterov", false,
                 "Nesterov momentum: step along g + momentum * v"),
      BoolOption("first_step_dampened", true,
                 "dampen the first step, too; with 0 the first velocity is the "
                 "gradient itself, and without momentum there is no dampening"),
      BoolOption(
          "lr_in_velocity", true,
          "include the learning rate in the velocity, as the paper does; "
          "with 0 the velocity is multiplied by it, so that a schedule "
          "rescales past gradients, too"),
      {"trust_coefficient", "trust_coeff", 1e-3, 0, kInfinity,
       OPT_OPTION_MAX_OPEN, nullptr, "factor of the trust ratio"},
      {"trust_norm", nullptr, kSeparate, 0, 2, OPT_OPTION_CHOICE,
       "separate,decayed,after_momentum",
       "the norm in the denominator of the trust ratio: separate is norm(grad) "
       "+ weight_decay * norm(param), decayed is norm(grad + weight_decay * "
       "param), and after_momentum is norm(v)"},
      BoolOption(
          "trust_clip", false,
          "use no larger rate than lr itself, as LARC does: the ratio is "
          "min(ratio / lr, 1)"),
      {"eps", "epsilon", 0, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "a small number added to the norm that the ratio divides by"},
      BoolOption("adapt_without_decay", true,
                 "use the trust ratio even where weight_decay is 0; with 0, as "
                 "in timm, tensors without weight decay take the step of sgd",
                 0, "always_adapt"),
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"momentum_buffer", "velocity v", kMomentum, kZeros},
  };
  static constexpr OptionValue kOptax[] = {{kTrustNorm, kDecayed}};
  static constexpr OptionValue kTimm[] = {{kMomentum, 0},
                                          {kFirstStepDampened, 0},
                                          {kLrInVelocity, 0},
                                          {kEps, 1e-8},
                                          {kAdaptWithoutDecay, 0}};
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"optax", "optax.lars", kOptax, std::size(kOptax)},
      {"timm", "timm.optim.Lars", kTimm, std::size(kTimm)},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "lars",
      "momentum with each tensor's rate scaled by the ratio of its parameter "
      "and gradient norms; suits large batches",
      "ratio = trust_coefficient * norm(param)"
      " / (norm(grad) + weight_decay * norm(param))\n"
      "v = momentum * v + lr * ratio * (grad + weight_decay * param)\n"
      "param = param - v",
      "You, Gitman and Ginsburg 2017, arXiv:1708.03888",
      kOptions,
      std::size(kOptions),
      kSlots,
      std::size(kSlots),
      kPresets,
      std::size(kPresets),
      nullptr,
      0,
  };

  static bool Adapts(const double* o) {
    return o[kAdaptWithoutDecay] != 0 || o[kWeightDecay] != 0;
  }
  static double Decay(const double* o) {
    return o[kWeightDecayKind] == kCoupled ? o[kWeightDecay] : 0;
  }

  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const bool later = Adapts(o) && o[kTrustNorm] == kAfterMomentum;
    double sgd[Sgd::kLrInVelocity + 1] = {};
    sgd[kLr] = later ? 1 : o[kLr];
    sgd[Sgd::kMomentum] = o[kMomentum];
    sgd[Sgd::kDampening] = o[kDampening];
    sgd[Sgd::kNesterov] = o[kNesterov];
    sgd[Sgd::kFirstStepDampened] = o[kFirstStepDampened];
    sgd[Sgd::kLrInVelocity] = later ? 0 : o[kLrInVelocity];
    Sgd::Prepare({sgd, facts.step, facts.numbers, facts.group_numbers},
                 scalars);
    scalars->masks_first = later;
    if (!Adapts(o)) return;
    const auto norm = static_cast<TrustNorm>(o[kTrustNorm]);
    scalars->sums |=
        1U << kParamSquares | 1U << (norm == kSeparate  ? kGradSquares
                                     : norm == kDecayed ? kDecayedSquares
                                                        : kUpdateSquares);
    double* final = scalars->finish;
    final[kNorm] = norm;
    final[kCoefficient] = o[kTrustCoefficient];
    final[kDecay] = norm == kSeparate ? Decay(o) : 0;
    final[kFloor] = o[kEps];
    final[kClipLr] = o[kTrustClip] != 0 ? o[kLr] : 0;
    final[kStep] = o[kLr];
  }

  // The ratio for two norms; 1 if either is zero or NaN.
  static double Ratio(double param_norm, double norm, double coefficient,
                      double decay, double eps, double clip_lr) {
    if (!(param_norm > 0 && norm > 0)) return 1;
    const double ratio =
        coefficient * param_norm / (norm + decay * param_norm + eps);
    return clip_lr > 0 ? std::min(ratio / clip_lr, 1.0) : ratio;
  }

  static void Finish(const Scalars& scalars, const TensorSums& sums,
                     TensorFactors* factors) {
    const double* final = scalars.finish;
    const auto norm = static_cast<TrustNorm>(static_cast<int>(final[kNorm]));
    const double squares = norm == kSeparate  ? sums.of[kGradSquares]
                           : norm == kDecayed ? sums.of[kDecayedSquares]
                                              : sums.of[kUpdateSquares];
    const double ratio = Ratio(std::sqrt(sums.of[kParamSquares]),
                               std::sqrt(squares), final[kCoefficient],
                               final[kDecay], final[kFloor], final[kClipLr]);
    if (norm == kAfterMomentum) {
      factors->update = final[kStep] * ratio;
    } else {
      factors->grad = ratio;
      factors->coupled_decay = ratio;
    }
  }

  static void Reference(const ReferenceStep& step);
};

inline void Lars::Reference(const ReferenceStep& step) {
  const double* o = step.options;
  const int64_t count = step.shape.count;
  const bool later = Adapts(o) && o[kTrustNorm] == kAfterMomentum;
  double sgd[Sgd::kLrInVelocity + 1] = {};
  sgd[kLr] = later ? 1 : o[kLr];
  sgd[kWeightDecayKind] = kCoupled;
  sgd[Sgd::kMomentum] = o[kMomentum];
  sgd[Sgd::kDampening] = o[kDampening];
  sgd[Sgd::kNesterov] = o[kNesterov];
  sgd[Sgd::kFirstStepDampened] = o[kFirstStepDampened];
  sgd[Sgd::kLrInVelocity] = later ? 0 : o[kLrInVelocity];
  std::vector<double> grad;
  std::vector<double> update;
  ReferenceSquares params;
  // The updates of SGD for a multiple of the gradients.
  const auto make_updates = [&](double ratio) {
    for (int64_t i = 0; i < count; ++i) {
      grad.push_back(ratio * ReferenceGradient(o, step.grad[i], step.param[i]));
      double minus = 0;
      Sgd::Reference(sgd, step.step, step.smallest_normal, grad.back(), &minus,
                     &step.slots[kMomentumBuffer][i]);
      update.push_back(-minus);
    }
    ReferenceCaution(step, grad, &update);
  };
  if (later) make_updates(1);
  ReferenceSquares others;
  for (int64_t i = 0; i < count; ++i) {
    const double x = later ? update[static_cast<size_t>(i)]
                     : o[kTrustNorm] == kDecayed
                         ? ReferenceGradient(o, step.grad[i], step.param[i])
                         : step.grad[i];
    params.Add(step.param[i]);
    others.Add(x);
  }
  const double decay = o[kTrustNorm] == kSeparate ? Decay(o) : 0;
  const double ratio =
      Adapts(o) ? Ratio(params.norm(), others.norm(), o[kTrustCoefficient],
                        decay, o[kEps], o[kTrustClip] != 0 ? o[kLr] : 0)
                : 1;
  if (!later) make_updates(ratio);
  for (int64_t i = 0; i < count; ++i) {
    const double u =
        (later ? o[kLr] * ratio : 1) * update[static_cast<size_t>(i)];
    step.param[i] -= u + ReferenceDecay(step, u, step.param[i]);
  }
}

}  // namespace libopt

#endif  // OPT_SRC_RULES_LARS_H_
