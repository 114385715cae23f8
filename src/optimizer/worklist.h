// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The tensors that a call works on. Each call first classifies every tensor
// once, which may fail but changes nothing. It then runs passes, which cannot
// fail, over one partition of all elements.

#ifndef OPT_SRC_OPTIMIZER_WORKLIST_H_
#define OPT_SRC_OPTIMIZER_WORKLIST_H_

#include <cstdint>
#include <cstring>
#include <vector>

#include "src/base/pmr.h"
#include "src/optimizer/buffers.h"
#include "src/optimizer/tensor_list.h"
#include "src/parallel/partition.h"

namespace libopt {

// The work of a call on one tensor.
struct WorkItem {
  int64_t index;
  Tensor* tensor;
  void* param;             // nullptr: not used
  void* grad;              // read by the call: a gradient or an accumulator
  void* zero;              // a gradient to be set to zero, or nullptr
  const Scalars* scalars;  // of a step; nullptr: the tensor takes none
  int64_t phases = -1;     // in Phases; -1: its step has one phase
  GradEdit edit;
  bool averages;            // the average of its parameters is updated
  Average average_weights;  // with these
};

// Sets a piece of the gradient that an item names to zero, if it names one.
inline void ZeroPiece(const WorkItem& item, int64_t begin, int64_t count) {
  if (item.zero == nullptr) return;
  const opt_dtype dtype = item.tensor->grad_dtype;
  std::memset(ElementAt(item.zero, begin, dtype), 0,
              static_cast<size_t>(count * SizeOf(dtype)));
}

class Worklist {
 public:
  // Both must outlive the list.
  Worklist(Context* context, const TensorList* tensors)
      : context_(context),
        tensors_(tensors),
        items_(context->memory()),
        partition_(context->memory()),
        lent_(context->memory()) {}

  // Makes room for tensors, so that a call allocates nothing.
  void Reserve(int64_t index_count);

  void Clear();
  // `cut` is the multiple of elements at which the item may be cut; 0: any.
  void Add(const WorkItem& item, int64_t cut = 0);
  // Throws OPT_ERR_OVERLAP if any two of the lent buffers that a call uses
  // share memory.
  void CheckDisjoint(const opt_lent& lent, LentBuffers::Use use) {
    lent_.Check(*tensors_, lent, use);
  }

  Context* context() const { return context_; }
  pmr::Vector<WorkItem>& items() { return items_; }
  const pmr::Vector<WorkItem>& items() const { return items_; }

  // A pass: calls body(item, begin, count) for all elements of all items. With
  // `cut`, all of them are cut at multiples of so many elements.
  template <typename Body>
  void ForEachPiece(const Body& body, int64_t cut = 0) {
    partition_.Run(
        context_,
        [&](int64_t item, int64_t begin, int64_t count) {
          body(items_[static_cast<size_t>(item)], begin, count);
        },
        cut);
  }
  // Sets the gradients to zero that the items name.
  void ZeroPass();

 private:
  Context* const context_;
  const TensorList* const tensors_;
  pmr::Vector<WorkItem> items_;
  Partition partition_;  // of their elements
  LentBuffers lent_;
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_WORKLIST_H_
