// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/progress.h"

#include "src/base/error.h"

namespace libopt {

void Progress::CheckNotSwapped(const char* call) const {
  if (evaluates) {
    Fail(OPT_ERR_STATE, call,
         ": the evaluation weights are in the parameters' buffers: swap the "
         "parameters back with opt_swap_eval_weights first");
  }
}

}  // namespace libopt
