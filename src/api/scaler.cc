// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "opt/opt_scaler.h"
#include "src/api/guard.h"
#include "src/base/struct_size.h"

extern "C" {

opt_status opt_scaler_start(opt_optimizer optimizer,
                            const opt_scaler_config* config) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    self.scaler().Start(libopt::ReadOptional(config, OPT_SCALER_CONFIG_INIT,
                                             "opt_scaler_config"));
  });
}

opt_status opt_scaler_stop(opt_optimizer optimizer) {
  return libopt::WithOptimizer(
      optimizer, [](libopt::Optimizer& self) { self.scaler().Stop(); });
}

opt_status opt_scaler_set_scale(opt_optimizer optimizer, double scale) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    if (self.pending_samples() > 0) {
      libopt::Fail(OPT_ERR_STATE, "opt_scaler_set_scale: gradients of ",
                   self.pending_samples(),
                   " samples are accumulated at the present scale: step first, "
                   "or forget them with opt_discard");
    }
    self.scaler().SetScale(scale);
  });
}

opt_status opt_scaler_get_info(opt_optimizer optimizer, opt_scaler_info* info) {
  return libopt::WithOpenOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::WriteStruct(self.scaler().info(), sizeof(opt_scaler_info),
                        "opt_scaler_info", info);
  });
}

}  // extern "C"
