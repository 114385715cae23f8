// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The optimizer: its groups, its tensors with their state, and the operations
// on them. One thread uses it at a time. The functions are those of the C API;
// opt.h documents their purpose and their errors.

#ifndef OPT_SRC_OPTIMIZER_OPTIMIZER_H_
#define OPT_SRC_OPTIMIZER_OPTIMIZER_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "opt/opt_optimizer.h"
#include "opt/opt_tensor.h"
#include "src/base/arena.h"
#include "src/base/pmr.h"
#include "src/optimizer/accumulate.h"
#include "src/optimizer/averaging.h"
#include "src/optimizer/eval_weights.h"
#include "src/optimizer/gradients.h"
#include "src/optimizer/groups.h"
#include "src/optimizer/loss_scaler.h"
#include "src/optimizer/progress.h"
#include "src/optimizer/sliced_step.h"
#include "src/optimizer/step.h"
#include "src/optimizer/tensor_list.h"
#include "src/optimizer/worklist.h"
#include "src/parallel/context.h"
#include "src/rules/registry.h"

namespace libopt {

class Optimizer {
 public:
  // Takes a reference to the context.
  Optimizer(Context* context, const NamedRule& named);
  ~Optimizer() { context_->Unref(); }
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  // Destroys an optimizer that New() made in its context's memory.
  static void Destroy(Optimizer* optimizer);

  // Options, presets and schedules are set through groups().
  int32_t AddGroup(const OptionChanges& changes = {});
  Groups& groups() { return groups_; }
  const Groups& groups() const { return groups_; }
  double GetScheduled(int32_t group, std::string_view option) const {
    return groups_.GetScheduled(group, option, progress_.steps);
  }
  void ReportMetric(int32_t group, double metric) {
    groups_.ReportMetric(group, progress_.steps, metric);
  }

  // `spec(i)` is the description of tensor i.
  template <typename Spec>
  void Attach(int64_t count, const Spec& spec, int64_t* indices) {
    TensorList::Staged staged(&tensors_);
    for (int64_t i = 0; i < count; ++i) {
      groups_.Check(spec(i).group);
      tensors_.Stage(spec(i), &staged);
    }
    AllocateStaged(&staged);
    for (Owned<Tensor>& tensor : staged.tensors) {
      tensor->InitializeState(*named_.rule, groups_[tensor->group]);
    }
    CommitStaged(&staged, indices);
  }
  void Bind(int64_t index, void* param, void* grad) {
    tensors_.Bind(index, param, grad);
    stepper_.DropPlan();
  }
  void Detach(int64_t index);
  // Adds the bytes of the state that Attach would allocate for a tensor to a
  // sum. Throws OPT_ERR_LIMIT if int64_t cannot hold it.
  void AddStateBytes(const opt_tensor& spec, int64_t* sum) const;

  // Makes a new optimizer, without tensors, a copy of another of the same rule.
  void CopyFrom(const Optimizer& other);

  // The calls that are made for all tensors.
  Stepper& stepper() { return stepper_; }
  SlicedStep& sliced_step() { return sliced_step_; }
  Accumulation& accumulation() { return accumulation_; }
  Gradients& gradients() { return gradients_; }
  EvalWeights& eval_weights() { return eval_weights_; }
  LossScaler& scaler() { return progress_.scaler; }
  const LossScaler& scaler() const { return progress_.scaler; }

  void AverageStart(const opt_average_config& config);
  void AverageStop();
  opt_average_info AverageInfo() const;

  opt_info Info() const;
  opt_tensor_info TensorInfo(int64_t index) const;
  int64_t FindTensor(std::string_view name) const {
    return tensors_.Find(name);
  }
  void SetTensorGroup(int64_t index, int32_t group);
  void SetTensorStep(int64_t index, int64_t step);
  void SetAttribute(int64_t index, std::string_view attribute, double value);
  double GetAttribute(int64_t index, std::string_view attribute) const;
  opt_view StateView(int64_t index, std::string_view slot);

  // The parts that checkpoints are made of, and that a load replaces.
  const NamedRule& named() const { return named_; }
  const TensorList& tensors() const { return tensors_; }
  Progress& progress() { return progress_; }
  const Progress& progress() const { return progress_; }
  int64_t steps() const { return progress_.steps; }
  int64_t pending_samples() const { return progress_.pending_samples; }
  int64_t skipped() const { return progress_.skipped; }
  bool has_accumulators() const { return progress_.accumulators; }
  const Averaging& averaging() const { return progress_.averaging; }
  const Group& defaults() const { return groups_.defaults(); }
  const ScheduleTable& schedules() const { return groups_.schedules(); }
  Layout LayoutOfTensor(const Tensor& tensor) const {
    return LayoutOf(rule(), groups_[tensor.group], tensor.shape_view());
  }
  Context* context() const { return context_; }
  pmr::MemoryResource* memory() const { return context_->memory(); }
  // Memory for the state of tensors, which a step walks through.
  pmr::MemoryResource* state_memory() const { return &state_memory_; }

 private:
  const RuleDescriptor& rule() const { return *named_.rule->descriptor; }
  // Two halves of attaching: the first allocates all that the second, which
  // cannot fail, takes over.
  void AllocateStaged(TensorList::Staged* staged);
  void CommitStaged(TensorList::Staged* staged, int64_t* indices) noexcept;
  opt_view SlotView(const Tensor& tensor, std::string_view slot);

  Context* const context_;
  const NamedRule named_;
  Groups groups_;
  mutable Arena state_memory_;
  TensorList tensors_;
  Progress progress_;
  int64_t block_count_ = 0;  // of all tensors, in which norms are measured
  Worklist work_;
  Gradients gradients_;
  Accumulation accumulation_;
  EvalWeights eval_weights_;
  Stepper stepper_;
  SlicedStep sliced_step_;
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_OPTIMIZER_H_
