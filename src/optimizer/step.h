// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The step. It follows a plan (plan.h) if it asks for nothing else; otherwise
// it classifies every tensor, decides on the gradients, and runs its passes.

#ifndef OPT_SRC_OPTIMIZER_STEP_H_
#define OPT_SRC_OPTIMIZER_STEP_H_

#include <cstdint>
#include <vector>

#include "opt/opt_step.h"
#include "src/base/pmr.h"
#include "src/optimizer/accumulate.h"
#include "src/optimizer/gradients.h"
#include "src/optimizer/groups.h"
#include "src/optimizer/phases.h"
#include "src/optimizer/plan.h"
#include "src/optimizer/progress.h"
#include "src/optimizer/scalars.h"
#include "src/optimizer/tensor_list.h"
#include "src/optimizer/update_rooms.h"
#include "src/optimizer/worklist.h"
#include "src/parallel/partition.h"

namespace libopt {

class Stepper {
 public:
  // All arguments must outlive the stepper.
  Stepper(Context* context, const Rule* rule, Groups* groups,
          TensorList* tensors, Progress* progress, Worklist* work,
          Gradients* gradients, Accumulation* accumulation);

  // Makes room for tensors and for the blocks that are summed, or for groups; a
  // step then allocates nothing.
  void Reserve(int64_t index_count, int64_t block_count);
  void ReserveGroups(int64_t groups);
  // Makes room for what the steps of a tensor need beside its state.
  void ReserveFor(const Tensor& tensor);

  // Must be called when anything about a tensor changes but the contents of its
  // arrays.
  void DropPlan() noexcept { plan_.Drop(); }

  // opt_step.
  void Step(const opt_step_args& args);

  // ---- The parts of a step ----
  // All that a step decides before anything changes, and the report about it.
  // Returns false if the step must be skipped. The worklist is then that of the
  // step, idle tensors included. `call` is the C function, for messages.
  bool Decide(const char* call, const opt_step_args& args);
  // Counts a skipped step.
  void Skip();
  // Runs the passes over the worklist, and counts a step in its tensors.
  void Run();
  // Counts a step in the optimizer.
  void End();
  // Adds a tensor of the step to the worklist.
  void Add(const WorkItem& item);

 private:
  // Takes the step by the plan. Returns false if it must be classified.
  bool StepByPlan(const opt_step_args& args);

  // ---- Classification ----
  void ClassifyForStep(opt_step_flags flags, const opt_lent& lent);
  WorkItem ClassifyOneForStep(opt_step_flags flags, const opt_lent& lent,
                              int64_t index, Tensor* tensor);
  Factoring FactoringOf(const Tensor& tensor) const;

  // ---- How the passes cut a tensor ----
  int64_t CutOf(const WorkItem& item) const;
  bool HasRowsAlone(const WorkItem& item) const;
  // Whether all phases of an item's step run one after the other, on one
  // thread: the next one then finds the data in that thread's cache.
  bool IsWhole(const WorkItem& item) const;

  // ---- Constants ----
  const Scalars* ScalarsOf(const Tensor& tensor);
  // The numbers that a group has in this step.
  const double* GroupNumbersOf(int32_t group);

  // ---- The sum pass ----
  // The phases before the last of those items that are not whole.
  void SumPass();
  template <typename Cut, typename Body>
  void ForEachSummedPiece(const Cut& cut, const Body& body);
  void FactorPiece(const WorkItem& item, int64_t begin, int64_t count);
  void FinishFactoring(const WorkItem& item);
  void SumPiece(const WorkItem& item, int64_t begin, int64_t count, SumSet sums,
                void* update = nullptr);
  void FinishSums(const WorkItem& item, SumSet sums);
  // The last phase of a piece.
  void FinishPiece(const WorkItem& item, int64_t begin, int64_t count,
                   void* update = nullptr);

  // ---- The step pass ----
  void StepPass();
  void StepPiece(const WorkItem& item, int64_t begin, int64_t count);
  void StepWhole(const WorkItem& item);
  // The arrays of a piece, and the work on it.
  Chunk ChunkOf(const WorkItem& item, int64_t begin, int64_t count,
                void* update = nullptr) const;
  void CountItems();

  Context* const context_;
  const Rule* const rule_;
  Groups* const groups_;
  TensorList* const tensors_;
  Progress* const progress_;
  Worklist* const work_;
  Gradients* const gradients_;
  Accumulation* const accumulation_;

  pmr::Vector<WorkItem> idle_;  // take no step, but are zeroed or averaged
  StepPlan plan_;
  ScalarsCache scalars_;
  // The numbers of a group in this step, once a tensor of it has asked.
  struct GroupNumbers {
    bool prepared;
    double numbers[kMaxSlots];
  };
  pmr::Vector<GroupNumbers> group_numbers_;
  Phases phases_;
  UpdateRooms update_rooms_;
  pmr::Vector<int64_t> summed_;  // items of SumPass
  Partition summed_partition_;   // of their elements
  // Slots of the rule: those that start as the parameter, and the tensor's
  // numbers.
  const Layout param_copies_;
  const Layout numbers_;
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_STEP_H_
