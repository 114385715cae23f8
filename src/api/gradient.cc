// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "opt/opt_gradient.h"
#include "src/api/guard.h"
#include "src/base/struct_size.h"

extern "C" {

opt_status opt_grad_norm(opt_optimizer optimizer, const opt_grad_args* args,
                         opt_grad_report* report) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::CheckPointer(report, "opt_grad_norm", "report");
    self.gradients().GradNorm(
        libopt::ReadOptional(args, OPT_GRAD_ARGS_INIT, "opt_grad_args"),
        report);
  });
}

opt_status opt_clip_grads(opt_optimizer optimizer, const opt_grad_args* args,
                          opt_grad_report* report) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    self.gradients().ClipGrads(
        libopt::ReadOptional(args, OPT_GRAD_ARGS_INIT, "opt_grad_args"),
        report);
  });
}

}  // extern "C"
