// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A rule that exists in tests alone. It has what the engine can do and no rule
// of the library makes use of yet: sums over a group and over all tensors,
// slots that are square matrices or have an element for each block, and as many
// slots as there is room for.

#ifndef OPT_TESTS_SPECIMEN_SPECIMEN_H_
#define OPT_TESTS_SPECIMEN_SPECIMEN_H_

#include <cmath>

#include "src/rules/descriptor.h"
#include "src/rules/sgd.h"

namespace libopt {

// The kernels are SGD's.
struct Specimen {
  using Kernel = Sgd;

  enum Option { kMomentum = kFirstRuleOption, kSumScope, kInitial };
  // lookahead's is the eighth.
  enum Slot {
    kMomentumBuffer,
    kLeft,
    kRight,
    kScales,
    kRows,
    kNorm,
    kSteps,
  };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1e-2),
      WeightDecayOption(0),
      WeightDecayKindOption(kDecoupled),
      MaximizeOption(),
      FrozenOption(),
      {"momentum", nullptr, 0.9, 0, 1, OPT_OPTION_LAYOUT, nullptr,
       "momentum factor"},
      {"sum_scope", nullptr, kTensorSums, 0, 2, OPT_OPTION_CHOICE,
       "tensor,group,all", "of which tensors the norms are"},
      {"initial", nullptr, 0.5, 0, 1, 0, nullptr,
       "the value at which right starts"},
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"momentum_buffer", "velocity v", kMomentum, kZeros},
      {"left", "a matrix for the rows", kAlways, kOnes, OPT_SHAPE_ROW_SQUARE,
       OPT_DTYPE_PARAM},
      {"right", "a matrix for the columns", kAlways, kInitial,
       OPT_SHAPE_COLUMN_SQUARE, OPT_F64},
      {"scales", "a number for each block", kAlways, kOnes, OPT_SHAPE_BLOCKS,
       OPT_F32},
      {"rows", "a number for each index of the first axis", kAlways, kZeros,
       OPT_SHAPE_ROWS, OPT_DTYPE_PARAM},
      {"norm", "norm of the gradients", kAlways, kZeros, OPT_SHAPE_NUMBER,
       OPT_F64},
      {"steps", "steps of the group", kAlways, kZeros, OPT_SHAPE_GROUP_NUMBER,
       OPT_F64},
  };
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "specimen",
      "gradient descent along gradients as long as the parameters",
      "v = momentum * v + norm(param) / norm(grad) * grad\n"
      "param = param - lr * v",
      "none",
      kOptions,
      std::size(kOptions),
      kSlots,
      std::size(kSlots),
      kPresets,
      std::size(kPresets),
      nullptr,
      0,
  };

  static void PrepareGroup(const double* /*options*/, double* numbers) {
    numbers[kSteps] += 1;
  }

  static void PrepareSgd(const double* o, Scalars* scalars) {
    double sgd[Sgd::kLrInVelocity + 1] = {};
    sgd[kLr] = o[kLr];
    sgd[Sgd::kMomentum] = o[kMomentum];
    sgd[Sgd::kFirstStepDampened] = 1;
    Sgd::Prepare({sgd, 1, nullptr, nullptr}, scalars);
  }

  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    PrepareSgd(facts.options, scalars);
    scalars->sums |= 1U << kParamSquares | 1U << kGradSquares;
    scalars->sum_scope =
        static_cast<SumScope>(static_cast<int>(facts.options[kSumScope]));
  }

  // 1 if either is zero or NaN.
  static double Ratio(double param_norm, double grad_norm) {
    return param_norm > 0 && grad_norm > 0 ? param_norm / grad_norm : 1;
  }

  static void Finish(const Scalars& /*scalars*/, const TensorSums& sums,
                     TensorFactors* factors) {
    const double norm = std::sqrt(sums.of[kGradSquares]);
    factors->grad = Ratio(std::sqrt(sums.of[kParamSquares]), norm);
    factors->next[kNorm] = norm;
  }

  // Of a tensor that is alone.
  static void Reference(const ReferenceStep& step) {
    const double* o = step.options;
    ReferenceSquares params;
    ReferenceSquares grads;
    for (int64_t i = 0; i < step.shape.count; ++i) {
      params.Add(step.param[i]);
      grads.Add(step.grad[i]);
    }
    const double ratio = Ratio(params.norm(), grads.norm());
    for (int64_t i = 0; i < step.shape.count; ++i) {
      const double g =
          ratio * ReferenceGradient(o, step.grad[i], step.param[i]);
      const double v = o[kMomentum] * step.slots[kMomentumBuffer][i] + g;
      step.param[i] -= o[kLr] * v + ReferenceDecay(o, step.param[i]);
      step.slots[kMomentumBuffer][i] =
          o[kMomentum] != 0 ? ReferenceState(v, step.smallest_normal) : 0;
    }
    *step.slots[kNorm] = grads.norm();
  }
};

}  // namespace libopt

#endif  // OPT_TESTS_SPECIMEN_SPECIMEN_H_
