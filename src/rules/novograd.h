// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// NovoGrad: momentum of gradients that are divided by a moving average of their
// tensor's norm, one number for each tensor.

#ifndef OPT_SRC_RULES_NOVOGRAD_H_
#define OPT_SRC_RULES_NOVOGRAD_H_

#include <cmath>
#include <vector>

#include "src/rules/descriptor.h"
#include "src/rules/reference.h"
#include "src/rules/sgd.h"

namespace libopt {

// The kernels are SGD's, whose velocity is the first moment.
struct NovoGrad {
  using Kernel = Sgd;

  enum Option {
    kBeta1 = kFirstRuleOption,
    kBeta2,
    kEps,
    kEpsRoot,
    kGradAveraging,
    kBiasCorrection,
    kInitZero,
    kNormalizeMoment,
  };
  enum Slot { kExpAvg, kExpAvgSq };
  // In Scalars::finish.
  enum Final {
    kKeep,  // of the mean of squared norms; 0: it begins
    kFresh,
    kScale,  // of that mean
    kRoot,
    kFloor,
    kDividesUpdate,
  };
  static_assert(kDividesUpdate < kMaxFinishScalars);

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1e-3),
      WeightDecayOption(0),
      WeightDecayKindOption(kCoupled),
      MaximizeOption(),
      FrozenOption(),
      {"beta1", "b1,beta_1", 0.95, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the first moment"},
      {"beta2", "b2,beta_2", 0.98, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the squared norm"},
      EpsOption(1e-8),
      {"eps_root", nullptr, 0, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "a second eps, which is always inside the root, as in Optax"},
      BoolOption("grad_averaging", false,
                 "weigh the gradient by 1 - beta1 in the first moment; with 0 "
                 "its weight is 1"),
      BoolOption("bias_correction", false,
                 "correct the bias of both averages, as apex does"),
      BoolOption("init_zero", false,
                 "start the average of the squared norm at zero; with 0 it "
                 "starts at the squared norm of the first gradient"),
      BoolOption(
          "normalize_moment", false,
          "divide the first moment by the norm; with 0 the gradients are "
          "divided before they enter it"),
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"exp_avg", "first moment m", kAlways, kZeros},
      {"exp_avg_sq", "moving average of the gradient's squared norm v", kAlways,
       kZeros, OPT_SHAPE_NUMBER, OPT_F64},
  };
  static constexpr OptionValue kOptax[] = {
      {kBeta1, 0.9}, {kBeta2, 0.25}, {kEps, 1e-6}};
  static constexpr OptionValue kTimm[] = {{kBeta1, 0.95}};
  static constexpr OptionValue kNvidia[] = {
      {kBeta1, 0.9},       {kBeta2, 0.999},      {kWeightDecayKind, kDecoupled},
      {kGradAveraging, 1}, {kBiasCorrection, 1}, {kNormalizeMoment, 1}};
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"optax", "optax.novograd", kOptax, std::size(kOptax)},
      {"timm", "timm.optim.NvNovoGrad", kTimm, std::size(kTimm)},
      {"nvidia", "apex FusedNovoGrad", kNvidia, std::size(kNvidia)},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "novograd",
      "momentum of gradients that are divided by the norm of their tensor",
      "v = beta2 * v + (1 - beta2) * norm(grad)^2, at first norm(grad)^2\n"
      "m = beta1 * m + grad / (sqrt(v) + eps) + weight_decay * param\n"
      "param = param - lr * m",
      "Ginsburg et al. 2019, arXiv:1905.11286",
      kOptions,
      std::size(kOptions),
      kSlots,
      std::size(kSlots),
      kPresets,
      std::size(kPresets),
      nullptr,
      0,
  };

  // A smaller squared norm is stored as zero.
  static constexpr double kSmallestNumber = std::numeric_limits<double>::min();

  // The rate with which the first moment is subtracted.
  static double Rate(const double* o, int64_t step) {
    if (o[kBiasCorrection] == 0) return o[kLr];
    return o[kLr] / OneMinusPower(o[kBeta1], step);
  }
  static double Fresh(const double* o) {
    return o[kGradAveraging] != 0 ? 1 - o[kBeta1] : 1;
  }
  // Whether the average begins with this step's squared norm.
  static bool Begins(const double* o, int64_t step) {
    return step == 1 && o[kInitZero] == 0;
  }

  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    double sgd[Sgd::kLrInVelocity + 1] = {};
    sgd[kLr] = Rate(o, facts.step);
    sgd[Sgd::kMomentum] = o[kBeta1];
    sgd[Sgd::kFirstStepDampened] = 1;
    sgd[Sgd::kDampening] = 1 - Fresh(o);
    Sgd::Prepare({sgd, facts.step, facts.numbers, facts.group_numbers},
                 scalars);
    scalars->sums |= 1U << kGradSquares;
    double* final = scalars->finish;
    const bool begins = Begins(o, facts.step);
    final[kKeep] = begins ? 0 : o[kBeta2];
    final[kFresh] = begins ? 1 : 1 - o[kBeta2];
    final[kScale] =
        o[kBiasCorrection] != 0 ? 1 / OneMinusPower(o[kBeta2], facts.step) : 1;
    final[kRoot] = o[kEpsRoot];
    final[kFloor] = o[kEps];
    final[kDividesUpdate] = o[kNormalizeMoment];
  }

  static void Finish(const Scalars& scalars, const TensorSums& sums,
                     TensorFactors* factors) {
    const double* final = scalars.finish;
    double& v = factors->next[kExpAvgSq];
    v = ReferenceState(final[kKeep] * v + final[kFresh] * sums.of[kGradSquares],
                       kSmallestNumber);
    const double norm =
        std::sqrt(final[kScale] * v + final[kRoot]) + final[kFloor];
    (final[kDividesUpdate] != 0 ? factors->update : factors->grad) = 1 / norm;
  }

  static void Reference(const ReferenceStep& step) {
    const double* o = step.options;
    ReferenceSquares squares;
    for (int64_t i = 0; i < step.shape.count; ++i) {
      squares.Add(step.grad[i]);
    }
    double& v = step.slots[kExpAvgSq][0];
    v = Begins(o, step.step) ? squares.sum()
                             : o[kBeta2] * v + (1 - o[kBeta2]) * squares.sum();
    v = ReferenceState(v, kSmallestNumber);
    const double c2 =
        o[kBiasCorrection] != 0 ? OneMinusPower(o[kBeta2], step.step) : 1;
    const double norm = std::sqrt(v / c2 + o[kEpsRoot]) + o[kEps];
    const bool divides_moment = o[kNormalizeMoment] != 0;
    std::vector<double> grads;
    std::vector<double> updates;
    for (int64_t i = 0; i < step.shape.count; ++i) {
      double& m = step.slots[kExpAvg][i];
      const double decay = ReferenceGradient(o, 0, step.param[i]);
      const double grad = ReferenceGradient(o, step.grad[i], 0);
      grads.push_back(divides_moment ? grad + decay : grad / norm + decay);
      m = o[kBeta1] * m + Fresh(o) * grads.back();
      updates.push_back(Rate(o, step.step) * m / (divides_moment ? norm : 1));
      m = ReferenceState(m, step.smallest_normal);
    }
    ReferenceCaution(step, grads, &updates);
    for (int64_t i = 0; i < step.shape.count; ++i) {
      const double u = updates[static_cast<size_t>(i)];
      step.param[i] -= u + ReferenceDecay(step, u, step.param[i]);
    }
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_NOVOGRAD_H_
