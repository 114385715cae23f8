// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The work of a call on gradients: the caller's request and its checks, and the
// GradEdit that follows from it, by which the kernels unscale and clip each
// gradient. Calls that do nothing else work on gradients in place.

#ifndef OPT_SRC_OPTIMIZER_GRADIENTS_H_
#define OPT_SRC_OPTIMIZER_GRADIENTS_H_

#include <cstdint>

#include "opt/opt_gradient.h"
#include "opt/opt_step.h"
#include "src/optimizer/grad_norms.h"
#include "src/optimizer/groups.h"
#include "src/optimizer/progress.h"
#include "src/optimizer/tensor_list.h"
#include "src/optimizer/worklist.h"

namespace libopt {

// Reads the caller's request; nullptr requests nothing. Throws OPT_ERR_ARGUMENT
// if a field is out of its range, and OPT_ERR_STRUCT.
opt_grad_work ReadGradWork(const opt_grad_work* work);

// Reads the caller's report, which says how much room it has; nullptr means no
// report. Throws OPT_ERR_ARGUMENT if there is not enough room for the norms of
// all groups.
opt_grad_report ReadGradReport(const opt_grad_report* report,
                               int64_t group_count);

// Whether the gradients must be read once before they are used.
bool NeedsRead(const opt_grad_work& work);
// Whether they are used as they are.
bool LeavesGrads(const opt_grad_work& work);
// Whether a factor of clipping depends on a norm.
bool NeedsNorm(const opt_grad_work& work);

// The gradients of a call: how each is edited before it is used, and the calls
// that do nothing else.
class Gradients {
 public:
  // All arguments must outlive it.
  Gradients(const Groups* groups, const TensorList* tensors,
            const Progress* progress, Worklist* work)
      : groups_(groups),
        tensors_(tensors),
        progress_(progress),
        work_(work),
        norms_(work->context()->memory()) {
    ReserveGroups(1);
  }

  // Makes room for tensors and for the blocks that norms are measured in, or
  // for groups; a call then allocates nothing.
  void Reserve(int64_t tensors, int64_t blocks) {
    norms_.Reserve(tensors, blocks);
  }
  void ReserveGroups(int64_t groups) { norms_.ReserveGroups(groups); }

  // The caller's request, with the work that the loss scaler adds to it.
  opt_grad_work WorkOfStep(const opt_step_args& args) const;
  // The factor of the loss scale and, unless their sum is wanted, of the mean
  // of accumulated gradients.
  double ScaleOf(const opt_grad_work& work, bool sum) const;
  // Decides how the gradient of each item is edited, and measures the gradients
  // if that is necessary. Returns false if the step must be skipped because of
  // Inf or NaN; throws OPT_ERR_NONFINITE if they are an error. Fills `report`;
  // if it is nullptr, norms are computed only if clipping needs them.
  bool Decide(const opt_grad_work& work, double scale, opt_grad_report* report);
  void WriteReport(const opt_grad_report& report, opt_grad_report* out) const;

  // Throws OPT_ERR_STATE if gradients are lent while accumulated ones wait.
  void CheckInUse(const opt_lent& lent) const;

  // Whether a call works on frozen tensors.
  enum class Frozen { kIncluded, kLeftOut };
  // Makes the list of all tensors that have a gradient.
  void Classify(const opt_lent& lent, Frozen frozen);

  // The functions of the C API of the same names.
  void GradNorm(const opt_grad_args& args, opt_grad_report* out);
  void ClipGrads(const opt_grad_args& args, opt_grad_report* out);
  void ZeroGrads(const opt_lent* lent);

 private:
  void ClassifyInUse(const opt_lent& lent);
  void MeasurePass(bool squares);
  int64_t FindNonfinite() const;
  void EditPass();

  const Groups* const groups_;
  const TensorList* const tensors_;
  const Progress* const progress_;
  Worklist* const work_;
  GradNorms norms_;
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_GRADIENTS_H_
