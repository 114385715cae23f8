// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Row-wise AdaGrad: one sum of squared gradients for each row of axis 0, so
// that the state of an embedding table is a column of numbers.

#ifndef OPT_SRC_RULES_ROWWISE_ADAGRAD_H_
#define OPT_SRC_RULES_ROWWISE_ADAGRAD_H_

#include <cmath>

#include "src/rules/adafactor.h"
#include "src/rules/descriptor.h"

namespace libopt {

// The kernels are Adafactor's: the gradient has been divided by the roots of
// the rows' sums before it gets there.
struct RowwiseAdaGrad {
  using Kernel = Adafactor;

  enum Option {
    kEps = kFirstRuleOption,
    kEpsPlacement,
    kLrDecay,
    kInitialAccumulator,
  };
  enum Slot { kSum };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1e-2),
      WeightDecayOption(0),
      WeightDecayKindOption(kCoupled),
      MaximizeOption(),
      FrozenOption(),
      EpsOption(1e-8),
      {"eps_placement", nullptr, kEpsOutside, 0, 1, OPT_OPTION_CHOICE,
       "inside,outside",
       "where eps is added: inside is sqrt(G + eps), outside is sqrt(G) + eps"},
      {"lr_decay", nullptr, 0, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "decay of the learning rate: step t uses lr / (1 + (t - 1) * lr_decay)"},
      {"initial_accumulator", "initial_accumulator_value", 0, 0, kInfinity,
       OPT_OPTION_MAX_OPEN, nullptr,
       "initial value of the sums when a tensor is attached"},
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"sum", "sum of the rows' mean squared gradients G", kAlways,
       kInitialAccumulator, OPT_SHAPE_ROWS, OPT_DTYPE_PARAM},
  };
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "rowwise_adagrad",
      "AdaGrad with one number of state for each row; suits embedding tables",
      "g = grad + weight_decay * param\n"
      "G = G + mean of g^2 over the row\n"
      "param = param - lr / (sqrt(G) + eps) * g",
      "Duchi, Hazan and Singer 2011; Naumov et al. 2019, arXiv:1906.00091",
      kOptions,
      std::size(kOptions),
      kSlots,
      std::size(kSlots),
      kPresets,
      std::size(kPresets),
      nullptr,
      0,
      kAlways,
      false,
      kNone,
      true,
      Adafactor::kVariance,
      kSum,
  };

  static double Rate(const double* o, int64_t step) {
    return o[kLr] / (1 + static_cast<double>(step - 1) * o[kLrDecay]);
  }

  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const bool outside = o[kEpsPlacement] == kEpsOutside;
    double* c = scalars->rule;
    c[Adafactor::kScale] = Rate(o, facts.step);
    PutAverage(0, Adafactor::kAverage, scalars);
    scalars->factors = {
        1, 1, 0, 0, 0, outside ? 0 : o[kEps], outside ? o[kEps] : 0};
  }

  static void Reference(const ReferenceStep& step) {
    const double* o = step.options;
    if (step.shape.count == 0) return;
    const int64_t rows = step.shape.rank > 0 ? step.shape.extents[0] : 1;
    const int64_t length = step.shape.count / rows;
    for (int64_t row = 0; row < rows; ++row) {
      const double* grad = step.grad + row * length;
      double* param = step.param + row * length;
      double& sum = step.slots[kSum][row];
      ReferenceSquares squares;
      for (int64_t j = 0; j < length; ++j) {
        squares.Add(ReferenceGradient(o, grad[j], param[j]));
      }
      sum = ReferenceState(sum + squares.sum() / static_cast<double>(length),
                           step.smallest_normal);
      const double root = o[kEpsPlacement] == kEpsInside
                              ? std::sqrt(sum + o[kEps])
                              : std::sqrt(sum) + o[kEps];
      for (int64_t j = 0; j < length; ++j) {
        const double g = ReferenceGradient(o, grad[j], param[j]);
        param[j] -= Rate(o, step.step) / root * g + ReferenceDecay(o, param[j]);
      }
    }
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_ROWWISE_ADAGRAD_H_
