// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Adam: moving averages of the gradient and of its square, both corrected for
// their start at zero.

#ifndef OPT_SRC_RULES_ADAM_H_
#define OPT_SRC_RULES_ADAM_H_

#include <cmath>

#include "src/rules/descriptor.h"
#include "src/rules/nesterov.h"

namespace libopt {

enum Amsgrad { kAmsgradOff = 0, kAmsgradRaw = 1, kAmsgradCorrected = 2 };

// Adam's and AdamW's options, which differ in the defaults of weight decay.
struct AdamOptions {
  OptionDescriptor options[13];
};
constexpr AdamOptions MakeAdamOptions(double weight_decay,
                                      WeightDecayKind kind) {
  return {{
      LrOption(1e-3),
      WeightDecayOption(weight_decay),
      WeightDecayKindOption(kind),
      MaximizeOption(),
      FrozenOption(),
      {"beta1", "b1,beta_1", 0.9, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the first moment"},
      {"beta2", "b2,beta_2", 0.999, 0, 1, OPT_OPTION_MAX_OPEN, nullptr,
       "decay rate of the second moment"},
      EpsOption(1e-8),
      {"eps_placement", nullptr, kEpsInside, 0, 2, OPT_OPTION_CHOICE,
       "inside,outside,hat",
       "where eps is added: inside is sqrt(v_hat + eps), outside is "
       "sqrt(v_hat) + eps, and hat, as in Keras, adds it to the square root of "
       "the uncorrected v"},
      {"eps_root", nullptr, 0, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "a second eps, which is always inside the root, as in Optax"},
      {"amsgrad", nullptr, kAmsgradOff, 0, 2,
       OPT_OPTION_CHOICE | OPT_OPTION_LAYOUT, "off,raw,corrected",
       "AMSGrad: divide by the running maximum of the second moment; raw is "
       "the "
       "maximum of v, and corrected, as in Optax, that of v_hat"},
      BoolOption("bias_correction", true,
                 "correct the bias of moments that start at zero"),
      NesterovOption(),
  }};
}

struct Adam {
  using Kernel = Adam;

  enum Option {
    kBeta1 = kFirstRuleOption,
    kBeta2,
    kEps,
    kEpsPlacement,
    kEpsRoot,
    kAmsgrad,
    kBiasCorrection,
    kNesterov,
  };
  enum Slot { kExpAvg, kExpAvgSq, kMaxExpAvgSq };
  enum Scalar {
    kRate,
    kEpsIn,
    kEpsOut,
    kAverage,  // two scalars
    kKeep = kAverage + 2,
    kFresh,
    kToMaximum,  // makes of v what its maximum is taken of
    kGradRate,   // 0 without Nesterov momentum
    kScalars,
  };

  static constexpr AdamOptions kOptions = MakeAdamOptions(0, kCoupled);
  static constexpr SlotDescriptor kSlots[] = {
      {"exp_avg", "first moment m", kAlways, kZeros},
      {"exp_avg_sq", "second moment v", kAlways, kZeros},
      {"max_exp_avg_sq", "running maximum of v or v_hat", kAmsgrad, kZeros},
  };
  static constexpr OptionValue kPyTorch[] = {{kEpsPlacement, kEpsOutside}};
  static constexpr OptionValue kKeras[] = {
      {kWeightDecayKind, kDecoupled}, {kEps, 1e-7}, {kEpsPlacement, kEpsHat}};
  static constexpr OptionValue kMlx[] = {{kEpsPlacement, kEpsOutside},
                                         {kBiasCorrection, 0}};
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"pytorch", "torch.optim.Adam", kPyTorch, std::size(kPyTorch)},
      {"keras", "keras.optimizers.Adam", kKeras, std::size(kKeras)},
      {"optax", "optax.adam", kPyTorch, std::size(kPyTorch)},
      {"mlx", "mlx.optimizers.Adam; not checked against MLX's own results",
       kMlx, std::size(kMlx)},
  };
  static constexpr RuleDescriptor kDescriptor = WithClipping(
      {
          "adam",
          "adaptive rates from bias-corrected first and second moments",
          "g = grad + weight_decay * param\n"
          "m = beta1 * m + (1 - beta1) * g\n"
          "v = beta2 * v + (1 - beta2) * g^2\n"
          "m_hat = m / (1 - beta1^t)\n"
          "v_hat = v / (1 - beta2^t)\n"
          "param = param - lr / sqrt(v_hat + eps) * m_hat",
          "Kingma and Ba 2015, arXiv:1412.6980; Reddi et al. 2018 (amsgrad)",
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

  // With b1 = 1 - beta1^t and b2 = 1 - beta2^t, numerator and denominator of
  //   lr * (m / b1) / (sqrt(v / b2 + eps_in) + eps_out)
  // are multiplied by sqrt(b2), which leaves one root and one division for
  // each element: lr * sqrt(b2) / b1 * m /
  //   (sqrt(v + eps_in * b2) + eps_out * sqrt(b2)).
  // A maximum of v / b2 needs no such factor. Nesterov momentum adds a share of
  // the gradient to m / b1.
  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const bool correct = o[kBiasCorrection] != 0;
    const double b2 = correct ? OneMinusPower(o[kBeta2], facts.step) : 1;
    const bool hat =
        o[kAmsgrad] == kAmsgradCorrected;  // the maximum is of v / b2
    const double scale = hat ? 1 : b2;
    const double root = std::sqrt(scale);
    const auto placement = static_cast<EpsPlacement>(o[kEpsPlacement]);
    const double inside = placement == kEpsInside ? o[kEps] : 0;
    const Look look = LookOf(static_cast<Nesterov>(o[kNesterov]), o[kBeta1],
                             facts.step, correct);
    double* c = scalars->rule;
    c[kRate] = o[kLr] * root * look.moment / look.ahead;
    c[kGradRate] = o[kLr] * root * look.grad / look.now;
    scalars->is_usual &= c[kGradRate] == 0;
    c[kEpsIn] = (inside + o[kEpsRoot]) * scale;
    c[kEpsOut] = placement == kEpsOutside ? o[kEps] * root
                 : placement == kEpsHat   ? o[kEps] / (hat ? std::sqrt(b2) : 1)
                                          : 0;
    c[kToMaximum] = hat ? 1 / b2 : 1;
    PutAverage(o[kBeta1], kAverage, scalars);
    c[kKeep] = o[kBeta2];
    c[kFresh] = 1 - o[kBeta2];
    PutClipping(b2, o[kEps], scalars);
  }

  static void Reference(const double* o, int64_t step, double smallest_normal,
                        double grad, double* param, double* slots) {
    const double g = ReferenceGradient(o, grad, *param);
    double& m = slots[kExpAvg];
    double& v = slots[kExpAvgSq];
    double& v_max = slots[kMaxExpAvgSq];
    m = o[kBeta1] * m + (1 - o[kBeta1]) * g;
    v = o[kBeta2] * v + (1 - o[kBeta2]) * g * g;
    const bool correct = o[kBiasCorrection] != 0;
    const double b2 = correct ? OneMinusPower(o[kBeta2], step) : 1;
    const double m_hat = ReferenceMoment(static_cast<Nesterov>(o[kNesterov]),
                                         o[kBeta1], step, correct, m, g);
    double v_hat = v / b2;
    if (o[kAmsgrad] != kAmsgradOff) {
      const double candidate = o[kAmsgrad] == kAmsgradCorrected ? v_hat : v;
      if (!(candidate <= v_max)) v_max = candidate;
      v_hat = o[kAmsgrad] == kAmsgradCorrected ? v_max : v_max / b2;
    }
    const double eps = o[kEps];
    double denominator = 0;
    if (o[kEpsPlacement] == kEpsInside) {
      denominator = std::sqrt(v_hat + eps + o[kEpsRoot]);
    } else if (o[kEpsPlacement] == kEpsOutside) {
      denominator = std::sqrt(v_hat + o[kEpsRoot]) + eps;
    } else {
      denominator = std::sqrt(v_hat + o[kEpsRoot]) + eps / std::sqrt(b2);
    }
    *param -= o[kLr] / denominator * m_hat + ReferenceDecay(o, *param);
    m = ReferenceState(m, smallest_normal);
    v = ReferenceState(v, smallest_normal);
    v_max = ReferenceState(v_max, smallest_normal);
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_ADAM_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(Adam, D d, const T* c, V /*param*/, V g, V& m, V& v,
                    V& v_max) {
  using R = Adam;
  m = MovingAverage<kUsual>(d, m, g, c + R::kAverage);
  v = Add(Mul(Set(d, c[R::kKeep]), v), Mul(Set(d, c[R::kFresh]), Mul(g, g)));
  V second = v;
  if constexpr ((kLayout >> R::kMaxExpAvgSq & 1) != 0) {
    second = Mul(Set(d, c[R::kToMaximum]), v);
    v_max = IfThenElse(Le(second, v_max), v_max, second);
    second = v_max;
  }
  const V root = Root(Add(second, Set(d, c[R::kEpsIn])));
  V direction = Mul(Set(d, c[R::kRate]), m);
  if constexpr (!kUsual) {
    if (c[R::kGradRate] != 0) {
      direction = Add(direction, Mul(Set(d, c[R::kGradRate]), g));
    }
  }
  return Div(direction, Add(root, Set(d, c[R::kEpsOut])));
}
#endif
