// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Gradient descent with full batches, single samples or mini-batches, with or
// without momentum. All are one formula; they differ only in the samples that
// the gradient comes from.

#ifndef OPT_SRC_RULES_SGD_H_
#define OPT_SRC_RULES_SGD_H_

#include "src/rules/descriptor.h"

namespace libopt {

struct Sgd {
  using Kernel = Sgd;

  enum Option {
    kMomentum = kFirstRuleOption,
    kDampening,
    kNesterov,
    kFirstStepDampened,
    kLrInVelocity,
  };
  enum Slot { kMomentumBuffer };
  enum Scalar {
    kMu,
    kFresh,
    kRate,
    kLookAhead,
    kLookAheadGrad,
    kScalars,
  };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1e-3),
      WeightDecayOption(0),
      WeightDecayKindOption(kCoupled),
      MaximizeOption(),
      FrozenOption(),
      {"momentum", "rho", 0, 0, kInfinity,
       OPT_OPTION_LAYOUT | OPT_OPTION_MAX_OPEN, nullptr,
       "momentum factor, usually between 0 and 1; with 0 the rule keeps no "
       "state"},
      {"dampening", nullptr, 0, 0, 1, 0, nullptr,
       "dampening: the share of the gradient that is kept out of the velocity"},
      BoolOption("nesterov", false,
                 "Nesterov momentum: step along g + momentum * v"),
      BoolOption("first_step_dampened", true,
                 "dampen the first step, too; with 0, as in PyTorch, the first "
                 "velocity is the gradient itself, and without momentum there "
                 "is no dampening"),
      BoolOption("lr_in_velocity", false,
                 "as in Keras, include the learning rate in the velocity: v = "
                 "momentum * v - lr * g, which is added to the parameter"),
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"momentum_buffer", "velocity v", kMomentum, kZeros},
  };
  static constexpr OptionValue kPyTorch[] = {{kFirstStepDampened, 0}};
  static constexpr OptionValue kKeras[] = {
      {kLr, 1e-2}, {kWeightDecayKind, kDecoupled}, {kLrInVelocity, 1}};
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"pytorch", "torch.optim.SGD", kPyTorch, 1},
      {"keras", "keras.optimizers.SGD", kKeras, std::size(kKeras)},
      {"optax", "optax.sgd", nullptr, 0},
  };
  static constexpr OptionValue kGd[] = {{kMomentum, 0}};
  static constexpr OptionValue kHeavyBall[] = {{kMomentum, 0.9}};
  static constexpr NamedValues kAliases[] = {
      {"gd", "gradient descent: sgd with momentum 0", kGd, 1},
      {"momentum", "sgd with momentum 0.9", kHeavyBall, 1},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "sgd",
      "gradient descent: full batch, one sample or mini-batch, with or without "
      "momentum",
      "g = grad + weight_decay * param\n"
      "v = momentum * v + (1 - dampening) * g\n"
      "param = param - lr * v\n"
      "nesterov: param = param - lr * (g + momentum * v)",
      "Robbins and Monro 1951; Polyak 1964 (momentum); Sutskever et al. 2013 "
      "(nesterov)",
      kOptions,
      std::size(kOptions),
      kSlots,
      std::size(kSlots),
      kPresets,
      std::size(kPresets),
      kAliases,
      std::size(kAliases),
  };

  // The share of the gradient that enters the velocity.
  static double Fresh(const double* o, int64_t step) {
    const bool undampened =
        o[kFirstStepDampened] == 0 && (step == 1 || o[kMomentum] == 0);
    return undampened ? 1 : 1 - o[kDampening];
  }

  static int64_t SettlesAt(const double* /*options*/) {
    return 2;  // the first may be undampened
  }

  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const bool nesterov = o[kNesterov] != 0;
    const bool lr_inside = o[kLrInVelocity] != 0 && o[kMomentum] != 0;
    const double rate =
        o[kMomentum] == 0 && !nesterov ? o[kLr] * Fresh(o, facts.step) : o[kLr];
    double* c = scalars->rule;
    c[kMu] = o[kMomentum];
    c[kFresh] = Fresh(o, facts.step) * (lr_inside ? -o[kLr] : 1);
    c[kRate] = lr_inside ? -1 : rate;
    c[kLookAhead] = nesterov ? 1 : 0;
    scalars->is_usual &= !nesterov;
    c[kLookAheadGrad] = lr_inside ? -o[kLr] : 1;
  }

  static void Reference(const double* o, int64_t step, double smallest_normal,
                        double grad, double* param, double* slots) {
    const double g = ReferenceGradient(o, grad, *param);
    const double mu = o[kMomentum];
    const double lr = o[kLr];
    double& v = slots[kMomentumBuffer];
    double update = 0;
    if (o[kLrInVelocity] != 0) {
      v = mu * v - lr * Fresh(o, step) * g;
      update = o[kNesterov] != 0 ? lr * g - mu * v : -v;
    } else {
      v = mu * v + Fresh(o, step) * g;
      update = lr * (o[kNesterov] != 0 ? g + mu * v : v);
    }
    *param -= update + ReferenceDecay(o, *param);
    v = mu != 0 ? ReferenceState(v, smallest_normal) : 0;
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_SGD_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(Sgd, D d, const T* c, V /*param*/, V g, V& v) {
  if constexpr (kLayout == 0) {
    return Mul(Set(d, c[Sgd::kRate]), g);
  } else {
    v = Add(Mul(Set(d, c[Sgd::kMu]), v), Mul(Set(d, c[Sgd::kFresh]), g));
    V direction = v;
    if constexpr (!kUsual) {
      if (c[Sgd::kLookAhead] != 0) {
        direction = Add(Mul(Set(d, c[Sgd::kLookAheadGrad]), g),
                        Mul(Set(d, c[Sgd::kMu]), v));
      }
    }
    return Mul(Set(d, c[Sgd::kRate]), direction);
  }
}
#endif
