// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The calls that work on all tensors: the step and those around it. Each call
// first classifies every tensor once, which may fail but changes nothing. It
// then runs passes, which cannot fail, over one partition of all elements.

#ifndef OPT_SRC_OPTIMIZER_STEP_H_
#define OPT_SRC_OPTIMIZER_STEP_H_

#include <cstdint>
#include <vector>

#include "opt/opt_average.h"
#include "opt/opt_gradient.h"
#include "opt/opt_step.h"
#include "src/base/pmr.h"
#include "src/optimizer/averaging.h"
#include "src/optimizer/buffers.h"
#include "src/optimizer/gradients.h"
#include "src/optimizer/groups.h"
#include "src/optimizer/loss_scaler.h"
#include "src/optimizer/phases.h"
#include "src/optimizer/plan.h"
#include "src/optimizer/scalars.h"
#include "src/optimizer/tensor_list.h"
#include "src/optimizer/turns.h"
#include "src/optimizer/update_rooms.h"
#include "src/parallel/partition.h"

namespace libopt {

// The progress of training that does not belong to a single tensor.
struct Progress {
  int64_t steps = 0;
  int64_t pending_samples = 0;
  int64_t skipped = 0;
  LossScaler scaler;
  bool accumulators = false;  // every tensor has one
  Averaging averaging;
  bool evaluates = false;  // the weights to evaluate at are in the buffers

  // Throws OPT_ERR_STATE, in the name of `call`, while they are.
  void CheckNotSwapped(const char* call) const;
};

class Stepper {
 public:
  // All arguments must outlive the stepper.
  Stepper(Context* context, const Rule* rule, Groups* groups,
          TensorList* tensors, Progress* progress);

  // Makes room for tensors and for the blocks that norms are measured in, or
  // for groups; a call then allocates nothing.
  void Reserve(int64_t index_count, int64_t block_count);
  void ReserveGroups(int64_t groups);
  // Makes room for what the steps of a tensor need beside its state.
  void ReserveFor(const Tensor& tensor);

  // Must be called when anything about a tensor changes but the contents of its
  // arrays.
  void DropPlan() noexcept { plan_.Drop(); }

  // The functions of the C API of the same names.
  void Step(const opt_step_args& args);
  // These two return the number of tensors that have not had their turn.
  int64_t BeginStep(const opt_step_args& args);
  int64_t StepSlice(const opt_lent* lent, const int64_t* indices,
                    int64_t count);
  void AbandonStep();
  // Throws OPT_ERR_STATE while a step in slices is open.
  void CheckNoOpenStep() const { turns_.CheckClosed(); }
  int64_t remaining() const { return turns_.remaining(); }
  void Accumulate(const opt_accumulate_args& args);
  void Discard();
  void ZeroGrads(const opt_lent* lent);
  void GradNorm(const opt_grad_args& args, opt_grad_report* report);
  void ClipGrads(const opt_grad_args& args, opt_grad_report* report);
  void SwapEvalWeights(const opt_lent* args);
  void ReadEvalWeights(const opt_lent* args, int64_t index, void* weights);

 private:
  // The work of a call on one tensor.
  struct Item {
    int64_t index;
    Tensor* tensor;
    void* param;             // nullptr: not used
    void* grad;              // read by the call: a gradient or an accumulator
    void* zero;              // a gradient to be set to zero, or nullptr
    const Scalars* scalars;  // of a step; nullptr: the tensor takes none
    int64_t phases = -1;     // in phases_; -1: its step has one phase
    GradEdit edit;
    bool averages;            // the average of its parameters is updated
    Average average_weights;  // with these
  };
  // Whether a call works on frozen tensors.
  enum class Frozen { kIncluded, kLeftOut };

  // Takes the step by the plan. Returns false if it must be classified.
  bool StepByPlan(const opt_step_args& args);

  // All that a step decides before anything changes, and the report about it.
  // Returns false if the step must be skipped. items_ are then those of the
  // step, idle ones included.
  bool DecideOnStep(const char* call, const opt_step_args& args);
  void SkipStep();
  // Counts a step in the optimizer, after CountItems.
  void EndStep();
  // Throws OPT_ERR_STATE if a tensor needs sums that no slice makes.
  void CheckSlicesSee() const;
  // Puts a tensor of the open step into items_, with the buffers lent now.
  void AddOpen(Item item, const opt_lent& lent);

  // ---- Classification ----
  void Begin();
  void Add(const Item& item);
  bool IsFrozen(const Tensor& tensor) const;
  void ClassifyForStep(opt_step_flags flags, const opt_lent& lent);
  Item ClassifyOneForStep(opt_step_flags flags, const opt_lent& lent,
                          int64_t index, Tensor* tensor);
  void ClassifyGrads(const opt_lent& lent, Frozen frozen);
  void ClassifyGradsInUse(const opt_lent& lent);
  // Classifies the tensors whose weights to evaluate at differ from their
  // parameters; the rule makes them if no average is kept.
  void ClassifyEvaluated(const opt_lent& lent);
  void* EvalSlotOf(const Tensor& tensor) const;
  bool HasEvalWeights(const Tensor& tensor) const;
  // Throws OPT_ERR_STATE, in the name of `call`, if no tensor has any.
  void CheckEvaluates(const char* call) const;
  // Turns a copy of a tensor's parameters into the weights to evaluate at.
  void MakeEvalWeights(const Tensor& tensor, void* weights, int64_t begin,
                       int64_t count) const;
  const Scalars* ScalarsOf(const Tensor& tensor);
  // The numbers that a group has in this step.
  const double* GroupNumbersOf(int32_t group);
  // Throws OPT_ERR_STATE if gradients are lent while accumulated ones wait.
  void CheckGradsInUse(const opt_lent& lent) const;

  // ---- Decisions on the gradients ----
  opt_grad_work WorkOfStep(const opt_step_args& args) const;
  // The factor of the loss scale and, unless their sum is wanted, of the mean
  // of accumulated gradients.
  double GradScale(const opt_grad_work& work, bool sum) const;
  // Decides how each gradient is edited, and measures the gradients if that is
  // necessary. Returns false if the step must be skipped because of Inf or NaN;
  // throws OPT_ERR_NONFINITE if they are an error. Fills `report`; if it is
  // nullptr, norms are computed only if clipping needs them.
  bool DecideOnGrads(const opt_grad_work& work, double scale,
                     opt_grad_report* report);
  int64_t FindNonfinite() const;
  void WriteReport(const opt_grad_report& report, opt_grad_report* out) const;

  // ---- Passes ----
  // Calls body(item, begin, count) for all elements of all items.
  template <typename Body>
  void ForEachPiece(const Body& body, int64_t cut = 0);
  void MeasurePass(bool squares);
  void StepPass();
  void StepPiece(const Item& item, int64_t begin, int64_t count);
  void StepWhole(const Item& item);
  // The arrays of a piece, and the work on it.
  Chunk ChunkOf(const Item& item, int64_t begin, int64_t count,
                void* update = nullptr) const;
  // Whether both phases of an item's step run one after the other, on one
  // thread: the second one then finds the data in that thread's cache.
  bool IsWhole(const Item& item) const;
  int64_t CutOf(const Item& item) const;
  bool HasRowsAlone(const Item& item) const;
  Factoring FactoringOf(const Tensor& tensor) const;
  // The phases before the last of those items that are not whole.
  void SumPass();
  template <typename Cut, typename Body>
  void ForEachSummedPiece(const Cut& cut, const Body& body);
  void FactorPiece(const Item& item, int64_t begin, int64_t count);
  void FinishFactoring(const Item& item);
  void SumPiece(const Item& item, int64_t begin, int64_t count, SumSet sums,
                void* update = nullptr);
  void FinishSums(const Item& item, SumSet sums);
  // The last phase of a piece.
  void FinishPiece(const Item& item, int64_t begin, int64_t count,
                   void* update = nullptr);
  // All phases of rows that depend on nothing else.
  void ZeroPass();
  void EditPass();
  // Counts a step in the tensors of items_.
  void CountItems();

  void AllocateAccumulators();

  Context* const context_;
  const Rule* const rule_;
  Groups* const groups_;
  TensorList* const tensors_;
  Progress* const progress_;

  pmr::Vector<Item> items_;
  pmr::Vector<Item> idle_;  // take no step, but are zeroed or averaged
  Partition partition_;     // of the elements of items_
  pmr::Vector<Item> open_;  // all items of the open step
  Turns turns_;             // in it
  bool open_lends_grads_ = false;
  StepPlan plan_;
  Phases phases_;
  UpdateRooms update_rooms_;
  pmr::Vector<int64_t> summed_;  // items of SumPass
  Partition summed_partition_;   // of their elements
  GradNorms norms_;
  ScalarsCache scalars_;
  // The numbers of a group in this step, once a tensor of it has asked.
  struct GroupNumbers {
    bool prepared;
    double numbers[kMaxSlots];
  };
  pmr::Vector<GroupNumbers> group_numbers_;
  LentBuffers lent_;
  // Slots of the rule: those that start as the parameter, and the tensor's
  // numbers.
  const Layout param_copies_;
  const Layout numbers_;
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_STEP_H_
