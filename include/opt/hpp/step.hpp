// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// How steps are made, and what they do beside the update: work on the
// gradients, accumulation, loss scaling, weight averages. Include
// <opt/opt.hpp>; the calls are the Optimizer's.
#ifndef OPT_HPP_STEP_HPP_
#define OPT_HPP_STEP_HPP_

#include <cstdint>
#include <vector>

#include "opt/hpp/error.hpp"
#include "opt/opt.h"

namespace opt {
inline namespace OPT_HPP_NAMESPACE {

class Optimizer;

// Work on the gradients before the rule sees them, done in the order of
// opt_grad_work, whatever the order of these calls. Each takes a number > 0.
class GradientWork {
 public:
  // They are the gradients of loss_scale * loss.
  GradientWork& LossScale(double loss_scale) {
    work_.loss_scale = loss_scale;
    return *this;
  }
  // Clips each element to [-max, max].
  GradientWork& MaxValue(double max) {
    work_.max_value = max;
    return *this;
  }
  // Clips each tensor by its own norm.
  GradientWork& MaxTensorNorm(double max) {
    work_.max_tensor_norm = max;
    return *this;
  }
  // Clips by the norm over all tensors.
  GradientWork& MaxNorm(double max) {
    work_.max_norm = max;
    return *this;
  }
  // MaxNorm() bounds the norm of each group instead.
  GradientWork& PerGroup() {
    work_.flags |= OPT_GRAD_WORK_CLIP_PER_GROUP;
    return *this;
  }
  // OPT_NORM_2 or OPT_NORM_INF, for all norms.
  GradientWork& Norm(int32_t norm) {
    work_.norm = norm;
    return *this;
  }
  // OPT_NONFINITE_*: what to do about Inf and NaN.
  GradientWork& Nonfinite(int32_t nonfinite) {
    work_.nonfinite = nonfinite;
    return *this;
  }

 private:
  friend class Optimizer;
  opt_grad_work work_ = OPT_GRAD_WORK_INIT;
};

// The norms and values of the gradients, and the way in which they were used.
struct GradientReport {
  bool skipped = false;  // Inf or NaN: the call left them alone
  double norm = 0;       // over all tensors, before clipping by it
  double factor = 1;     // what clipping by the norm multiplied them by
  int64_t nonfinite_tensor = -1;  // the first with Inf or NaN, or -1
  std::vector<double> group_norms;
};

// How a step is made. Step(GradientWork().MaxNorm(1)) needs no StepOptions.
class StepOptions {
 public:
  StepOptions() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): as above
  StepOptions(const GradientWork& work) { Work(work); }

  // Zeroes each gradient in the same pass over memory.
  StepOptions& ZeroGrads() {
    flags_ |= OPT_STEP_ZERO_GRADS;
    return *this;
  }
  // Uses the sum of accumulated gradients, not their mean.
  StepOptions& Sum() {
    flags_ |= OPT_STEP_SUM;
    return *this;
  }
  StepOptions& Work(const GradientWork& work) {
    work_ = work;
    has_work_ = true;
    return *this;
  }
  // Filled by each step, at the cost of a norm; it must outlive the steps.
  StepOptions& Report(GradientReport* report) {
    report_ = report;
    return *this;
  }

 private:
  friend class Optimizer;
  uint32_t flags_ = 0;
  bool has_work_ = false;
  GradientWork work_;
  GradientReport* report_ = nullptr;
};

// How gradients are accumulated: as those of one sample, or of many.
class AccumulateOptions {
 public:
  AccumulateOptions() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): Accumulate(32)
  AccumulateOptions(int64_t samples) : samples_(samples) {}

  // The gradients are means over the samples, not sums.
  AccumulateOptions& Means() {
    flags_ |= OPT_ACCUMULATE_MEANS;
    return *this;
  }
  // Zeroes each gradient in the same pass over memory.
  AccumulateOptions& ZeroGrads() {
    flags_ |= OPT_ACCUMULATE_ZERO_GRADS;
    return *this;
  }

 private:
  friend class Optimizer;
  int64_t samples_ = 1;
  uint32_t flags_ = 0;
};

// How a loss scaler is set up; torch's GradScaler unless told otherwise.
class ScalerOptions {
 public:
  // The first scale; default 65536.
  ScalerOptions& InitialScale(double scale) {
    config_.initial_scale = scale;
    return *this;
  }
  // Factor of the scale after GrowthInterval steps without Inf or NaN;
  // default 2.
  ScalerOptions& GrowthFactor(double factor) {
    config_.growth_factor = factor;
    return *this;
  }
  // Factor of the scale after a step with Inf or NaN; default 0.5.
  ScalerOptions& BackoffFactor(double factor) {
    config_.backoff_factor = factor;
    return *this;
  }
  // Steps without Inf or NaN before the scale grows; default 2000.
  ScalerOptions& GrowthInterval(int64_t steps) {
    config_.growth_interval = steps;
    return *this;
  }

 private:
  friend class Optimizer;
  opt_scaler_config config_ = OPT_SCALER_CONFIG_INIT;
};

// A loss scaler, described; `active` is 0 if there is none.
using ScalerInfo = opt_scaler_info;

// Which average of the parameters is kept, and when it is updated: with every
// step unless told otherwise.
class AverageOptions {
 public:
  // An exponential moving average; the decay is in [0, 1].
  static AverageOptions Ema(double decay) { return {OPT_AVERAGE_EMA, decay}; }
  // The mean of the parameters at the updates: stochastic weight averaging.
  static AverageOptions Swa() { return {OPT_AVERAGE_SWA, 0}; }

  // Of an EMA: the decay grows to its value, so that the average leaves the
  // first, untrained parameters behind sooner.
  AverageOptions& Warmup() {
    config_.flags |= OPT_AVERAGE_WARMUP;
    return *this;
  }
  // Steps before the first update.
  AverageOptions& Start(int64_t steps) {
    config_.start = steps;
    return *this;
  }
  // Steps from one update to the next.
  AverageOptions& Period(int64_t steps) {
    config_.period = steps;
    return *this;
  }

 private:
  friend class Optimizer;
  AverageOptions(int32_t kind, double decay) {
    config_.kind = kind;
    config_.decay = decay;
  }
  opt_average_config config_ = OPT_AVERAGE_CONFIG_INIT;
};

// An average, described; `kind` is 0 if none is kept.
using AverageInfo = opt_average_info;

}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_STEP_HPP_
