// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Adafactor: adaptive rates whose second moment is kept in two factors, one
// number for each row and one for each column of a matrix.

#ifndef OPT_SRC_RULES_ADAFACTOR_H_
#define OPT_SRC_RULES_ADAFACTOR_H_

#include <algorithm>
#include <cmath>
#include <vector>

#include "src/base/math.h"
#include "src/rules/descriptor.h"
#include "src/rules/reference.h"

namespace libopt {

struct Adafactor {
  using Kernel = Adafactor;

  enum Option {
    kBeta1 = kFirstRuleOption,
    kBeta2Decay,
    kBeta2Cap,
    kEps1,
    kEps1Placement,
    kEps2,
    kScaleParameter,
    kRelativeStep,
    kWarmupInit,
    kClipThreshold,
    kMinDimFactored,
    kWeightDecayScale,
  };
  enum WeightDecayScale { kLrScale = 0, kRateScale = 1, kNoScale = 2 };
  enum Eps1Placement { kAdded = 0, kFloor = 1 };
  enum Slot { kVariance, kExpAvg, kRowVar, kColVar };
  enum Scalar {
    kKeep,
    kFresh,
    kEpsAdded,
    kSmallest,
    kScale,
    kAverage,  // two scalars
    kScalars = kAverage + 2,
  };
  // In Scalars::finish.
  enum Final { kRate, kSmallestRms, kClip, kMomentum, kDecaysByRate };
  static_assert(kDecaysByRate < kMaxFinishScalars);

  static constexpr OptionDescriptor kOptions[] = {
      LrOption(1e-2),
      WeightDecayOption(0, "wd,lambda,weight_decay_rate"),
      WeightDecayKindOption(kDecoupled),
      MaximizeOption(),
      FrozenOption(),
      {"beta1", "b1,beta_1", 0, 0, 1, OPT_OPTION_LAYOUT | OPT_OPTION_MAX_OPEN,
       nullptr,
       "decay rate of the average of updates; with 0 there is no average, and "
       "no memory for it"},
      {"beta2_decay", nullptr, 0.8, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "the decay rate of the second moment in step t is 1 - t^-beta2_decay"},
      {"beta2_cap", nullptr, 1, 0, 1, 0, nullptr,
       "the largest decay rate of the second moment"},
      {"eps1", "epsilon_1", 1e-30, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "a small number that keeps the second moment from being zero"},
      {"eps1_placement", nullptr, kAdded, 0, 1, OPT_OPTION_CHOICE,
       "added,floor",
       "how eps1 acts: added adds it to the squared gradient; floor, as in "
       "PyTorch, makes it the lower bound of the mean of the row factors, and "
       "its square that of the second moment"},
      {"eps2", "epsilon_2", 1e-3, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
       "lower bound of the root mean square of a parameter by which its rate "
       "is scaled"},
      BoolOption("scale_parameter", true,
                 "scale the rate by the root mean square of the parameter", 0,
                 "multiply_by_parameter_scale"),
      BoolOption("relative_step", true,
                 "the rate in step t is at most 1 / sqrt(t)"),
      BoolOption("warmup_init", false,
                 "begin with a rate of 1e-6 * t instead of lr"),
      {"clip_threshold", "clipping_threshold,d", 1, 0, kInfinity,
       OPT_OPTION_MAX_OPEN, nullptr,
       "limit on the root mean square of an update, before its rate; 0 means "
       "no limit"},
      {"min_dim_factored", "min_dim_size_to_factor", 0, 0, kInfinity,
       OPT_OPTION_LAYOUT | OPT_OPTION_MAX_OPEN | OPT_OPTION_INTEGER, nullptr,
       "a tensor keeps factors if both of its last two extents are at least "
       "this"},
      {"weight_decay_scale", nullptr, kLrScale, 0, 2, OPT_OPTION_CHOICE,
       "lr,rate,none",
       "the number that multiplies decoupled weight decay: lr, the rate of the "
       "step, or none"},
  };
  static constexpr SlotDescriptor kSlots[] = {
      {"variance", "second moment V", kAlways, kZeros, OPT_SHAPE_PARAM,
       OPT_DTYPE_PARAM, SlotTensors::kUnfactored},
      {"exp_avg", "moving average of updates m", kBeta1, kZeros},
      {"row_var", "factor R of the second moment, for each row", kAlways,
       kZeros, OPT_SHAPE_ROW_FACTOR, OPT_DTYPE_PARAM, SlotTensors::kFactored},
      {"col_var", "factor C of the second moment, for each column", kAlways,
       kZeros, OPT_SHAPE_COLUMN_FACTOR, OPT_DTYPE_PARAM,
       SlotTensors::kFactored},
  };
  static constexpr OptionValue kPyTorch[] = {{kEps1, 2.220446049250313e-16},
                                             {kEps1Placement, kFloor}};
  static constexpr OptionValue kKeras[] = {{kLr, 1e-3}};
  static constexpr OptionValue kTransformers[] = {
      {kWeightDecayScale, kRateScale}};
  static constexpr OptionValue kT5x[] = {{kWeightDecayScale, kNoScale},
                                         {kRelativeStep, 0},
                                         {kMinDimFactored, 128}};
  static constexpr OptionValue kTimm[] = {{kWeightDecayScale, kRateScale},
                                          {kScaleParameter, 0},
                                          {kRelativeStep, 0},
                                          {kMinDimFactored, 17}};
  static constexpr NamedValues kPresets[] = {
      {"textbook", "the formula as printed", nullptr, 0},
      {"pytorch", "torch.optim.Adafactor, with the eps1 of float64", kPyTorch,
       std::size(kPyTorch)},
      {"keras",
       "keras.optimizers.Adafactor; not checked against Keras's own "
       "results",
       kKeras, std::size(kKeras)},
      {"transformers", "transformers.Adafactor", kTransformers,
       std::size(kTransformers)},
      {"t5x", "t5x and optax.adafactor, which factor the two largest extents",
       kT5x, std::size(kT5x)},
      {"timm", "timm.optim.Adafactor with its own learning rate", kTimm,
       std::size(kTimm)},
  };
  static constexpr RuleDescriptor kDescriptor = {
      "adafactor",
      "adaptive rates with a second moment in row and column factors; suits "
      "large models",
      "b = 1 - t^-beta2_decay\n"
      "R = b * R + (1 - b) * (mean of grad^2 over the columns + eps1)\n"
      "C = b * C + (1 - b) * (mean of grad^2 over the rows + eps1)\n"
      "V = R * C / mean(R)\n"
      "u = grad / sqrt(V)\n"
      "rate = max(eps2, rms(param)) * min(lr, 1 / sqrt(t))\n"
      "param = param - rate * u / max(1, rms(u) / clip_threshold)\n"
      "vectors: V = b * V + (1 - b) * (grad^2 + eps1)",
      "Shazeer and Stern 2018, arXiv:1804.04235",
      kOptions,
      std::size(kOptions),
      kSlots,
      std::size(kSlots),
      kPresets,
      std::size(kPresets),
      nullptr,
      0,
      kMinDimFactored,
      true,
      kNone,
      false,
      kVariance,
      kRowVar,
      kColVar,
  };

  static double Beta2(const double* o, int64_t step) {
    const auto t = static_cast<double>(step);
    return std::min(1 - Pow(t, -o[kBeta2Decay]), o[kBeta2Cap]);
  }
  // The rate of a step, before the parameter scales it.
  static double Rate(const double* o, int64_t step) {
    const auto t = static_cast<double>(step);
    const double most = o[kWarmupInit] != 0 ? 1e-6 * t : o[kLr];
    return o[kRelativeStep] != 0 ? std::min(most, 1 / std::sqrt(t)) : most;
  }

  static void Prepare(const StepFacts& facts, Scalars* scalars) {
    const double* o = facts.options;
    const double beta2 = Beta2(o, facts.step);
    const bool added = o[kEps1Placement] == kAdded;
    const double decay = o[kWeightDecay];
    const auto kind = static_cast<int>(o[kWeightDecayScale]);
    const bool scales = o[kScaleParameter] != 0;
    const bool clips = o[kClipThreshold] != 0;
    const double rate = Rate(o, facts.step);
    scalars->sums |=
        (scales ? 1U << kParamSquares : 0) | (clips ? 1U << kUpdateSquares : 0);
    const bool finishes = scalars->sums != 0;
    scalars->finish_scales = o[kBeta1] == 0;
    double* c = scalars->rule;
    c[kKeep] = beta2;
    c[kFresh] = 1 - beta2;
    c[kEpsAdded] = added ? o[kEps1] : 0;
    c[kSmallest] = added ? 0 : o[kEps1] * o[kEps1];
    c[kScale] = finishes ? 1 : rate;
    PutAverage(finishes ? 0 : o[kBeta1], kAverage, scalars);
    if (finishes) c[kAverage] = 0;
    if (o[kWeightDecayKind] == kDecoupled) {
      scalars->decoupled_decay =
          decay * (kind == kLrScale               ? o[kLr]
                   : kind == kNoScale || finishes ? 1
                                                  : rate);
    }
    scalars->factors = {
        beta2, 1 - beta2, c[kEpsAdded], added ? 0 : o[kEps1], c[kSmallest],
        0,     0};
    double* final = scalars->finish;
    final[kRate] = rate;
    final[kSmallestRms] = scales ? o[kEps2] : -1;
    final[kClip] = o[kClipThreshold];
    final[kMomentum] = o[kBeta1];
    final[kDecaysByRate] = kind == kRateScale;
  }

  static void Finish(const Scalars& scalars, const TensorSums& sums,
                     TensorFactors* factors) {
    const double* final = scalars.finish;
    const auto count = static_cast<double>(sums.count);
    if (sums.count == 0) return;
    double rate = final[kRate];
    if (final[kSmallestRms] >= 0) {
      rate *= std::max(final[kSmallestRms],
                       std::sqrt(sums.of[kParamSquares] / count));
    }
    factors->decoupled_decay = final[kDecaysByRate] != 0 ? rate : 1;
    double scale = rate;
    if (final[kClip] > 0) {
      scale /= std::max(
          1.0, std::sqrt(sums.of[kUpdateSquares] / count) / final[kClip]);
    }
    if (scalars.finish_scales) {
      factors->update = scale;
      return;
    }
    const Average average = AverageOf(final[kMomentum]);
    factors->rule[kScale] = scale;
    factors->rule[kAverage] = average.weight;
    factors->rule[kAverage + 1] = average.from_old;
  }

  static void Reference(const ReferenceStep& step);
};

// Whether the tensor keeps factors.
inline bool AdafactorFactors(const ReferenceStep& step) {
  if (step.shape.rank < 2) return false;
  const int64_t* last = step.shape.extents + step.shape.rank - 2;
  return static_cast<double>(std::min(last[0], last[1])) >=
         step.options[Adafactor::kMinDimFactored];
}

// The second moment of every element, after its step.
inline std::vector<double> AdafactorMoment(const ReferenceStep& step,
                                           const std::vector<double>& grad) {
  using R = Adafactor;
  const double* o = step.options;
  const int64_t count = step.shape.count;
  const double beta2 = R::Beta2(o, step.step);
  const bool added = o[R::kEps1Placement] == R::kAdded;
  const double eps = added ? o[R::kEps1] : 0;
  const double floor = added ? 0 : o[R::kEps1];
  std::vector<double> moment(static_cast<size_t>(count));
  const auto square = [&](int64_t i) {
    const double g = grad[static_cast<size_t>(i)];
    return g * g;
  };
  const auto next = [&](double old, double mean) {
    return ReferenceState(beta2 * old + (1 - beta2) * (mean + eps),
                          step.smallest_normal);
  };
  if (!AdafactorFactors(step)) {
    for (int64_t i = 0; i < count; ++i) {
      const double v =
          beta2 * step.slots[R::kVariance][i] + (1 - beta2) * (square(i) + eps);
      moment[static_cast<size_t>(i)] = v;
      step.slots[R::kVariance][i] = ReferenceState(v, step.smallest_normal);
    }
    return moment;
  }
  const int64_t* last = step.shape.extents + step.shape.rank - 2;
  const int64_t rows = last[0];
  const int64_t columns = last[1];
  for (int64_t slice = 0; slice * rows * columns < count; ++slice) {
    double* r = step.slots[R::kRowVar] + slice * rows;
    double* c = step.slots[R::kColVar] + slice * columns;
    const int64_t first = slice * rows * columns;
    for (int64_t i = 0; i < rows; ++i) {
      double sum = 0;
      for (int64_t j = 0; j < columns; ++j) {
        sum += square(first + i * columns + j);
      }
      r[i] = next(r[i], sum / static_cast<double>(columns));
    }
    double mean = 0;
    for (int64_t i = 0; i < rows; ++i) mean += r[i] / static_cast<double>(rows);
    mean = std::max(mean, floor);
    for (int64_t j = 0; j < columns; ++j) {
      double sum = 0;
      for (int64_t i = 0; i < rows; ++i) {
        sum += square(first + i * columns + j);
      }
      c[j] = next(c[j], sum / static_cast<double>(rows));
      for (int64_t i = 0; i < rows; ++i) {
        moment[static_cast<size_t>(first + i * columns + j)] =
            r[i] / mean * c[j];
      }
    }
  }
  return moment;
}

inline void Adafactor::Reference(const ReferenceStep& step) {
  const double* o = step.options;
  const int64_t count = step.shape.count;
  const double decay = o[kWeightDecay];
  std::vector<double> grad(static_cast<size_t>(count));
  ReferenceSquares params;
  for (int64_t i = 0; i < count; ++i) {
    grad[static_cast<size_t>(i)] =
        ReferenceGradient(o, step.grad[i], step.param[i]);
    params.Add(step.param[i]);
  }
  const std::vector<double> moment = AdafactorMoment(step, grad);
  const double smallest =
      std::max(o[kEps1Placement] == kFloor ? o[kEps1] * o[kEps1] : 0,
               step.smallest_normal);
  std::vector<double> update(static_cast<size_t>(count));
  ReferenceSquares updates;
  for (size_t i = 0; i < update.size(); ++i) {
    const double v = moment[i] < smallest ? smallest : moment[i];
    update[i] = grad[i] / std::sqrt(v);
    updates.Add(update[i]);
  }
  const auto n = static_cast<double>(count);
  double rate = Rate(o, step.step);
  if (o[kScaleParameter] != 0) {
    rate *= std::max(o[kEps2], params.norm() / std::sqrt(n));
  }
  double scale = rate;
  if (o[kClipThreshold] != 0) {
    scale /= std::max(1.0, updates.norm() / std::sqrt(n) / o[kClipThreshold]);
  }
  const auto kind = static_cast<int>(o[kWeightDecayScale]);
  const double shrink = o[kWeightDecayKind] == kCoupled ? 0
                        : kind == kLrScale              ? o[kLr] * decay
                        : kind == kRateScale            ? rate * decay
                                                        : decay;
  for (int64_t i = 0; i < count; ++i) {
    double& u = update[static_cast<size_t>(i)];
    u *= scale;
    if (o[kBeta1] != 0) {
      double& m = step.slots[kExpAvg][i];
      m = o[kBeta1] * m + (1 - o[kBeta1]) * u;
      u = m;
      m = ReferenceState(m, step.smallest_normal);
    }
  }
  ReferenceCaution(step, grad, &update);
  for (int64_t i = 0; i < count; ++i) {
    const double u = update[static_cast<size_t>(i)];
    double& param = step.param[i];
    param -= shrink == 0 || !ReferenceDecays(step, u, param)
                 ? u
                 : u + shrink * param;
  }
}

}  // namespace libopt

#endif  // OPT_SRC_RULES_ADAFACTOR_H_

#ifdef OPT_RULE_VECTOR_PART
// Where the second moment is in factors, the gradient has been divided by its
// root before it gets here.
template <Layout kLayout, bool kUsual, class D, class V, typename T>
HWY_INLINE V Update(Adafactor, D d, const T* c, V /*param*/, V g, V& v, V& m) {
  using R = Adafactor;
  V update = g;
  if constexpr ((kLayout >> R::kVariance & 1) != 0) {
    v = Add(Mul(Set(d, c[R::kKeep]), v),
            Mul(Set(d, c[R::kFresh]), Add(Mul(g, g), Set(d, c[R::kEpsAdded]))));
    // Where the smallest second moment is too small for the type, it is the
    // smallest normal number, so that no zero is divided by zero.
    const T normal = std::numeric_limits<T>::min();
    const V smallest = Set(d, HWY_MAX(c[R::kSmallest], normal));
    update = Div(g, Root(IfThenElse(Lt(v, smallest), smallest, v)));
  }
  update = Mul(Set(d, c[R::kScale]), update);
  if constexpr ((kLayout >> R::kExpAvg & 1) != 0) {
    m = MovingAverage<kUsual>(d, m, update, c + R::kAverage);
    update = m;
  }
  return update;
}
#endif
