// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A step that asks for no work on the gradients, as most steps do, classifies
// the tensors once and is then repeated: all that it needs of a tensor stands
// in one record, and the records stand one behind another. The plan is made
// again after whatever could change it. Lent buffers may differ from step to
// step.

#ifndef OPT_SRC_OPTIMIZER_PLAN_H_
#define OPT_SRC_OPTIMIZER_PLAN_H_

#include <cstdint>
#include <vector>

#include "src/base/pmr.h"
#include "src/kernel/kernels.h"
#include "src/optimizer/buffers.h"
#include "src/optimizer/groups.h"
#include "src/optimizer/scalars.h"
#include "src/optimizer/tensor_list.h"
#include "src/parallel/partition.h"

namespace libopt {

class StepPlan {
 public:
  // All arguments must outlive the plan.
  StepPlan(Context* context, const Rule* rule, Groups* groups,
           TensorList* tensors);

  // Makes room for tensors, or for groups; a step then allocates nothing.
  void Reserve(int64_t index_count);
  void ReserveGroups(int64_t groups);

  // Takes a step after `steps` steps of the optimizer. Returns false, and has
  // changed nothing, if the step needs more than a plan can have, or must fail:
  // then it must be classified tensor by tensor.
  bool Step(int64_t steps, bool zero_grads, const opt_lent& lent);

  // Forgets the plan: anything may have changed.
  void Drop() noexcept {
    Settle();
    state_ = State::kStale;
  }
  // Counts the steps of the plan in the tensors themselves, before a step that
  // does not follow it.
  void Settle() noexcept;

 private:
  enum class State {
    kStale,
    kReady,
    kUnfit,  // there is no plan for these tensors
  };
  struct Record {
    PlainTensor tensor;
    int64_t key;
  };
  // The tensor of a record, if buffers are lent.
  struct Borrower {
    int64_t index;
    void* param;  // the retained one
  };
  // Tensors that share all of this have the same constants and the same loops.
  struct Key {
    ScalarsKey first;  // of the first step by the plan
    opt_dtype dtype;
    StepKernel kernel;
    // Of the step for which the constants were made; 0: for none yet.
    int64_t prepared_for;
    PreparedStep prepared;
  };
  // With more keys than this there is no plan, and steps are classified tensor
  // by tensor.
  static constexpr size_t kMaxKeys = 64;

  bool Refresh(const opt_lent& lent);
  bool HasSameGrads(const opt_lent& lent) const;
  bool Make(const opt_lent& lent);
  bool Add(const opt_lent& lent, int64_t index, Tensor* tensor);
  // The index of the key of a tensor; kMaxKeys if there is no more room.
  size_t FindKey(const Tensor& tensor);
  bool FindFrozen();
  // Puts lent buffers into the records. Returns false if they are not sound.
  bool TakeBuffers(const opt_lent& lent);
  bool TakeBuffersOf(size_t record, const opt_lent& lent);
  bool AreDisjoint();
  // Makes the constants of a key. Returns false if the step is not a plain one.
  bool Prepare(Key* key);
  void Run(bool zero_grads);
  void RunPiece(const Record& record, int64_t begin, int64_t count,
                bool zero_grad, const PlainTensor* next) const;

  Context* const context_;
  const Rule* const rule_;
  Groups* const groups_;
  TensorList* const tensors_;
  const bool has_plans_;       // no step of the rule needs more
  const Layout param_copies_;  // slots that start as the parameter

  State state_ = State::kStale;
  bool lends_params_ = false;
  bool lends_grads_ = false;
  int64_t taken_ = 0;            // steps by this plan
  bool has_idle_grads_ = false;  // gradients of tensors that take no step
  uint64_t group_changes_ = 0;   // Groups::changes() when frozen_ was read
  pmr::Vector<bool> frozen_;     // by group
  pmr::Vector<Key> keys_;
  pmr::Vector<Record> records_;
  pmr::Vector<Tensor*> planned_;  // those of the records, and empty ones
  Partition partition_;           // of the records
  // If buffers are lent:
  pmr::Vector<Borrower> borrowers_;  // by record
  pmr::Vector<int64_t> without_;     // indices that have no gradient
  // The buffers, in the order of the last addresses; a range's tensor is the
  // index of its record.
  pmr::Vector<Range> used_;
  bool must_check_ = false;  // whether buffers share memory
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_PLAN_H_
