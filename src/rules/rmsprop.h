// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// RMSprop: each element's rate falls as the moving average of its squared
// gradients grows; optionally centered, optionally with momentum.

#ifndef OPT_SRC_RULES_RMSPROP_H_
#define OPT_SRC_RULES_RMSPROP_H_

#include <cmath>

#include "src/rules/descriptor.h"

namespace libopt {

struct RmsProp {
  using Kernel = RmsProp;

  enum Option {
    kAlpha = kFirstRuleOption,
    kEps,
    kEpsPlacement,
    kCentered,
    kMomentum,
    kLrInVelocity,
    kNesterov,
    kBiasCorrection,
    kInitialAccumulator,
  };
  enum Slot { kSquareAvg, kMomentumBuffer, kGradAvg };
  enum Scalar {
    kKeep,
    kFresh,
    kEpsIn,
    kEpsOut,
    kGradRate,
    kMu,
    kBufferRate,
    kAverage,               // two scalars
    kToHat = kAverage + 2,  // corrects the bias of an average
    kLookAhead,
    kScalars,
  };

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1e-3),
      WeightDecayOption(0),
      WeightDecayKindOption(kCoupled),
      MaximizeOption(),
      FrozenOption(),
      {"alpha", "rho,beta", 0.9, 0, 1, 0, nullptr,
       "decay rate of the average of squared gradients"},
      EpsOption(1e-8),
      {"eps_placement", nullptr, kEpsInside, 0, 1, OPT_OPTION_CHOICE,
       "inside,outside",
       "where eps is added: inside is sqrt(E + eps), outside is sqrt(E) + eps"},
      BoolOption("centered", false,
                 "centered: divide by the standard deviation, that is, use "
                 "max(E - average(g)^2, 0) in place of E",
                 OPT_OPTION_LAYOUT),
      {"momentum", nullptr, 0, 0, kInfinity,
       OPT_OPTION_LAYOUT | OPT_OPTION_MAX_OPEN, nullptr,
       "momentum factor of the scaled gradient; with 0 there is no momentum "
       "buffer"},
      BoolOption("lr_in_velocity", false,
                 "as in Keras and Optax, include the learning rate in the "
                 "momentum buffer"),
      BoolOption("nesterov", false,
                 "Nesterov momentum of the scaled gradient: step along it plus "
                 "momentum times the new buffer; without momentum it means "
                 "nothing"),
      BoolOption("bias_correction", false,
                 "divide both averages by 1 - alpha^t, which corrects the bias "
                 "of a start at zero"),
      {"initial_accumulator", "initial_scale", 0, 0, kInfinity,
       OPT_OPTION_MAX_OPEN, nullptr,
       "initial value of the average of squared gradients when a tensor is "
       "attached"},
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"square_avg", "moving average of squared gradients E", kAlways,
       kInitialAccumulator},
      {"momentum_buffer", "velocity of the scaled gradient", kMomentum, kZeros},
      {"grad_avg", "moving average of gradients", kCentered, kZeros},
  };
  static constexpr OptionValue kPyTorch[] = {
      {kLr, 1e-2}, {kAlpha, 0.99}, {kEpsPlacement, kEpsOutside}};
  static constexpr OptionValue kKeras[] = {
      {kWeightDecayKind, kDecoupled}, {kEps, 1e-7}, {kLrInVelocity, 1}};
  static constexpr OptionValue kOptax[] = {{kLrInVelocity, 1}};
  static constexpr OptionValue kTimm[] = {
      {kLr, 1e-2}, {kEps, 1e-10}, {kLrInVelocity, 1}, {kInitialAccumulator, 1}};
  static constexpr OptionValue kMlx[] = {{kAlpha, 0.99},
                                         {kEpsPlacement, kEpsOutside}};
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"pytorch", "torch.optim.RMSprop", kPyTorch, std::size(kPyTorch)},
      {"keras", "keras.optimizers.RMSprop", kKeras, std::size(kKeras)},
      {"optax", "optax.rmsprop", kOptax, std::size(kOptax)},
      {"timm", "timm's RMSpropTF", kTimm, std::size(kTimm)},
      {"mlx", "mlx.optimizers.RMSprop; not checked against MLX's own results",
       kMlx, std::size(kMlx)},
  };
  // All that any preset sets otherwise, too, so that it is the same under each.
  static constexpr OptionValue kRmsPropTf[] = {{kLr, 1e-2},
                                               {kWeightDecayKind, kCoupled},
                                               {kAlpha, 0.9},
                                               {kEps, 1e-10},
                                               {kEpsPlacement, kEpsInside},
                                               {kLrInVelocity, 1},
                                               {kInitialAccumulator, 1}};
  static constexpr NamedValues kAliases[] = {
      {"rmsprop_tf", "rmsprop as in TensorFlow 1 and timm's RMSpropTF",
       kRmsPropTf, std::size(kRmsPropTf)},
  };
  static constexpr RuleDescriptor kDescriptor = WithClipping(
      {
          "rmsprop",
          "adaptive rates from the moving average of squared gradients",
          "g = grad + weight_decay * param\n"
          "E = alpha * E + (1 - alpha) * g^2\n"
          "param = param - lr / sqrt(E + eps) * g",
          "Tieleman and Hinton 2012; Graves 2013 (centered)",
          kOptions,
          std::size(kOptions),
          kSlots,
          std::size(kSlots),
          kPresets,
          std::size(kPresets),
          kAliases,
          std::size(kAliases),
      },
      kSquareAvg);

  // The correction of an average's bias. One with alpha 1 never moves.
  static double Correction(const double* o, int64_t step) {
    const bool correct = o[kBiasCorrection] != 0 && o[kAlpha] < 1;
    return correct ? OneMinusPower(o[kAlpha], step) : 1;
  }

  static int64_t SettlesAt(const double* o) {
    return o[kBiasCorrection] == 0 ? 1 : kNeverSettles;
  }

  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const bool inside = o[kEpsPlacement] == kEpsInside;
    const bool lr_in_buffer = o[kMomentum] == 0 || o[kLrInVelocity] != 0;
    double* c = scalars->rule;
    c[kKeep] = o[kAlpha];
    c[kFresh] = 1 - o[kAlpha];
    c[kEpsIn] = inside ? o[kEps] : 0;
    c[kEpsOut] = inside ? 0 : o[kEps];
    c[kGradRate] = lr_in_buffer ? o[kLr] : 1;
    c[kMu] = o[kMomentum];
    c[kBufferRate] = lr_in_buffer ? 1 : o[kLr];
    PutAverage(o[kAlpha], kAverage, scalars);
    c[kToHat] = 1 / Correction(o, facts.step);
    c[kLookAhead] = o[kNesterov];
    scalars->is_usual &= o[kNesterov] == 0;
    PutClipping(Correction(o, facts.step), o[kEps], scalars);
  }

  static void Reference(const double* o, int64_t step, double smallest_normal,
                        double grad, double* param, double* slots) {
    const double g = ReferenceGradient(o, grad, *param);
    const double alpha = o[kAlpha];
    double& square = slots[kSquareAvg];
    double& buffer = slots[kMomentumBuffer];
    double& mean = slots[kGradAvg];
    square = alpha * square + (1 - alpha) * g * g;
    const double correction = Correction(o, step);
    double variance = square / correction;
    if (o[kCentered] != 0) {
      mean = alpha * mean + (1 - alpha) * g;
      variance -= mean / correction * (mean / correction);
      if (variance < 0) variance = 0;
    }
    const double denominator = o[kEpsPlacement] == kEpsInside
                                   ? std::sqrt(variance + o[kEps])
                                   : std::sqrt(variance) + o[kEps];
    const double scaled = g / denominator;
    double update = o[kLr] * scaled;
    if (o[kMomentum] != 0) {
      const double inner = o[kLrInVelocity] != 0 ? o[kLr] : 1;
      const double outer = o[kLrInVelocity] != 0 ? 1 : o[kLr];
      buffer = o[kMomentum] * buffer + inner * scaled;
      update =
          outer *
          (o[kNesterov] != 0 ? inner * scaled + o[kMomentum] * buffer : buffer);
    }
    *param -= update + ReferenceDecay(o, *param);
    square = ReferenceState(square, smallest_normal);
    buffer = ReferenceState(buffer, smallest_normal);
    mean = ReferenceState(mean, smallest_normal);
  }
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_RMSPROP_H_

#ifdef OPT_RULE_VECTOR_PART
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(RmsProp, D d, const T* c, V /*param*/, V g, V& square,
                    V& buffer, V& mean) {
  using R = RmsProp;
  square = Add(Mul(Set(d, c[R::kKeep]), square),
               Mul(Set(d, c[R::kFresh]), Mul(g, g)));
  const V to_hat = Set(d, c[R::kToHat]);
  V variance = Mul(to_hat, square);
  if constexpr ((kLayout >> R::kGradAvg & 1) != 0) {
    mean = MovingAverage<kUsual>(d, mean, g, c + R::kAverage);
    const V hat = Mul(to_hat, mean);
    variance = ZeroIfNegative(d, Sub(variance, Mul(hat, hat)));
  }
  const V root = Root(Add(variance, Set(d, c[R::kEpsIn])));
  const V scaled =
      Div(Mul(Set(d, c[R::kGradRate]), g), Add(root, Set(d, c[R::kEpsOut])));
  if constexpr ((kLayout >> R::kMomentumBuffer & 1) == 0) {
    return scaled;
  } else {
    buffer = Add(Mul(Set(d, c[R::kMu]), buffer), scaled);
    V direction = buffer;
    if constexpr (!kUsual) {
      if (c[R::kLookAhead] != 0) {
        direction = Add(scaled, Mul(Set(d, c[R::kMu]), buffer));
      }
    }
    return Mul(Set(d, c[R::kBufferRate]), direction);
  }
}
#endif
