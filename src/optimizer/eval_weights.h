// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The evaluation weights: the averages of the parameters if any are kept, or
// else those that a rule or its lookahead evaluates at.

#ifndef OPT_SRC_OPTIMIZER_EVAL_WEIGHTS_H_
#define OPT_SRC_OPTIMIZER_EVAL_WEIGHTS_H_

#include <cstdint>

#include "opt/opt_average.h"
#include "src/optimizer/groups.h"
#include "src/optimizer/progress.h"
#include "src/optimizer/tensor_list.h"
#include "src/optimizer/worklist.h"

namespace libopt {

class EvalWeights {
 public:
  // All arguments must outlive it.
  EvalWeights(const Rule* rule, const Groups* groups, const TensorList* tensors,
              Progress* progress, Worklist* work)
      : rule_(rule),
        groups_(groups),
        tensors_(tensors),
        progress_(progress),
        work_(work) {}

  // opt_swap_eval_weights and opt_read_eval_weights.
  void Swap(const opt_lent* args);
  void Read(const opt_lent* args, int64_t index, void* weights);

 private:
  // Makes the list of the tensors whose evaluation weights differ from their
  // parameters.
  void Classify(const opt_lent& lent);
  void* SlotOf(const Tensor& tensor) const;
  bool Has(const Tensor& tensor) const;
  // Throws OPT_ERR_STATE, naming `call`, if no tensor has any.
  void CheckAny(const char* call) const;
  // Turns a copy of a tensor's parameters into its evaluation weights, which
  // the rule makes if no average is kept.
  void Make(const Tensor& tensor, void* weights, int64_t begin,
            int64_t count) const;

  const Rule* const rule_;
  const Groups* const groups_;
  const TensorList* const tensors_;
  Progress* const progress_;
  Worklist* const work_;
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_EVAL_WEIGHTS_H_
