// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The progress of training that does not belong to a single tensor.

#ifndef OPT_SRC_OPTIMIZER_PROGRESS_H_
#define OPT_SRC_OPTIMIZER_PROGRESS_H_

#include <cstdint>

#include "src/optimizer/averaging.h"
#include "src/optimizer/loss_scaler.h"

namespace libopt {

struct Progress {
  int64_t steps = 0;
  int64_t pending_samples = 0;  // those whose gradients are accumulated
  int64_t skipped = 0;
  LossScaler scaler;
  bool accumulators = false;  // every tensor has one
  Averaging averaging;
  bool evaluates = false;  // the evaluation weights are in the buffers

  // Throws OPT_ERR_STATE, naming `call`, while the evaluation weights are in
  // the parameters' buffers.
  void CheckNotSwapped(const char* call) const;
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_PROGRESS_H_
