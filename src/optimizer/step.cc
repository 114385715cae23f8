// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/step.h"

#include <algorithm>
#include <string_view>

#include "src/base/error.h"
#include "src/base/memory.h"
#include "src/base/pmr.h"
#include "src/base/struct_size.h"

namespace libopt {
namespace {

// Counters end where a checkpoint can no longer hold them.
template <typename... Name>
void CheckCanCount(int64_t counter, const Name&... name) {
  if (counter >= kMaxCounter) {
    Fail(OPT_ERR_LIMIT, name..., " has reached ", kMaxCounter,
         ", where counters end");
  }
}

// Bytes of parameters, gradient and slots of a tensor that fit, with room for
// more, into the second-level cache of a core.
constexpr int64_t kWholeBytes = 512 * 1024;

int64_t BytesOfStep(const Tensor& tensor) {
  return tensor.param_bytes() + tensor.grad_bytes() + tensor.state.slot_bytes;
}

constexpr size_t AsSize(int64_t index) { return static_cast<size_t>(index); }

// A slot that is a number.
double& NumberOf(const Tensor& tensor, int slot) {
  return *static_cast<double*>(tensor.state.slots[slot]);
}

[[noreturn]] void FailUnbound(const Tensor& tensor) {
  Fail(OPT_ERR_STATE, "tensor '", std::string_view(tensor.name),
       "' of the copied optimizer has no buffers yet: give it some with "
       "opt_bind, or lend them in opt_lent");
}

void AveragePiece(int target, const Tensor& tensor, void* param,
                  Average weights, int64_t begin, int64_t count) {
  const opt_dtype dtype = tensor.param_dtype;
  UpdateAverage(target, {ElementAt(param, begin, dtype),
                         ElementAt(tensor.state.average.data(), begin, dtype),
                         count, weights, dtype});
}

// The slots that are numbers of a tensor.
Layout TensorNumbers(const RuleDescriptor& rule) {
  Layout numbers = 0;
  for (int i = 0; i < rule.slot_count; ++i) {
    if (rule.slots[i].is_tensor_number()) numbers |= 1U << i;
  }
  return numbers;
}

}  // namespace

Stepper::Stepper(Context* context, const Rule* rule, Groups* groups,
                 TensorList* tensors, Progress* progress, Worklist* work,
                 Gradients* gradients, Accumulation* accumulation)
    : context_(context),
      rule_(rule),
      groups_(groups),
      tensors_(tensors),
      progress_(progress),
      work_(work),
      gradients_(gradients),
      accumulation_(accumulation),
      idle_(context->memory()),
      plan_(context, rule, groups, tensors),
      scalars_(context->memory()),
      group_numbers_(context->memory()),
      phases_(context->memory()),
      update_rooms_(context->memory(),
                    rule->finish == nullptr ? 0 : context->threads()),
      summed_(context->memory()),
      summed_partition_(context->memory()),
      param_copies_(ParamCopies(*rule->descriptor)),
      numbers_(TensorNumbers(*rule->descriptor)) {
  ReserveGroups(1);
}

void Stepper::ReserveGroups(int64_t groups) {
  plan_.ReserveGroups(groups);
  if (rule_->finish != nullptr) phases_.ReserveGroups(groups);
  if (rule_->prepare_group != nullptr) {
    group_numbers_.resize(static_cast<size_t>(groups));
  }
}

void Stepper::Reserve(int64_t index_count, int64_t block_count) {
  ReserveRoom(index_count, &idle_);
  plan_.Reserve(index_count);
  const RuleDescriptor& rule = *rule_->descriptor;
  if (rule_->finish != nullptr || rule.careful_option >= 0 ||
      rule.row_slot >= 0) {
    phases_.Reserve(index_count, block_count);
    ReserveRoom(index_count, &summed_);
    summed_partition_.Reserve(index_count);
  }
  scalars_.Reserve(index_count);
}

void Stepper::ReserveFor(const Tensor& tensor) {
  if (rule_->finish != nullptr && BytesOfStep(tensor) <= kWholeBytes) {
    update_rooms_.Reserve(tensor.param_bytes());
  }
}

// ---- The step ----

void Stepper::Step(const opt_step_args& args) {
  if (StepByPlan(args)) return;
  if (!Decide("opt_step", args)) {
    Skip();
    return;
  }
  Run();
  End();
  if (progress_->pending_samples > 0) accumulation_->Discard();
}

bool Stepper::StepByPlan(const opt_step_args& args) {
  const bool takes_more =
      (args.flags & ~OPT_STEP_ZERO_GRADS) != 0 || args.report != nullptr ||
      (args.work != nullptr && !LeavesGrads(ReadGradWork(args.work)));
  const bool is_plain = !takes_more && progress_->pending_samples == 0 &&
                        !progress_->scaler.active() &&
                        progress_->averaging.kind == 0 &&
                        !progress_->evaluates && progress_->steps < kMaxCounter;
  if (!is_plain ||
      !plan_.Step(progress_->steps, args.flags == OPT_STEP_ZERO_GRADS,
                  ReadLent(args.lent, tensors_->index_count()))) {
    return false;
  }
  ++progress_->steps;
  return true;
}

bool Stepper::Decide(const char* call, const opt_step_args& args) {
  CheckFlags(args.flags, OPT_STEP_ZERO_GRADS | OPT_STEP_SUM,
             "opt_step_args.flags", "OPT_STEP_ZERO_GRADS and OPT_STEP_SUM");
  const opt_lent lent = ReadLent(args.lent, tensors_->index_count());
  progress_->CheckNotSwapped(call);
  gradients_->CheckInUse(lent);
  CheckCanCount(progress_->steps, "the number of steps");
  CheckCanCount(progress_->skipped, "the number of skipped steps");
  CheckCanCount(progress_->scaler.info().skipped,
                "the loss scaler's number of skipped steps");
  CheckCanCount(progress_->averaging.updates,
                "the number of updates of the average");
  const opt_grad_work work = gradients_->WorkOfStep(args);
  opt_grad_report report = ReadGradReport(args.report, groups_->count());

  plan_.Settle();
  ClassifyForStep(args.flags, lent);
  const bool taken = gradients_->Decide(
      work, gradients_->ScaleOf(work, (args.flags & OPT_STEP_SUM) != 0),
      args.report == nullptr ? nullptr : &report);
  for (const WorkItem& item : idle_) Add(item);
  if (args.report != nullptr) gradients_->WriteReport(report, args.report);
  return taken;
}

void Stepper::Skip() {
  ++progress_->skipped;
  work_->ZeroPass();
  progress_->scaler.Update(true);
  if (progress_->pending_samples > 0) accumulation_->Discard();
}

// ---- Classification ----

void Stepper::ClassifyForStep(opt_step_flags flags, const opt_lent& lent) {
  work_->Clear();
  idle_.clear();
  phases_.Clear();
  scalars_.Clear();
  groups_->Begin(progress_->steps);
  for (GroupNumbers& group : group_numbers_) group.prepared = false;
  for (int64_t i = 0; i < tensors_->index_count(); ++i) {
    Tensor* tensor = tensors_->Get(i);
    if (tensor == nullptr) continue;
    if (tensor->is_unbound && lent.params == nullptr) FailUnbound(*tensor);
    const WorkItem item = ClassifyOneForStep(flags, lent, i, tensor);
    if (item.scalars != nullptr) {
      Add(item);
    } else if (item.zero != nullptr || item.averages) {
      idle_.push_back(item);
    }
  }
  if (lent.params == nullptr && lent.grads == nullptr) return;
  const bool averages = progress_->averaging.IsDue(progress_->steps + 1);
  work_->CheckDisjoint(lent, averages ? LentBuffers::kAllParams
                             : progress_->pending_samples > 0
                                 ? LentBuffers::kParamsOfAccumulated
                                 : LentBuffers::kGradsAndParams);
}

WorkItem Stepper::ClassifyOneForStep(opt_step_flags flags, const opt_lent& lent,
                                     int64_t index, Tensor* tensor) {
  const bool pending = progress_->pending_samples > 0;
  const bool averages = progress_->averaging.IsDue(progress_->steps + 1);
  void* const grad = GradOf(*tensor, lent, index);
  void* const param = ParamOf(*tensor, lent, index);
  WorkItem item = {};
  item.index = index;
  item.tensor = tensor;
  item.zero = (flags & OPT_STEP_ZERO_GRADS) != 0 ? grad : nullptr;
  item.grad = pending ? tensor->state.accumulator.data() : grad;
  const bool has_grad = pending ? tensor->state.accumulated : grad != nullptr;
  const bool steps = has_grad && !IsFrozen(*tensor, *groups_);
  if (!steps && item.zero == nullptr && !averages) return item;

  if (steps && param == nullptr && tensor->count > 0) {
    Fail(OPT_ERR_STATE, "tensor '", std::string_view(tensor->name),
         "' has a gradient but no parameters: lend them in "
         "opt_lent.params, or retain them with opt_bind");
  }
  if (steps || averages) {
    CheckBuffer(param, tensor->param_dtype, "lent parameter buffer", *tensor);
    item.param = param;
  }
  if (lent.grads != nullptr) {
    CheckBuffer(grad, tensor->grad_dtype, "lent gradient buffer", *tensor);
  }
  if (steps) {
    CheckCanCount(tensor->state.step, "the step count of tensor '",
                  std::string_view(tensor->name), "'");
    item.scalars = ScalarsOf(*tensor);
    if (item.scalars->sums != 0 || item.scalars->cautious_decay ||
        tensor->factoring.row_length > 0) {
      item.phases = phases_.Add(*item.scalars, tensor->group, tensor->count,
                                item.scalars->next, FactoringOf(*tensor));
    }
  }
  if (averages && (param != nullptr || tensor->count == 0)) {
    CheckCanCount(tensor->state.average.updates,
                  "the number of updates of the average of tensor '",
                  std::string_view(tensor->name), "'");
    item.averages = true;
    item.average_weights =
        WeightsOf(progress_->averaging, tensor->state.average.updates);
  }
  return item;
}

// The tensor's factoring, with the places of its factors.
Factoring Stepper::FactoringOf(const Tensor& tensor) const {
  Factoring factoring = tensor.factoring;
  const RuleDescriptor& rule = *rule_->descriptor;
  if (factoring.row_length == 0) return factoring;
  factoring.rows = tensor.state.slots[rule.row_slot];
  if (rule.column_slot >= 0) {
    factoring.columns = tensor.state.slots[rule.column_slot];
  }
  return factoring;
}

// ---- How the passes cut a tensor ----

void Stepper::Add(const WorkItem& item) { work_->Add(item, CutOf(item)); }

// The multiple of elements at which the second phase of an item may be cut; 0
// if anywhere.
int64_t Stepper::CutOf(const WorkItem& item) const {
  if (IsWhole(item)) return item.tensor->count;
  return HasRowsAlone(item) ? item.tensor->factoring.row_length : 0;
}

// Whether both phases of an item's step go row by row.
bool Stepper::HasRowsAlone(const WorkItem& item) const {
  return item.scalars != nullptr && item.phases >= 0 &&
         item.tensor->factoring.row_length > 0 &&
         rule_->descriptor->column_slot < 0;
}

bool Stepper::IsWhole(const WorkItem& item) const {
  if (item.scalars == nullptr || item.phases < 0) return false;
  // Sums over several tensors are complete only after all of those tensors.
  if (item.scalars->sums != 0 && item.scalars->sum_scope != kTensorSums) {
    return false;
  }
  return BytesOfStep(*item.tensor) <= kWholeBytes;
}

// ---- Constants ----

const Scalars* Stepper::ScalarsOf(const Tensor& tensor) {
  double own_numbers[kMaxSlots];
  const double* numbers = nullptr;  // most rules have none
  if (numbers_ != 0) {
    for (int i = 0; i < kMaxSlots; ++i) {
      own_numbers[i] = (numbers_ >> i & 1) != 0 ? NumberOf(tensor, i) : 0;
    }
    numbers = own_numbers;
  }
  const ScalarsKey key = KeyOf(tensor, numbers);
  return scalars_.Get(key, [&](Scalars* prepared) {
    PrepareScalars(*rule_, *groups_, key, GroupNumbersOf(tensor.group),
                   prepared);
  });
}

const double* Stepper::GroupNumbersOf(int32_t group) {
  if (rule_->prepare_group == nullptr) return nullptr;
  GroupNumbers& found = group_numbers_[static_cast<size_t>(group)];
  if (!found.prepared) {
    std::copy_n((*groups_)[group].numbers, kMaxSlots, found.numbers);
    rule_->prepare_group(groups_->Now(group).values, found.numbers);
    found.prepared = true;
  }
  return found.numbers;
}

// ---- The passes ----

void Stepper::Run() {
  if (!phases_.empty()) SumPass();
  StepPass();
  CountItems();
}

// ---- The sum pass: the phases before the last ----

void Stepper::SumPass() {
  // The multiple of elements at which the factors' sums may be cut: panels or,
  // if there are several slices, slices.
  const auto factor_cut = [](const WorkItem& item) {
    const Factoring& factoring = item.tensor->factoring;
    const int64_t rows =
        item.tensor->slice_count > 1 ? factoring.row_count : kPanelRows;
    return rows * factoring.row_length;
  };
  ForEachSummedPiece(factor_cut,
                     [&](const WorkItem& item, int64_t begin, int64_t count) {
                       FactorPiece(item, begin, count);
                     });
  for (const int64_t i : summed_) FinishFactoring(work_->items()[AsSize(i)]);
  for (const auto sums : {&Scalars::sums, &Scalars::late_sums}) {
    const auto sum_cut = [&](const WorkItem& item) {
      return item.scalars->*sums != 0 ? kSumBlock : 0;
    };
    ForEachSummedPiece(sum_cut,
                       [&](const WorkItem& item, int64_t begin, int64_t count) {
                         SumPiece(item, begin, count, item.scalars->*sums);
                       });
    phases_.AddTensors(sums);
    for (const int64_t i : summed_) {
      const WorkItem& item = work_->items()[AsSize(i)];
      FinishSums(item, item.scalars->*sums);
    }
  }
}

// Calls body(item, begin, count) for all elements of those items of several
// phases that are not done as a whole, and for which cut(item) is not 0.
template <typename Cut, typename Body>
void Stepper::ForEachSummedPiece(const Cut& cut, const Body& body) {
  summed_.clear();
  summed_partition_.Clear();
  for (size_t i = 0; i < work_->items().size(); ++i) {
    const WorkItem& item = work_->items()[i];
    if (item.phases < 0 || IsWhole(item) || HasRowsAlone(item)) continue;
    const int64_t elements = cut(item);
    if (elements == 0) continue;
    summed_.push_back(static_cast<int64_t>(i));
    summed_partition_.Add(item.tensor->count, SizeOf(item.tensor->param_dtype),
                          elements);
  }
  if (summed_.empty()) return;
  summed_partition_.Run(context_, [&](int64_t i, int64_t begin, int64_t count) {
    body(work_->items()[AsSize(summed_[AsSize(i)])], begin, count);
  });
}

void Stepper::FactorPiece(const WorkItem& item, int64_t begin, int64_t count) {
  if (item.tensor->factoring.row_length == 0) return;
  SumFactors(context_->target(), item.tensor->param_dtype,
             ChunkOf(item, begin, count));
}

void Stepper::FinishFactoring(const WorkItem& item) {
  const Factoring* const factoring = phases_.FactoringOf(item.phases);
  if (factoring == nullptr) return;
  FinishFactors(context_->target(), *factoring, item.tensor->slice_count,
                item.tensor->param_dtype, item.scalars->factors);
}

void Stepper::SumPiece(const WorkItem& item, int64_t begin, int64_t count,
                       SumSet sums, void* update) {
  if (sums == 0) return;
  BlockSums* const blocks = phases_.BlocksOf(item.phases);
  const Tensor& tensor = *item.tensor;
  for (const int64_t end = begin + count; begin < end; begin += kSumBlock) {
    blocks[begin / kSumBlock] =
        SumStep(context_->target(), tensor.kernel, tensor.param_dtype,
                ChunkOf(item, begin, std::min(kSumBlock, end - begin), update),
                phases_.FactorsOf(item.phases), sums);
  }
}

void Stepper::FinishSums(const WorkItem& item, SumSet sums) {
  if (sums != 0) phases_.Finish(*rule_, item.phases, sums);
}

void Stepper::FinishPiece(const WorkItem& item, int64_t begin, int64_t count,
                          void* update) {
  FinishStep(context_->target(), item.tensor->kernel, item.tensor->param_dtype,
             ChunkOf(item, begin, count, update),
             phases_.FactorsOf(item.phases));
}

// ---- The step pass ----

void Stepper::StepPass() {
  const bool accumulated = progress_->pending_samples > 0;
  work_->ForEachPiece([&](const WorkItem& item, int64_t begin, int64_t count) {
    if (item.scalars != nullptr) {
      StepPiece(item, begin, count);
    } else if (item.averages) {
      AveragePiece(context_->target(), *item.tensor, item.param,
                   item.average_weights, begin, count);
    }
    if (accumulated || item.scalars == nullptr) ZeroPiece(item, begin, count);
  });
}

void Stepper::StepPiece(const WorkItem& item, int64_t begin, int64_t count) {
  if (item.phases < 0) {
    item.tensor->kernel(ChunkOf(item, begin, count));
    return;
  }
  if (HasRowsAlone(item)) {
    StepRows(context_->target(), item.tensor->kernel, item.tensor->param_dtype,
             ChunkOf(item, begin, count), phases_.FactorsOf(item.phases));
    return;
  }
  if (IsWhole(item)) {
    StepWhole(item);
  } else {
    FinishPiece(item, begin, count);
  }
}

// Where the last phase only scales the update, it need not be made twice.
void Stepper::StepWhole(const WorkItem& item) {
  const Tensor& tensor = *item.tensor;
  const bool scales = item.scalars->sums != 0 && item.scalars->finish_scales;
  const UpdateRooms::Taken room(scales ? &update_rooms_ : nullptr,
                                tensor.param_bytes());
  FactorPiece(item, 0, tensor.count);
  FinishFactoring(item);
  for (const SumSet sums : {item.scalars->sums, item.scalars->late_sums}) {
    SumPiece(item, 0, tensor.count, sums, room.data());
    FinishSums(item, sums);
  }
  FinishPiece(item, 0, tensor.count, room.data());
}

Chunk Stepper::ChunkOf(const WorkItem& item, int64_t begin, int64_t count,
                       void* update) const {
  const bool accumulated = progress_->pending_samples > 0;
  const RuleDescriptor& rule = *rule_->descriptor;
  const Tensor& tensor = *item.tensor;
  const opt_dtype dtype = tensor.param_dtype;
  Chunk chunk = {};
  chunk.grad_dtype = accumulated ? dtype : tensor.grad_dtype;
  chunk.param = ElementAt(item.param, begin, dtype);
  chunk.grad = ElementAt(item.grad, begin, chunk.grad_dtype);
  for (int i = 0; i < rule.slot_count; ++i) {
    if (rule.slots[i].is_like_param() && tensor.state.slots[i] != nullptr) {
      chunk.slots[i] = ElementAt(tensor.state.slots[i], begin, dtype);
    }
  }
  chunk.param_copies =
      tensor.state.step == 0 ? param_copies_ & tensor.layout : 0;
  chunk.count = count;
  if (update != nullptr) chunk.update = ElementAt(update, begin, dtype);
  chunk.scalars = item.scalars;
  chunk.edit = item.edit;
  chunk.zero_grad = item.zero != nullptr && !accumulated;
  if (item.averages) {
    chunk.average = ElementAt(tensor.state.average.data(), begin, dtype);
    chunk.average_weights = item.average_weights;
  }
  if (item.phases >= 0) {
    chunk.factoring = phases_.FactoringOf(item.phases);
    chunk.begin = begin;
  }
  if (item.scalars->slow_weight > 0) {
    chunk.slow = chunk.slots[rule.lookahead_slot];
    chunk.slow_weight = item.scalars->slow_weight;
  }
  return chunk;
}

// ---- Counting ----

void Stepper::CountItems() {
  for (const WorkItem& item : work_->items()) {
    if (item.scalars != nullptr) {
      ++item.tensor->state.step;
      const double* const next = item.phases < 0
                                     ? item.scalars->next
                                     : phases_.FactorsOf(item.phases).next;
      for (int i = 0; numbers_ >> i != 0; ++i) {
        if ((numbers_ >> i & 1) != 0) NumberOf(*item.tensor, i) = next[i];
      }
    }
    if (item.averages) ++item.tensor->state.average.updates;
  }
}

void Stepper::End() {
  for (size_t i = 0; i < group_numbers_.size(); ++i) {
    if (!group_numbers_[i].prepared) continue;
    std::copy_n(group_numbers_[i].numbers, kMaxSlots,
                groups_->NumbersOf(static_cast<int32_t>(i)));
  }
  ++progress_->steps;
  Averaging& averaging = progress_->averaging;
  if (averaging.IsDue(progress_->steps)) ++averaging.updates;
  progress_->scaler.Update(false);
}

}  // namespace libopt
