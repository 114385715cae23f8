// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "opt/opt_average.h"
#include "src/api/guard.h"
#include "src/base/struct_size.h"

extern "C" {

opt_status opt_average_start(opt_optimizer optimizer,
                             const opt_average_config* config) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    self.AverageStart(libopt::ReadOptional(config, OPT_AVERAGE_CONFIG_INIT,
                                           "opt_average_config"));
  });
}

opt_status opt_average_stop(opt_optimizer optimizer) {
  return libopt::WithOptimizer(
      optimizer, [](libopt::Optimizer& self) { self.AverageStop(); });
}

opt_status opt_average_get_info(opt_optimizer optimizer,
                                opt_average_info* info) {
  return libopt::WithOpenOptimizer(optimizer, [&](libopt::Optimizer& self) {
    libopt::WriteStruct(self.AverageInfo(), sizeof(opt_average_info),
                        "opt_average_info", info);
  });
}

opt_status opt_swap_eval_weights(opt_optimizer optimizer,
                                 const opt_lent* lent) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    self.eval_weights().Swap(lent);
  });
}

opt_status opt_read_eval_weights(opt_optimizer optimizer, const opt_lent* lent,
                                 int64_t index, void* weights) {
  return libopt::WithOptimizer(optimizer, [&](libopt::Optimizer& self) {
    self.eval_weights().Read(lent, index, weights);
  });
}

}  // extern "C"
