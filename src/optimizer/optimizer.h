// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The optimizer: option values by group, tensors with their state, and the
// step over them. Used by one thread at a time. What a function is for, and
// what it throws, opt.h says of the function of the same name.

#ifndef OPT_SRC_OPTIMIZER_OPTIMIZER_H_
#define OPT_SRC_OPTIMIZER_OPTIMIZER_H_

#include <cstdint>
#include <memory_resource>
#include <string_view>
#include <vector>

#include "opt/opt_tensor.h"
#include "src/kernel/kernels.h"
#include "src/optimizer/averaging.h"
#include "src/optimizer/grad_norms.h"
#include "src/optimizer/group.h"
#include "src/optimizer/lent.h"
#include "src/optimizer/loss_scaler.h"
#include "src/optimizer/scalars_cache.h"
#include "src/optimizer/schedule_table.h"
#include "src/optimizer/tensor_list.h"
#include "src/parallel/context.h"
#include "src/parallel/partition.h"
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

  int32_t AddGroup();
  void Set(int32_t group, std::string_view option, double value);
  double Get(int32_t group, std::string_view option) const;
  void SetPreset(int32_t group, std::string_view preset);

  void SetSchedule(int32_t group, std::string_view option,
                   const Schedule* schedule);
  const Schedule* FindSchedule(int32_t group, std::string_view option) const;
  double GetScheduled(int32_t group, std::string_view option) const;
  void ReportMetric(int32_t group, double metric);

  // `spec(i)` is the description of tensor i.
  template <typename Spec>
  void Attach(int64_t count, const Spec& spec, int64_t* indices) {
    TensorList::Staged staged(context_->memory());
    for (int64_t i = 0; i < count; ++i) {
      CheckGroup(spec(i).group);
      tensors_.Stage(spec(i), &staged);
    }
    AttachStaged(&staged, indices);
  }
  void Bind(int64_t index, void* param, void* grad) {
    tensors_.Bind(index, param, grad);
  }
  void Detach(int64_t index);

  void Step(const opt_step_args& args);
  void Accumulate(const opt_accumulate_args& args);
  void Discard();
  void ZeroGrad(const opt_zero_grad_args& args);
  void GradNorm(const opt_grad_args& args, opt_grad_report* report);
  void ClipGrads(const opt_grad_args& args, opt_grad_report* report);
  LossScaler& scaler() { return scaler_; }
  const LossScaler& scaler() const { return scaler_; }

  void AverageStart(const opt_average_config& config);
  void AverageStop();
  opt_average_info AverageInfo() const;
  void AverageSwap(const opt_swap_args& args);

  opt_info Info() const;
  opt_tensor_info TensorInfo(int64_t index) const;
  int64_t FindTensor(std::string_view name) const {
    return tensors_.Find(name);
  }
  void SetTensor(int64_t index, std::string_view attribute, double value);
  double GetTensor(int64_t index, std::string_view attribute) const;
  void SetTensorStep(int64_t index, int64_t step);
  opt_view StateView(int64_t index, std::string_view slot) const;

  // What the state files are made of.
  const NamedRule& named() const { return named_; }
  const Group& defaults() const { return defaults_; }
  const std::pmr::vector<Group>& groups() const { return groups_; }
  const TensorList& tensors() const { return tensors_; }
  int64_t steps() const { return steps_; }
  int64_t pending_samples() const { return pending_samples_; }
  int64_t skipped() const { return skipped_; }
  Layout LayoutOfTensor(const Tensor& tensor) const {
    return LayoutOf(rule(), groups_[static_cast<size_t>(tensor.group)]);
  }
  Context* context() const { return context_; }
  std::pmr::memory_resource* memory() const { return context_->memory(); }
  const ScheduleTable& schedules() const { return schedules_; }

  bool has_accumulators() const { return accumulators_; }
  const Averaging& averaging() const { return averaging_; }
  // Throws OPT_ERR_STATE while parameters and averages are exchanged, which
  // `call` cannot bear.
  void CheckNotSwapped(const char* call) const;

  // What a checkpoint puts in place of all this.
  struct Restored {
    Group defaults;
    std::pmr::vector<Group> groups;
    int64_t steps;
    int64_t pending_samples;
    int64_t skipped;
    LossScaler scaler;
    bool accumulators;  // every tensor has been given one
    Averaging averaging;
    ScheduleTable schedules;
    bool takes_schedules;  // or the optimizer keeps its own
  };
  void Restore(Restored* restored) noexcept;

 private:
  // One tensor's part in a step or an accumulation.
  struct Work {
    int64_t index;
    Tensor* tensor;
    void* param;
    void* grad;
    const Scalars* scalars;  // of a step; nullptr: it passes the tensor over
    GradEdit edit;
    bool averages = false;            // updates the average of its parameters,
    Average average_weights = kCopy;  // with these
  };

  const RuleDescriptor& rule() const { return *named_.rule->descriptor; }
  void CheckGroup(int32_t group) const;
  // Whether a step passes a tensor over, whatever gradient it has.
  bool IsFrozen(const Tensor& tensor) const;
  // The option values of a tensor's next step.
  Group ValuesOf(const Tensor& tensor) const;
  const Scalars* ScalarsOf(const Tensor& tensor);
  template <typename Change>
  void ChangeGroups(int32_t group, const Change& change);
  void AttachStaged(TensorList::Staged* staged, int64_t* indices);
  void Reserve(int64_t index_count, int64_t block_count);
  const Group& OwnValues(int32_t group) const {
    return group == OPT_ALL_GROUPS ? defaults_
                                   : groups_[static_cast<size_t>(group)];
  }
  // The values of a group in this step, once ScheduleGroups() has been called.
  const Group& StepValues(int32_t group) const {
    return (schedules_.empty() ? groups_
                               : scheduled_)[static_cast<size_t>(group)];
  }
  void ScheduleGroups();
  void AddWork(const Work& work, int64_t count, int64_t element_size);
  void AllocateAccumulators();
  // Throws OPT_ERR_STATE if gradients are lent while accumulated ones wait.
  void CheckGradsInUse(void* const* grads) const;
  // Whether a step uses a gradient of a tensor, which is not frozen, and which.
  bool TakesPart(const Tensor& tensor, void* const* grads, int64_t index,
                 void** grad) const;
  opt_grad_work WorkOfStep(const opt_step_args& args) const;
  // What the work and the mean of accumulated gradients multiply them by.
  double GradScale(const opt_grad_work& work, uint32_t flags) const;

  // These say what to work on.
  void CollectSteps(const opt_step_args& args);
  void CollectGrads(void* const* grads, int64_t count, bool frozen = true);

  // Of the tensors that a step passes over: what there is to do for one, if
  // anything; checks of it, before the step; and for all, once it is known
  // whether the step is taken, and parameters are averaged.
  bool PassedOver(const opt_step_args& args, int64_t index, Work* work) const;
  void CheckPassedOver(const opt_step_args& args, int64_t index) const;
  void AddPassedOver(const opt_step_args& args, bool taken);
  static void PassOver(int target, const Work& work, int64_t begin,
                       int64_t count);
  // Makes the average's update a part of the work.
  void AddAverage(Work* work) const;

  // These work on what was collected.
  void MeasureWork(bool squares);
  int64_t FindNonfinite() const;
  // Decides what becomes of the gradients; writes nothing. Returns false if Inf
  // or NaN are to be skipped, throws OPT_ERR_NONFINITE if they are an error.
  // `report`: filled in; nullptr: no norm is wanted but for clipping.
  bool WorkOnGrads(const opt_grad_work& work, double scale,
                   opt_grad_report* report);
  void WriteReport(const opt_grad_report& report, opt_grad_report* out) const;
  void RunStep(bool zero_grad);
  void EditWork();
  void ZeroWork();

  Context* const context_;
  const NamedRule named_;
  Group defaults_;  // the optimizer-wide values
  std::pmr::vector<Group> groups_;
  ScheduleTable schedules_;
  std::pmr::vector<Group> scheduled_;  // values in a step, as many as groups_
  TensorList tensors_;
  int64_t steps_ = 0;
  int64_t pending_samples_ = 0;
  int64_t skipped_ = 0;
  LossScaler scaler_;
  bool accumulators_ = false;  // every tensor has one
  Averaging averaging_;

  // What a call works on, with room for every tensor.
  std::pmr::vector<Work> work_;
  GradNorms norms_;
  int64_t block_count_ = 0;  // of all tensors, for norms_
  Partition partition_;
  ScalarsCache scalars_;
  LentBuffers lent_;
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_OPTIMIZER_H_
