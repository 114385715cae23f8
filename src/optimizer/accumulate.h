// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Gradient accumulation: the sum of the gradients of several micro-batches, of
// which one step is then taken.

#ifndef OPT_SRC_OPTIMIZER_ACCUMULATE_H_
#define OPT_SRC_OPTIMIZER_ACCUMULATE_H_

#include "opt/opt_step.h"
#include "src/optimizer/gradients.h"
#include "src/optimizer/progress.h"
#include "src/optimizer/tensor_list.h"
#include "src/optimizer/worklist.h"

namespace libopt {

class Accumulation {
 public:
  // All arguments must outlive it.
  Accumulation(const TensorList* tensors, Progress* progress, Worklist* work,
               Gradients* gradients)
      : tensors_(tensors),
        progress_(progress),
        work_(work),
        gradients_(gradients) {}

  // The functions of the C API of the same names.
  void Accumulate(const opt_accumulate_args& args);
  void Discard();

 private:
  // Gives every tensor an accumulator, once.
  void Allocate();

  const TensorList* const tensors_;
  Progress* const progress_;
  Worklist* const work_;
  Gradients* const gradients_;
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_ACCUMULATE_H_
