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

opt_status opt_accumulate(opt_optimizer optimizer,
                          const opt_accumulate_args* args) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    self.stepper().Accumulate(libopt::ReadOptional(
        args, OPT_ACCUMULATE_ARGS_INIT, "opt_accumulate_args"));
  });
}

opt_status opt_discard(opt_optimizer optimizer) {
  return libopt::WithOptimizer(
      optimizer, [](libopt::Optimizer& self) { self.stepper().Discard(); });
}

opt_status opt_zero_grads(opt_optimizer optimizer, const opt_lent* lent) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    self.stepper().ZeroGrads(lent);
  });
}

}  // extern "C"
