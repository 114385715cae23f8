// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A step in slices: the same step, split up. It is decided for all tensors at
// once, and then taken for some of them at a time, while a backward pass still
// makes the gradients of others.

#ifndef OPT_SRC_OPTIMIZER_SLICED_STEP_H_
#define OPT_SRC_OPTIMIZER_SLICED_STEP_H_

#include <cstdint>
#include <vector>

#include "opt/opt_step.h"
#include "src/base/pmr.h"
#include "src/optimizer/accumulate.h"
#include "src/optimizer/progress.h"
#include "src/optimizer/step.h"
#include "src/optimizer/tensor_list.h"
#include "src/optimizer/turns.h"
#include "src/optimizer/worklist.h"

namespace libopt {

class SlicedStep {
 public:
  // All arguments must outlive it.
  SlicedStep(const TensorList* tensors, Progress* progress, Worklist* work,
             Accumulation* accumulation, Stepper* stepper)
      : tensors_(tensors),
        progress_(progress),
        work_(work),
        accumulation_(accumulation),
        stepper_(stepper),
        open_(work->context()->memory()),
        turns_(tensors, work->context()->memory()) {}

  // Makes room for tensors, so that a step allocates nothing.
  void Reserve(int64_t index_count);

  // opt_step_begin, opt_step_slice and opt_step_abandon. The first two return
  // the number of tensors that have not had their turn.
  int64_t Begin(const opt_step_args& args);
  int64_t StepSlice(const opt_lent* lent, const int64_t* indices,
                    int64_t count);
  void Abandon();

  // Throws OPT_ERR_STATE while a step is open.
  void CheckClosed() const { turns_.CheckClosed(); }
  int64_t remaining() const { return turns_.remaining(); }

 private:
  // Throws OPT_ERR_STATE if a tensor needs sums that no slice makes.
  void CheckSums() const;
  // Puts a tensor of the open step into the list, with the buffers lent now.
  void Add(WorkItem item, const opt_lent& lent);

  const TensorList* const tensors_;
  Progress* const progress_;
  Worklist* const work_;
  Accumulation* const accumulation_;
  Stepper* const stepper_;
  pmr::Vector<WorkItem> open_;  // all items of the open step
  Turns turns_;                 // in it
  bool lends_grads_ = false;    // to opt_step_begin
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_SLICED_STEP_H_
