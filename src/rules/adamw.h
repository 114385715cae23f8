// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// AdamW: Adam whose weight decay acts on the parameter directly, so that a
// large second moment does not weaken it.

#ifndef OPT_SRC_RULES_ADAMW_H_
#define OPT_SRC_RULES_ADAMW_H_

#include "src/rules/adam.h"
#include "src/rules/descriptor.h"

namespace libopt {

// The kernels are Adam's: decoupled weight decay, which is on by default, is
// applied by the loop.
struct AdamW : Adam {
  static constexpr AdamOptions kOptions = MakeAdamOptions(1e-2, kDecoupled);
  static constexpr OptionValue kKeras[] = {
      {kWeightDecay, 4e-3}, {kEps, 1e-7}, {kEpsPlacement, kEpsHat}};
  static constexpr OptionValue kOptax[] = {{kWeightDecay, 1e-4},
                                           {kEpsPlacement, kEpsOutside}};
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"pytorch", "torch.optim.AdamW", kPyTorch, std::size(kPyTorch)},
      {"keras", "keras.optimizers.AdamW", kKeras, std::size(kKeras)},
      {"optax", "optax.adamw", kOptax, std::size(kOptax)},
      {"mlx", "mlx.optimizers.AdamW; not checked against MLX's own results",
       kMlx, std::size(kMlx)},
  };
  static constexpr RuleDescriptor kDescriptor = WithClipping(
      {
          "adamw",
          "Adam with decoupled weight decay",
          "m = beta1 * m + (1 - beta1) * grad\n"
          "v = beta2 * v + (1 - beta2) * grad^2\n"
          "m_hat = m / (1 - beta1^t)\n"
          "v_hat = v / (1 - beta2^t)\n"
          "param = param - lr / sqrt(v_hat + eps) * m_hat"
          " - lr * weight_decay * param",
          "Loshchilov and Hutter 2019, arXiv:1711.05101",
          kOptions.options,
          std::size(kOptions.options),
          kSlots,
          std::size(kSlots),
          kPresets,
          std::size(kPresets),
          nullptr,
          0,
      },
      kExpAvgSq);
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_ADAMW_H_
