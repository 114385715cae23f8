// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The calls of an optimizer for norms, clipping and loss scaling. Include
// <opt/opt.hpp>.
#ifndef OPT_HPP_GRADIENT_CALLS_HPP_
#define OPT_HPP_GRADIENT_CALLS_HPP_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "opt/hpp/buffers.hpp"
#include "opt/hpp/error.hpp"
#include "opt/hpp/gradient.hpp"
#include "opt/opt.h"

namespace opt {
inline namespace OPT_HPP_NAMESPACE {

template <typename Self>
class GradientCalls {
 public:
  // Measures the gradients that a step would use. Flags: OPT_SUM.
  Returned<GradReport> GradNorm(const GradWork& work = {},
                                uint32_t flags = 0) const {
    return Report(opt_grad_norm, nullptr, work, flags);
  }
  Returned<GradReport> GradNorm(const Buffers& buffers,
                                const GradWork& work = {}) const {
    return Report(opt_grad_norm, &buffers, work, 0);
  }
  // Does the work on the gradients in place.
  Returned<GradReport> ClipGrads(const GradWork& work) {
    return Report(opt_clip_grads, nullptr, work, 0);
  }
  Returned<GradReport> ClipGrads(const Buffers& buffers, const GradWork& work) {
    return Report(opt_clip_grads, &buffers, work, 0);
  }

  // Dynamic loss scaling; a field of the configuration that is 0 is the
  // default.
  Returned<void> StartScaler(
      const opt_scaler_config& config = OPT_SCALER_CONFIG_INIT) {
    return internal::Finish(opt_scaler_start(handle(), &config));
  }
  Returned<void> StopScaler() {
    return internal::Finish(opt_scaler_stop(handle()));
  }
  Returned<opt_scaler_info> Scaler() const {
    opt_scaler_info info = OPT_SCALER_INFO_INIT;
    const opt_status status = opt_scaler_get(handle(), &info);
    return internal::Finish(status, info);
  }

 private:
  using Call = opt_status(opt_optimizer, const opt_grad_args*,
                          opt_grad_report*);

  const Self& self() const { return static_cast<const Self&>(*this); }
  opt_optimizer handle() const { return self().handle(); }

  Returned<GradReport> Report(Call* call, const Buffers* buffers,
                              const GradWork& work, uint32_t flags) const {
    GradReport report;
    opt_info info = OPT_INFO_INIT;
    internal::Outcome outcome = opt_get_info(handle(), &info);
    report.group_norms.resize(static_cast<size_t>(info.group_count));
    opt_grad_report filled = OPT_GRAD_REPORT_INIT;
    filled.group_norms = report.group_norms.data();
    filled.group_capacity = info.group_count;
    opt_grad_args args = OPT_GRAD_ARGS_INIT;
    args.flags = flags;
    args.work = &work.get();
    if (outcome.status == OPT_OK && buffers == nullptr) {
      outcome = call(handle(), &args, &filled);
    } else if (outcome.status == OPT_OK) {
      args.count = buffers->count();
      args.grads = buffers->grads_.data();
      outcome = self().WithBuffers(
          *buffers, [&] { return call(handle(), &args, &filled); });
    }
    report.skipped = filled.skipped != 0;
    report.norm = filled.norm;
    report.factor = filled.factor;
    report.nonfinite_tensor = filled.nonfinite_tensor;
    return internal::Finish(outcome, std::move(report));
  }
};

}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_GRADIENT_CALLS_HPP_
