// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "opt/opt_step.h"
#include "src/api/guard.h"
#include "src/base/struct_size.h"

extern "C" {

opt_status opt_step(opt_optimizer optimizer, const opt_step_args* args) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    self.stepper().Step(
        libopt::ReadOptional(args, OPT_STEP_ARGS_INIT, "opt_step_args"));
  });
}

opt_status opt_step_begin(opt_optimizer optimizer, const opt_step_args* args,
                          int64_t* remaining) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    const int64_t left = self.sliced_step().Begin(
        libopt::ReadOptional(args, OPT_STEP_ARGS_INIT, "opt_step_args"));
    if (remaining != nullptr) *remaining = left;
  });
}

opt_status opt_step_slice(opt_optimizer optimizer, const opt_lent* lent,
                          const int64_t* indices, int64_t count,
                          int64_t* remaining) {
  return libopt::WithOpenOptimizer(optimizer, [&](libopt::Optimizer& self) {
    if (count > 0) libopt::CheckPointer(indices, "opt_step_slice", "indices");
    const int64_t left = self.sliced_step().StepSlice(lent, indices, count);
    if (remaining != nullptr) *remaining = left;
  });
}

opt_status opt_step_abandon(opt_optimizer optimizer) {
  return libopt::WithOpenOptimizer(
      optimizer, [](libopt::Optimizer& self) { self.sliced_step().Abandon(); });
}

opt_status opt_accumulate(opt_optimizer optimizer,
                          const opt_accumulate_args* args) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    self.accumulation().Accumulate(libopt::ReadOptional(
        args, OPT_ACCUMULATE_ARGS_INIT, "opt_accumulate_args"));
  });
}

opt_status opt_discard(opt_optimizer optimizer) {
  return libopt::WithOptimizer(optimizer, [](libopt::Optimizer& self) {
    self.accumulation().Discard();
  });
}

opt_status opt_zero_grads(opt_optimizer optimizer, const opt_lent* lent) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    self.gradients().ZeroGrads(lent);
  });
}

}  // extern "C"
