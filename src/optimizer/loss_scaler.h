// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The dynamic loss scale; opt_scaler.h explains how it moves.

#ifndef OPT_SRC_OPTIMIZER_LOSS_SCALER_H_
#define OPT_SRC_OPTIMIZER_LOSS_SCALER_H_

#include <cstdint>

#include "opt/opt_scaler.h"

namespace libopt {

class LossScaler {
 public:
  // Throws OPT_ERR_ARGUMENT for a field out of its range.
  void Start(const opt_scaler_config& config);
  void Stop() { info_ = {}; }
  // Throws OPT_ERR_STATE if it is not active, OPT_ERR_ARGUMENT for a scale out
  // of its range.
  void SetScale(double scale);
  // Adjusts the scale after a step that was taken or skipped.
  void Update(bool skipped);

  bool active() const { return info_.active != 0; }
  const opt_scaler_info& info() const { return info_; }
  // Replaces the state with that of a checkpoint. Throws OPT_ERR_ARGUMENT if no
  // scaler can be in that state.
  void Restore(const opt_scaler_info& info);

 private:
  void Set(const opt_scaler_info& info);

  opt_scaler_info info_ = {};
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_LOSS_SCALER_H_
