// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Work on the gradients, as a part of a step. Include <opt/opt.hpp>.
#ifndef OPT_HPP_GRADIENT_HPP_
#define OPT_HPP_GRADIENT_HPP_

#include <cstdint>
#include <vector>

#include "opt/hpp/error.hpp"
#include "opt/opt.h"

namespace opt {
inline namespace OPT_HPP_NAMESPACE {

// What is done to the gradients before the rule sees them, in the order of
// opt_grad_work, whatever the order of these calls. Each takes a number > 0.
class GradWork {
 public:
  // They are the gradients of loss_scale * loss.
  GradWork& LossScale(double loss_scale) {
    work_.loss_scale = loss_scale;
    return *this;
  }
  // Clips each element to [-max, max].
  GradWork& ClipValue(double max) {
    work_.max_value = max;
    return *this;
  }
  // Clips each tensor by its own norm.
  GradWork& ClipTensorNorm(double max) {
    work_.max_tensor_norm = max;
    return *this;
  }
  // Clips by the norm over all tensors.
  GradWork& ClipNorm(double max) {
    work_.max_norm = max;
    return *this;
  }
  // Clips each group by the norm over its tensors.
  GradWork& ClipGroupNorm(double max) {
    work_.flags |= OPT_CLIP_PER_GROUP;
    return ClipNorm(max);
  }
  // OPT_NORM_2 or OPT_NORM_INF, of all norms.
  GradWork& Norm(int32_t norm) {
    work_.norm = norm;
    return *this;
  }
  // OPT_NONFINITE_*: what to do about Inf and NaN.
  GradWork& Nonfinite(int32_t nonfinite) {
    work_.nonfinite = nonfinite;
    return *this;
  }

  const opt_grad_work& get() const { return work_; }

 private:
  opt_grad_work work_ = OPT_GRAD_WORK_INIT;
};

// What the gradients were like; the fields of opt_grad_report.
struct GradReport {
  bool skipped = false;
  double norm = 0;
  double factor = 1;
  int64_t nonfinite_tensor = -1;
  std::vector<double> group_norms;
};

// How a step is made: flags (OPT_ZERO_GRADS, OPT_SUM), work on the gradients,
// and where to report.
class StepOptions {
 public:
  StepOptions() = default;
  StepOptions(uint32_t flags) : flags_(flags) {}  // NOLINT: Step(OPT_SUM)
  // NOLINTNEXTLINE(google-explicit-constructor): Step(GradWork().ClipNorm(1))
  StepOptions(const GradWork& work) : work_(work), has_work_(true) {}

  StepOptions& Flags(uint32_t flags) {
    flags_ = flags;
    return *this;
  }
  // Filled by each step, at the cost of a norm. It must outlive the steps, and
  // be an OPT_GRAD_REPORT_INIT, with room for norms of groups or without.
  StepOptions& Report(opt_grad_report* report) {
    report_ = report;
    return *this;
  }

 private:
  template <typename Self>
  friend class StepCalls;

  opt_step_args Get() const {
    opt_step_args args = OPT_STEP_ARGS_INIT;
    args.flags = flags_;
    args.work = has_work_ ? &work_.get() : nullptr;
    args.report = report_;
    return args;
  }

  uint32_t flags_ = 0;
  GradWork work_;
  bool has_work_ = false;
  opt_grad_report* report_ = nullptr;
};

}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_GRADIENT_HPP_
