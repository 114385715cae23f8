// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/step.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>
#include <utility>

#include "src/base/error.h"
#include "src/base/memory.h"
#include "src/base/pmr.h"
#include "src/base/struct_size.h"

namespace libopt {
namespace {

void CheckFlags(uint32_t flags, uint32_t known, const char* function,
                const char* names) {
  if ((flags & ~known) != 0) {
    Fail(OPT_ERR_ARGUMENT, function, " does not know flags ", flags & ~known,
         ": it takes ", names);
  }
}

// Counters end where a checkpoint can no longer hold them.
template <typename... Name>
void CheckCanCount(int64_t counter, const Name&... name) {
  if (counter >= kMaxCounter) {
    Fail(OPT_ERR_LIMIT, "opt_step: ", name..., " has reached ", kMaxCounter,
         ", where counters end");
  }
}

// Whether a number is finite and remains so in a type.
bool IsFiniteIn(opt_dtype dtype, double value) {
  return std::isfinite(value) &&
         (dtype == OPT_F64 || value <= std::numeric_limits<float>::max());
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

void SetToZero(void* grad, opt_dtype dtype, int64_t begin, int64_t count) {
  std::memset(ElementAt(grad, begin, dtype), 0,
              static_cast<size_t>(count * SizeOf(dtype)));
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

void Progress::CheckNotSwapped(const char* call) const {
  if (evaluates) {
    Fail(OPT_ERR_STATE, call,
         ": the weights to evaluate at are in the parameters' place: put the "
         "parameters back with opt_swap_eval_weights first");
  }
}

Stepper::Stepper(Context* context, const Rule* rule, Groups* groups,
                 TensorList* tensors, Progress* progress)
    : context_(context),
      rule_(rule),
      groups_(groups),
      tensors_(tensors),
      progress_(progress),
      items_(context->memory()),
      idle_(context->memory()),
      partition_(context->memory()),
      open_(context->memory()),
      turns_(tensors, context->memory()),
      plan_(context, rule, groups, tensors),
      phases_(context->memory()),
      update_rooms_(context->memory(),
                    rule->finish == nullptr ? 0 : context->threads()),
      summed_(context->memory()),
      summed_partition_(context->memory()),
      norms_(context->memory()),
      scalars_(context->memory()),
      group_numbers_(context->memory()),
      lent_(context->memory()),
      param_copies_(ParamCopies(*rule->descriptor)),
      numbers_(TensorNumbers(*rule->descriptor)) {
  ReserveGroups(1);
}

void Stepper::ReserveGroups(int64_t groups) {
  norms_.ReserveGroups(groups);
  plan_.ReserveGroups(groups);
  if (rule_->finish != nullptr) phases_.ReserveGroups(groups);
  if (rule_->prepare_group != nullptr) {
    group_numbers_.resize(static_cast<size_t>(groups));
  }
}

void Stepper::Reserve(int64_t index_count, int64_t block_count) {
  ReserveRoom(index_count, &items_);
  ReserveRoom(index_count, &idle_);
  ReserveRoom(index_count, &open_);
  turns_.Reserve(index_count);
  norms_.Reserve(index_count, block_count);
  partition_.Reserve(index_count);
  plan_.Reserve(index_count);
  const RuleDescriptor& rule = *rule_->descriptor;
  if (rule_->finish != nullptr || rule.careful_option >= 0 ||
      rule.row_slot >= 0) {
    phases_.Reserve(index_count, block_count);
    ReserveRoom(index_count, &summed_);
    summed_partition_.Reserve(index_count);
  }
  scalars_.Reserve(index_count);
  lent_.Reserve(index_count);
}

void Stepper::ReserveFor(const Tensor& tensor) {
  if (rule_->finish != nullptr && BytesOfStep(tensor) <= kWholeBytes) {
    update_rooms_.Reserve(tensor.param_bytes());
  }
}

void Stepper::Begin() {
  items_.clear();
  idle_.clear();
  partition_.Clear();
  phases_.Clear();
}

void Stepper::Add(const Item& item) {
  items_.push_back(item);
  partition_.Add(item.tensor->count, SizeOf(item.tensor->param_dtype),
                 CutOf(item));
}

// The multiple of elements at which the second phase of an item may be cut; 0
// if anywhere.
int64_t Stepper::CutOf(const Item& item) const {
  if (IsWhole(item)) return item.tensor->count;
  return HasRowsAlone(item) ? item.tensor->factoring.row_length : 0;
}

// Whether both phases of an item's step go row by row.
bool Stepper::HasRowsAlone(const Item& item) const {
  return item.scalars != nullptr && item.phases >= 0 &&
         item.tensor->factoring.row_length > 0 &&
         rule_->descriptor->column_slot < 0;
}

template <typename Body>
void Stepper::ForEachPiece(const Body& body, int64_t cut) {
  partition_.Run(
      context_,
      [&](int64_t item, int64_t begin, int64_t count) {
        body(items_[static_cast<size_t>(item)], begin, count);
      },
      cut);
}

bool Stepper::IsFrozen(const Tensor& tensor) const {
  return tensor.attributes.frozen() ||
         (*groups_)[tensor.group].values[kFrozen] != 0;
}

// ---- The step ----

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

void Stepper::Step(const opt_step_args& args) {
  if (StepByPlan(args)) return;
  if (!DecideOnStep("opt_step", args)) {
    SkipStep();
    return;
  }
  StepPass();
  CountItems();
  EndStep();
  if (progress_->pending_samples > 0) Discard();
}

bool Stepper::DecideOnStep(const char* call, const opt_step_args& args) {
  CheckFlags(args.flags, OPT_STEP_ZERO_GRADS | OPT_STEP_SUM, call,
             "OPT_STEP_ZERO_GRADS and OPT_STEP_SUM");
  const opt_lent lent = ReadLent(args.lent, tensors_->index_count());
  progress_->CheckNotSwapped(call);
  CheckGradsInUse(lent);
  CheckCanCount(progress_->steps, "the number of steps");
  CheckCanCount(progress_->skipped, "the number of skipped steps");
  CheckCanCount(progress_->scaler.info().skipped,
                "the loss scaler's number of skipped steps");
  CheckCanCount(progress_->averaging.updates,
                "the number of updates of the average");
  const opt_grad_work work = WorkOfStep(args);
  opt_grad_report report = ReadGradReport(args.report, groups_->count());

  plan_.Settle();
  ClassifyForStep(args.flags, lent);
  const bool taken =
      DecideOnGrads(work, GradScale(work, (args.flags & OPT_STEP_SUM) != 0),
                    args.report == nullptr ? nullptr : &report);
  for (const Item& item : idle_) Add(item);
  if (args.report != nullptr) WriteReport(report, args.report);
  return taken;
}

void Stepper::SkipStep() {
  ++progress_->skipped;
  ZeroPass();
  progress_->scaler.Update(true);
  if (progress_->pending_samples > 0) Discard();
}

void Stepper::EndStep() {
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

// ---- The step in slices ----

int64_t Stepper::BeginStep(const opt_step_args& args) {
  if (!DecideOnStep("opt_step_begin", args)) {
    SkipStep();
    return 0;
  }
  if (tensors_->tensor_count() == 0) {
    EndStep();
    return 0;
  }
  CheckSlicesSee();
  items_.swap(open_);
  turns_.Open();
  for (size_t i = 0; i < open_.size(); ++i) {
    turns_.SetItem(open_[i].index, static_cast<int64_t>(i));
  }
  open_lends_grads_ =
      ReadLent(args.lent, tensors_->index_count()).grads != nullptr;
  return turns_.remaining();
}

// A slice adds up over its own tensors.
void Stepper::CheckSlicesSee() const {
  for (const Item& item : items_) {
    if (item.scalars != nullptr && item.scalars->sums != 0 &&
        item.scalars->sum_scope != kTensorSums) {
      Fail(OPT_ERR_STATE, "opt_step_begin: tensor '",
           std::string_view(item.tensor->name), "' steps by sums over several ",
           "tensors, which slices do not see; use opt_step");
    }
  }
}

int64_t Stepper::StepSlice(const opt_lent* args, const int64_t* indices,
                           int64_t count) {
  turns_.CheckOpen();
  const opt_lent lent = ReadLent(args, tensors_->index_count());
  Turns::Slice slice(&turns_, indices, count);
  items_.clear();  // the phases remain those of the whole step
  partition_.Clear();
  for (const int64_t index : slice.indices()) {
    const int64_t item = slice.ItemOf(index);
    if (item != Turns::kNoItem) AddOpen(open_[AsSize(item)], lent);
  }
  slice.Keep();
  StepPass();
  CountItems();
  for (const int64_t index : slice.indices()) {
    tensors_->Get(index)->state.accumulated = false;
  }
  if (turns_.remaining() > 0) return turns_.remaining();
  turns_.Close();
  EndStep();
  progress_->pending_samples = 0;
  return 0;
}

void Stepper::AddOpen(Item item, const opt_lent& lent) {
  const Tensor& tensor = *item.tensor;
  const bool accumulated = progress_->pending_samples > 0;
  const auto fail = [&](const char* what) {
    Fail(OPT_ERR_ARGUMENT, "opt_step_slice: the ", what, " of tensor '",
         std::string_view(tensor.name),
         "' were lent to opt_step_begin and must be lent again");
  };
  if (item.param != nullptr) {
    const bool was_lent = item.param != tensor.param;
    item.param = ParamOf(tensor, lent, item.index);
    if (item.param == nullptr || (was_lent && item.param == tensor.param)) {
      fail("parameters");
    }
    CheckBuffer(item.param, tensor.param_dtype, "lent parameter buffer",
                tensor);
  }
  if (open_lends_grads_ &&
      (item.zero != nullptr || (item.scalars != nullptr && !accumulated))) {
    void* const grad =
        lent.grads != nullptr ? GradOf(tensor, lent, item.index) : nullptr;
    if (grad == nullptr) fail("gradients");
    CheckBuffer(grad, tensor.grad_dtype, "lent gradient buffer", tensor);
    if (item.zero != nullptr) item.zero = grad;
    if (!accumulated) item.grad = grad;
  }
  Add(item);
}

void Stepper::AbandonStep() {
  if (!turns_.is_open()) return;
  const bool has_begun = turns_.has_begun();
  turns_.Close();
  if (!has_begun) return;
  EndStep();
  if (progress_->pending_samples > 0) Discard();
}

// ---- Classification ----

void Stepper::ClassifyForStep(opt_step_flags flags, const opt_lent& lent) {
  Begin();
  scalars_.Clear();
  groups_->Begin(progress_->steps);
  for (GroupNumbers& group : group_numbers_) group.prepared = false;
  for (int64_t i = 0; i < tensors_->index_count(); ++i) {
    Tensor* tensor = tensors_->Get(i);
    if (tensor == nullptr) continue;
    if (tensor->is_unbound && lent.params == nullptr) FailUnbound(*tensor);
    const Item item = ClassifyOneForStep(flags, lent, i, tensor);
    if (item.scalars != nullptr) {
      Add(item);
    } else if (item.zero != nullptr || item.averages) {
      idle_.push_back(item);
    }
  }
  if (lent.params == nullptr && lent.grads == nullptr) return;
  const bool averages = progress_->averaging.IsDue(progress_->steps + 1);
  lent_.Check(*tensors_, lent,
              averages ? LentBuffers::kAllParams
              : progress_->pending_samples > 0
                  ? LentBuffers::kParamsOfAccumulated
                  : LentBuffers::kGradsAndParams);
}

Stepper::Item Stepper::ClassifyOneForStep(opt_step_flags flags,
                                          const opt_lent& lent, int64_t index,
                                          Tensor* tensor) {
  const bool pending = progress_->pending_samples > 0;
  const bool averages = progress_->averaging.IsDue(progress_->steps + 1);
  void* const grad = GradOf(*tensor, lent, index);
  void* const param = ParamOf(*tensor, lent, index);
  Item item = {};
  item.index = index;
  item.tensor = tensor;
  item.zero = (flags & OPT_STEP_ZERO_GRADS) != 0 ? grad : nullptr;
  item.grad = pending ? tensor->state.accumulator.data() : grad;
  const bool has_grad = pending ? tensor->state.accumulated : grad != nullptr;
  const bool steps = has_grad && !IsFrozen(*tensor);
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

void Stepper::StepPass() {
  const bool accumulated = progress_->pending_samples > 0;
  if (!phases_.empty()) SumPass();
  ForEachPiece([&](const Item& item, int64_t begin, int64_t count) {
    const Tensor& tensor = *item.tensor;
    if (item.scalars != nullptr) {
      StepPiece(item, begin, count);
    } else if (item.averages) {
      AveragePiece(context_->target(), tensor, item.param, item.average_weights,
                   begin, count);
    }
    if (item.zero != nullptr && (accumulated || item.scalars == nullptr)) {
      SetToZero(item.zero, tensor.grad_dtype, begin, count);
    }
  });
}

Chunk Stepper::ChunkOf(const Item& item, int64_t begin, int64_t count,
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

void Stepper::StepPiece(const Item& item, int64_t begin, int64_t count) {
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
void Stepper::StepWhole(const Item& item) {
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

// ---- Phases ----

bool Stepper::IsWhole(const Item& item) const {
  if (item.scalars == nullptr || item.phases < 0) return false;
  // The sums of others end with those others alone.
  if (item.scalars->sums != 0 && item.scalars->sum_scope != kTensorSums) {
    return false;
  }
  return BytesOfStep(*item.tensor) <= kWholeBytes;
}

void Stepper::SumPass() {
  // The multiple of elements at which the factors' sums may be cut: panels or,
  // if there are several slices, slices.
  const auto factor_cut = [](const Item& item) {
    const Factoring& factoring = item.tensor->factoring;
    const int64_t rows =
        item.tensor->slice_count > 1 ? factoring.row_count : kPanelRows;
    return rows * factoring.row_length;
  };
  ForEachSummedPiece(factor_cut,
                     [&](const Item& item, int64_t begin, int64_t count) {
                       FactorPiece(item, begin, count);
                     });
  for (const int64_t i : summed_) FinishFactoring(items_[AsSize(i)]);
  for (const auto sums : {&Scalars::sums, &Scalars::late_sums}) {
    const auto sum_cut = [&](const Item& item) {
      return item.scalars->*sums != 0 ? kSumBlock : 0;
    };
    ForEachSummedPiece(sum_cut,
                       [&](const Item& item, int64_t begin, int64_t count) {
                         SumPiece(item, begin, count, item.scalars->*sums);
                       });
    phases_.AddTensors(sums);
    for (const int64_t i : summed_) {
      const Item& item = items_[AsSize(i)];
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
  for (size_t i = 0; i < items_.size(); ++i) {
    const Item& item = items_[i];
    if (item.phases < 0 || IsWhole(item) || HasRowsAlone(item)) continue;
    const int64_t elements = cut(item);
    if (elements == 0) continue;
    summed_.push_back(static_cast<int64_t>(i));
    summed_partition_.Add(item.tensor->count, SizeOf(item.tensor->param_dtype),
                          elements);
  }
  if (summed_.empty()) return;
  summed_partition_.Run(context_, [&](int64_t i, int64_t begin, int64_t count) {
    body(items_[AsSize(summed_[AsSize(i)])], begin, count);
  });
}

void Stepper::FactorPiece(const Item& item, int64_t begin, int64_t count) {
  if (item.tensor->factoring.row_length == 0) return;
  SumFactors(context_->target(), item.tensor->param_dtype,
             ChunkOf(item, begin, count));
}

void Stepper::FinishFactoring(const Item& item) {
  const Factoring* const factoring = phases_.FactoringOf(item.phases);
  if (factoring == nullptr) return;
  FinishFactors(context_->target(), *factoring, item.tensor->slice_count,
                item.tensor->param_dtype, item.scalars->factors);
}

void Stepper::SumPiece(const Item& item, int64_t begin, int64_t count,
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

void Stepper::FinishSums(const Item& item, SumSet sums) {
  if (sums != 0) phases_.Finish(*rule_, item.phases, sums);
}

void Stepper::FinishPiece(const Item& item, int64_t begin, int64_t count,
                          void* update) {
  FinishStep(context_->target(), item.tensor->kernel, item.tensor->param_dtype,
             ChunkOf(item, begin, count, update),
             phases_.FactorsOf(item.phases));
}

void Stepper::CountItems() {
  for (const Item& item : items_) {
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

// ---- Decisions on the gradients ----

void Stepper::CheckGradsInUse(const opt_lent& lent) const {
  if (progress_->pending_samples > 0 && lent.grads != nullptr) {
    Fail(OPT_ERR_STATE, "gradients of ", progress_->pending_samples,
         " samples are accumulated: call without lent gradients, or forget "
         "them with opt_discard");
  }
}

// The caller's request, with the work that the loss scaler adds to it.
opt_grad_work Stepper::WorkOfStep(const opt_step_args& args) const {
  opt_grad_work work = ReadGradWork(args.work);
  const LossScaler& scaler = progress_->scaler;
  if (!scaler.active()) return work;
  if (work.loss_scale != 0 || work.nonfinite == OPT_NONFINITE_ERROR) {
    Fail(OPT_ERR_ARGUMENT, "opt_grad_work.",
         work.loss_scale != 0 ? "loss_scale" : "nonfinite",
         " is set, but a loss scaler is active, which divides by its own scale "
         "and skips Inf and NaN: leave it 0, or end the scaler with "
         "opt_scaler_stop");
  }
  work.loss_scale = scaler.info().scale;
  work.nonfinite = OPT_NONFINITE_SKIP;
  return work;
}

double Stepper::GradScale(const opt_grad_work& work, bool sum) const {
  double scale = 1;
  if (progress_->pending_samples > 0 && !sum) {
    scale = 1 / static_cast<double>(progress_->pending_samples);
  }
  return work.loss_scale == 0 ? scale : scale * (1 / work.loss_scale);
}

bool Stepper::DecideOnGrads(const opt_grad_work& work, double scale,
                            opt_grad_report* report) {
  for (Item& item : items_) item.edit = {scale, work.max_value, 1};
  const bool wants_norm = NeedsNorm(work) || report != nullptr;
  if (!wants_norm && !NeedsRead(work)) return true;
  MeasurePass(wants_norm && work.norm == OPT_NORM_2);
  const int64_t nonfinite = FindNonfinite();
  if (nonfinite >= 0 && work.nonfinite == OPT_NONFINITE_ERROR) {
    Fail(OPT_ERR_NONFINITE, "the gradient of tensor '",
         std::string_view(tensors_->Get(nonfinite)->name),
         "' has Inf or NaN: nothing has changed; leave this step out, lower "
         "the learning rate or the loss scale, or use OPT_NONFINITE_SKIP");
  }
  const bool skipped = nonfinite >= 0 && work.nonfinite == OPT_NONFINITE_SKIP;
  if (wants_norm) {
    norms_.Combine(work, scale, groups_->count());
    for (size_t i = 0; i < items_.size(); ++i) {
      items_[i].edit.factor = norms_.FactorOf(static_cast<int64_t>(i));
    }
  }
  if (report != nullptr) {
    report->skipped = skipped ? 1 : 0;
    report->norm = norms_.norm();
    report->factor = norms_.factor();
    report->nonfinite_tensor = nonfinite;
  }
  return !skipped;
}

// Measures all gradients, each of which is read once.
void Stepper::MeasurePass(bool squares) {
  norms_.Clear();
  for (const Item& item : items_) {
    norms_.Add(item.tensor->group, item.tensor->count);
  }
  const bool pending = progress_->pending_samples > 0;
  const auto measure = [&](const Item& item, int64_t begin, int64_t count) {
    MeasureChunk chunk = {};
    chunk.param_dtype = item.tensor->param_dtype;
    chunk.grad_dtype = pending ? chunk.param_dtype : item.tensor->grad_dtype;
    chunk.edit = item.edit;
    chunk.squares = squares;
    GradMeasure* blocks = norms_.BlocksOf(&item - items_.data());
    for (const int64_t end = begin + count; begin < end; begin += kSumBlock) {
      chunk.grad = ElementAt(item.grad, begin, chunk.grad_dtype);
      chunk.count = std::min(kSumBlock, end - begin);
      blocks[begin / kSumBlock] = Measure(context_->target(), chunk);
    }
  };
  ForEachPiece(measure, kSumBlock);
  norms_.FoldBlocks();
}

// The index of the first tensor with Inf or NaN, or -1.
int64_t Stepper::FindNonfinite() const {
  for (size_t i = 0; i < items_.size(); ++i) {
    const Item& item = items_[i];
    const opt_dtype dtype = item.tensor->param_dtype;
    const double max = norms_.MaxOf(static_cast<int64_t>(i));
    if (!IsFiniteIn(dtype, max) || !IsFiniteIn(dtype, max * item.edit.scale)) {
      return item.index;
    }
  }
  return -1;
}

void Stepper::WriteReport(const opt_grad_report& report,
                          opt_grad_report* out) const {
  if (report.group_norms != nullptr) {
    std::copy_n(norms_.group_norms(), groups_->count(), report.group_norms);
  }
  WriteStruct(report, report.struct_size, "opt_grad_report", out);
}

// ---- Gradients outside of a step ----

void Stepper::ClassifyGrads(const opt_lent& lent, Frozen frozen) {
  Begin();
  for (int64_t i = 0; i < tensors_->index_count(); ++i) {
    Tensor* tensor = tensors_->Get(i);
    if (tensor == nullptr) continue;
    void* grad = GradOf(*tensor, lent, i);
    if (grad == nullptr) continue;
    if (frozen == Frozen::kLeftOut && IsFrozen(*tensor)) continue;
    CheckBuffer(grad, tensor->grad_dtype, "lent gradient buffer", *tensor);
    Item item = {};
    item.index = i;
    item.tensor = tensor;
    item.grad = grad;
    Add(item);
  }
  if (lent.grads != nullptr) {
    lent_.Check(*tensors_, lent, LentBuffers::kGradsOnly);
  }
}

// Classifies the gradients that a step would use now: the accumulated ones if
// there are any.
void Stepper::ClassifyGradsInUse(const opt_lent& lent) {
  Begin();
  const bool pending = progress_->pending_samples > 0;
  for (int64_t i = 0; i < tensors_->index_count(); ++i) {
    Tensor* tensor = tensors_->Get(i);
    if (tensor == nullptr || IsFrozen(*tensor)) continue;
    Item item = {};
    item.index = i;
    item.tensor = tensor;
    item.grad =
        pending ? tensor->state.accumulator.data() : GradOf(*tensor, lent, i);
    if (pending ? !tensor->state.accumulated : item.grad == nullptr) continue;
    CheckBuffer(item.grad, tensor->grad_dtype, "lent gradient buffer", *tensor);
    Add(item);
  }
}

void Stepper::AllocateAccumulators() {
  if (progress_->accumulators) return;
  const auto count = static_cast<size_t>(tensors_->index_count());
  pmr::Vector<Block> blocks(context_->memory());
  blocks.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const Tensor* tensor = tensors_->Get(static_cast<int64_t>(i));
    if (tensor == nullptr) continue;
    blocks[i] =
        Block(context_->memory(), static_cast<size_t>(tensor->param_bytes()));
  }
  for (size_t i = 0; i < count; ++i) {
    Tensor* tensor = tensors_->Get(static_cast<int64_t>(i));
    if (tensor != nullptr) tensor->state.accumulator = std::move(blocks[i]);
  }
  progress_->accumulators = true;
}

void Stepper::Accumulate(const opt_accumulate_args& args) {
  CheckFlags(args.flags, OPT_ACCUMULATE_ZERO_GRADS | OPT_ACCUMULATE_MEANS,
             "opt_accumulate",
             "OPT_ACCUMULATE_ZERO_GRADS and OPT_ACCUMULATE_MEANS");
  const opt_lent lent = ReadLent(args.lent, tensors_->index_count());
  progress_->CheckNotSwapped("opt_accumulate");
  const int64_t room = kMaxCounter - progress_->pending_samples;
  if (args.samples < 1 || args.samples > room) {
    Fail(OPT_ERR_ARGUMENT, "opt_accumulate_args.samples is ", args.samples,
         ": it must be the number of samples in this micro-batch, 1 to ", room,
         " after the ", progress_->pending_samples, " that are accumulated");
  }
  ClassifyGrads(lent, Frozen::kIncluded);
  AllocateAccumulators();
  const bool zero_grad = (args.flags & OPT_ACCUMULATE_ZERO_GRADS) != 0;
  const double weight = (args.flags & OPT_ACCUMULATE_MEANS) != 0
                            ? static_cast<double>(args.samples)
                            : 1;
  ForEachPiece([&](const Item& item, int64_t begin, int64_t count) {
    const Tensor& tensor = *item.tensor;
    AccumulateChunk chunk = {};
    chunk.sum =
        ElementAt(tensor.state.accumulator.data(), begin, tensor.param_dtype);
    chunk.grad = ElementAt(item.grad, begin, tensor.grad_dtype);
    chunk.count = count;
    chunk.weight = weight;
    chunk.sum_dtype = tensor.param_dtype;
    chunk.grad_dtype = tensor.grad_dtype;
    chunk.first = !tensor.state.accumulated;
    chunk.zero_grad = zero_grad;
    libopt::Accumulate(context_->target(), chunk);
  });
  for (const Item& item : items_) item.tensor->state.accumulated = true;
  progress_->pending_samples += args.samples;
}

void Stepper::Discard() {
  for (int64_t i = 0; i < tensors_->index_count(); ++i) {
    Tensor* tensor = tensors_->Get(i);
    if (tensor != nullptr) tensor->state.accumulated = false;
  }
  progress_->pending_samples = 0;
}

void Stepper::ZeroGrads(const opt_lent* lent) {
  ClassifyGrads(ReadLent(lent, tensors_->index_count()), Frozen::kIncluded);
  for (Item& item : items_) item.zero = item.grad;
  ZeroPass();
}

void Stepper::ZeroPass() {
  ForEachPiece([](const Item& item, int64_t begin, int64_t count) {
    if (item.zero == nullptr) return;
    SetToZero(item.zero, item.tensor->grad_dtype, begin, count);
  });
}

void Stepper::GradNorm(const opt_grad_args& args, opt_grad_report* out) {
  CheckFlags(args.flags, OPT_GRAD_SUM, "opt_grad_norm", "OPT_GRAD_SUM");
  const opt_lent lent = ReadLent(args.lent, tensors_->index_count());
  CheckGradsInUse(lent);
  opt_grad_work work = ReadGradWork(args.work);
  opt_grad_report report = ReadGradReport(out, groups_->count());
  if (progress_->scaler.active()) {
    if (work.loss_scale == 0) work.loss_scale = progress_->scaler.info().scale;
    if (work.nonfinite == OPT_NONFINITE_PROPAGATE) {
      work.nonfinite = OPT_NONFINITE_SKIP;
    }
  }
  ClassifyGradsInUse(lent);
  DecideOnGrads(work, GradScale(work, (args.flags & OPT_GRAD_SUM) != 0),
                &report);
  WriteReport(report, out);
}

void Stepper::ClipGrads(const opt_grad_args& args, opt_grad_report* out) {
  CheckFlags(args.flags, 0, "opt_clip_grads", "none");
  const bool scaled = progress_->scaler.active();
  if (progress_->pending_samples > 0 || scaled) {
    Fail(OPT_ERR_STATE, "opt_clip_grads: ",
         scaled ? "a loss scaler is active"
                : "accumulated gradients are waiting",
         ": clip in the step, with opt_step_args.work");
  }
  const opt_grad_work work = ReadGradWork(args.work);
  opt_grad_report report = ReadGradReport(out, groups_->count());
  ClassifyGrads(ReadLent(args.lent, tensors_->index_count()), Frozen::kLeftOut);
  if (DecideOnGrads(work, GradScale(work, false),
                    out == nullptr ? nullptr : &report)) {
    EditPass();
  }
  if (out != nullptr) WriteReport(report, out);
}

void Stepper::EditPass() {
  ForEachPiece([&](const Item& item, int64_t begin, int64_t count) {
    const opt_dtype dtype = item.tensor->grad_dtype;
    Edit(context_->target(),
         {ElementAt(item.grad, begin, dtype), count, dtype, item.edit});
  });
}

// ---- Weights to evaluate at ----

// The slot of a tensor that holds, or leads to, its weights to evaluate at, or
// nullptr if they are the parameters.
void* Stepper::EvalSlotOf(const Tensor& tensor) const {
  const RuleDescriptor& rule = *rule_->descriptor;
  const int slot = rule.eval_slot >= 0 ? rule.eval_slot : rule.lookahead_slot;
  return slot < 0 ? nullptr : tensor.state.slots[slot];
}

bool Stepper::HasEvalWeights(const Tensor& tensor) const {
  if (tensor.count == 0) return false;
  if (progress_->averaging.kind != 0) return tensor.state.average.updates > 0;
  // The step count may have been set since the parameters were put aside.
  if (progress_->evaluates) return tensor.state.train.size() > 0;
  return EvalSlotOf(tensor) != nullptr && tensor.steps() > 0;
}

void Stepper::CheckEvaluates(const char* call) const {
  const RuleDescriptor& rule = *rule_->descriptor;
  // Weights that were swapped in, or loaded so, can always be swapped back.
  if (progress_->evaluates) return;
  if (progress_->averaging.kind != 0 || rule.eval_slot >= 0) return;
  for (int32_t i = 0; rule.lookahead_option >= 0 && i < groups_->count(); ++i) {
    if ((*groups_)[i].values[rule.lookahead_option] != 0) return;
  }
  Fail(OPT_ERR_STATE, call, ": rule '", rule.name,
       "' evaluates at the parameters themselves, and no average is kept: "
       "opt_average_start begins one");
}

void Stepper::ClassifyEvaluated(const opt_lent& lent) {
  Begin();
  for (int64_t i = 0; i < tensors_->index_count(); ++i) {
    Tensor* tensor = tensors_->Get(i);
    if (tensor == nullptr || !HasEvalWeights(*tensor)) continue;
    void* param = ParamOf(*tensor, lent, i);
    if (param == nullptr) {
      Fail(OPT_ERR_STATE, "tensor '", std::string_view(tensor->name),
           "' has weights to evaluate at but no parameters: lend them in "
           "opt_lent.params, or retain them with opt_bind");
    }
    CheckBuffer(param, tensor->param_dtype, "lent parameter buffer", *tensor);
    Item item = {};
    item.index = i;
    item.tensor = tensor;
    item.param = param;
    Add(item);
  }
  if (lent.params != nullptr) {
    lent_.Check(*tensors_, lent,
                progress_->averaging.kind != 0 ? LentBuffers::kParamsOfAveraged
                                               : LentBuffers::kParamsOfStepped);
  }
}

void Stepper::MakeEvalWeights(const Tensor& tensor, void* weights,
                              int64_t begin, int64_t count) const {
  const opt_dtype dtype = tensor.param_dtype;
  const double factor =
      rule_->eval_factor == nullptr
          ? 1
          : rule_->eval_factor((*groups_)[tensor.group].values);
  UpdateAverage(context_->target(),
                {ElementAt(EvalSlotOf(tensor), begin, dtype),
                 ElementAt(weights, begin, dtype), count,
                 factor == 1 ? kCopy : Average{factor, 1}, dtype});
}

void Stepper::SwapEvalWeights(const opt_lent* args) {
  opt_lent lent = ReadLent(args, tensors_->index_count());
  lent.grads = nullptr;  // not used here
  CheckEvaluates("opt_swap_eval_weights");
  ClassifyEvaluated(lent);
  const bool averages = progress_->averaging.kind != 0;
  const bool begins = !progress_->evaluates;
  if (begins && !averages) {
    pmr::Vector<Block> blocks(context_->memory());
    for (const Item& item : items_) {
      blocks.emplace_back(context_->memory(),
                          static_cast<size_t>(item.tensor->param_bytes()));
    }
    for (size_t i = 0; i < items_.size(); ++i) {
      items_[i].tensor->state.train = std::move(blocks[i]);
    }
  }
  ForEachPiece([&](const Item& item, int64_t begin, int64_t count) {
    const opt_dtype dtype = item.tensor->param_dtype;
    const TensorState& state = item.tensor->state;
    char* param = ElementAt(item.param, begin, dtype);
    const int64_t bytes = count * SizeOf(dtype);
    if (averages) {
      std::swap_ranges(param, param + bytes,
                       ElementAt(state.average.data(), begin, dtype));
      return;
    }
    char* train = ElementAt(state.train.data(), begin, dtype);
    if (begins) {
      std::memcpy(train, param, static_cast<size_t>(bytes));
      MakeEvalWeights(*item.tensor, item.param, begin, count);
    } else {
      std::memcpy(param, train, static_cast<size_t>(bytes));
    }
  });
  for (const Item& item : items_) {
    if (!begins) item.tensor->state.train = Block();
  }
  progress_->evaluates = begins;
}

void Stepper::ReadEvalWeights(const opt_lent* args, int64_t index,
                              void* weights) {
  const opt_lent lent = ReadLent(args, tensors_->index_count());
  progress_->CheckNotSwapped("opt_read_eval_weights");
  CheckEvaluates("opt_read_eval_weights");
  const Tensor& tensor = tensors_->At(index);
  const auto bytes = static_cast<size_t>(tensor.param_bytes());
  if (bytes == 0) return;
  if (weights == nullptr) {
    Fail(OPT_ERR_ARGUMENT, "opt_read_eval_weights: weights is NULL");
  }
  CheckBuffer(weights, tensor.param_dtype, "buffer for weights", tensor);
  const bool averaged =
      progress_->averaging.kind != 0 && HasEvalWeights(tensor);
  const void* from =
      averaged ? tensor.state.average.data() : ParamOf(tensor, lent, index);
  if (from == nullptr) {
    Fail(OPT_ERR_STATE, "tensor '", std::string_view(tensor.name),
         "' has no parameters to make weights of: lend them in "
         "opt_lent.params, or retain them with opt_bind");
  }
  std::memcpy(weights, from, bytes);
  if (!averaged && progress_->averaging.kind == 0 && HasEvalWeights(tensor)) {
    MakeEvalWeights(tensor, weights, 0, tensor.count);
  }
}

}  // namespace libopt
