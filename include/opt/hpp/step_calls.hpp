// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The calls of an optimizer that compute. Include <opt/opt.hpp>.
#ifndef OPT_HPP_STEP_CALLS_HPP_
#define OPT_HPP_STEP_CALLS_HPP_

#include <cstdint>

#include "opt/hpp/buffers.hpp"
#include "opt/hpp/error.hpp"
#include "opt/hpp/gradient.hpp"
#include "opt/opt.h"

namespace opt {
inline namespace OPT_HPP_NAMESPACE {

template <typename Self>
class StepCalls {
 public:
  // A step with the retained buffers: Step(), Step(OPT_ZERO_GRADS),
  // Step(GradWork().ClipNorm(1)).
  Returned<void> Step() {
    return internal::Finish(opt_step(handle(), nullptr));
  }
  Returned<void> Step(const StepOptions& options) {
    const opt_step_args args = options.Get();
    return internal::Finish(opt_step(handle(), &args));
  }
  // With lent ones; with the retained gradients if no gradient was ever set.
  Returned<void> Step(const Buffers& buffers, const StepOptions& options = {}) {
    return StepWith(buffers, buffers.lends_grads_, options);
  }
  // With what Accumulate has added up, and lent parameters.
  Returned<void> StepAccumulated(const Buffers& buffers,
                                 const StepOptions& options = {}) {
    return StepWith(buffers, false, options);
  }
  // Flags: OPT_ZERO_GRADS, OPT_GRADS_ARE_MEANS.
  Returned<void> Accumulate(int64_t samples = 1, uint32_t flags = 0) {
    opt_accumulate_args args = OPT_ACCUMULATE_ARGS_INIT;
    args.flags = flags;
    args.samples = samples;
    return internal::Finish(opt_accumulate(handle(), &args));
  }
  Returned<void> Accumulate(const Buffers& buffers, int64_t samples = 1,
                            uint32_t flags = 0) {
    opt_accumulate_args args = OPT_ACCUMULATE_ARGS_INIT;
    args.flags = flags;
    args.count = buffers.count();
    args.samples = samples;
    args.grads = buffers.grads_.data();
    return internal::Finish(self().WithBuffers(
        buffers, [&] { return opt_accumulate(handle(), &args); }));
  }
  Returned<void> Discard() { return internal::Finish(opt_discard(handle())); }
  Returned<void> ZeroGrad() {
    return internal::Finish(opt_zero_grad(handle(), nullptr));
  }
  Returned<void> ZeroGrad(const Buffers& buffers) {
    opt_zero_grad_args args = OPT_ZERO_GRAD_ARGS_INIT;
    args.count = buffers.count();
    args.grads = buffers.grads_.data();
    return internal::Finish(self().WithBuffers(
        buffers, [&] { return opt_zero_grad(handle(), &args); }));
  }

 private:
  Returned<void> StepWith(const Buffers& buffers, bool grads,
                          const StepOptions& options) {
    opt_step_args args = options.Get();
    args.count = buffers.count();
    args.params = buffers.params_.data();
    if (grads) args.grads = buffers.grads_.data();
    return internal::Finish(
        self().WithBuffers(buffers, [&] { return opt_step(handle(), &args); }));
  }

  const Self& self() const { return static_cast<const Self&>(*this); }
  opt_optimizer handle() const { return self().handle(); }
};

}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_STEP_CALLS_HPP_
