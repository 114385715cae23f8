// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/optimizer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "src/base/error.h"
#include "src/base/memory.h"
#include "src/base/pmr.h"

namespace libopt {

Optimizer::Optimizer(Context* context, const NamedRule& named)
    : context_(context),
      named_(named),
      groups_(named, context->memory()),
      state_memory_(context->memory()),
      tensors_(context->memory()),
      work_(context, &tensors_),
      gradients_(&groups_, &tensors_, &progress_, &work_),
      accumulation_(&tensors_, &progress_, &work_, &gradients_),
      eval_weights_(named.rule, &groups_, &tensors_, &progress_, &work_),
      stepper_(context, named.rule, &groups_, &tensors_, &progress_, &work_,
               &gradients_, &accumulation_),
      sliced_step_(&tensors_, &progress_, &work_, &accumulation_, &stepper_) {
  context->Ref();
}

void Optimizer::Destroy(Optimizer* optimizer) {
  Context* context = optimizer->context_;
  context->Ref();  // its memory must outlive the optimizer
  Delete(context->memory(), optimizer);
  context->Unref();
}

int32_t Optimizer::AddGroup(const OptionChanges& changes) {
  gradients_.ReserveGroups(groups_.count() + 1);
  stepper_.ReserveGroups(groups_.count() + 1);
  return groups_.Add(changes);
}

void Optimizer::AllocateStaged(TensorList::Staged* staged) {
  int64_t block_count = block_count_;
  for (Owned<Tensor>& tensor : staged->tensors) {
    block_count += SumBlocks(tensor->count);
    tensor->AllocateState(*named_.rule, groups_[tensor->group],
                          context_->target(), &state_memory_);
    if (progress_.accumulators) tensor->AllocateAccumulator(&state_memory_);
    if (progress_.averaging.kind != 0) tensor->AllocateAverage(&state_memory_);
  }
  tensors_.Prepare(staged);
  const int64_t index_count = tensors_.IndexCountWith(*staged);
  work_.Reserve(index_count);
  gradients_.Reserve(index_count, block_count);
  stepper_.Reserve(index_count, block_count);
  sliced_step_.Reserve(index_count);
  for (const Owned<Tensor>& tensor : staged->tensors) {
    stepper_.ReserveFor(*tensor);
  }
}

void Optimizer::CommitStaged(TensorList::Staged* staged,
                             int64_t* indices) noexcept {
  stepper_.DropPlan();
  for (size_t i = 0; i < staged->indices.size(); ++i) {
    block_count_ += SumBlocks(staged->tensors[i]->count);
    groups_.CountTensor(staged->tensors[i]->group, 1);
    if (indices != nullptr) indices[i] = staged->indices[i];
  }
  tensors_.Commit(staged);
}

void Optimizer::Detach(int64_t index) {
  const Tensor& tensor = tensors_.At(index);
  // While evaluation weights are in the caller's buffer, the parameters are
  // here.
  if (tensor.state.average.updates > 0 || tensor.state.train.size() > 0) {
    progress_.CheckNotSwapped("opt_detach");
  }
  stepper_.DropPlan();
  block_count_ -= SumBlocks(tensor.count);
  groups_.CountTensor(tensor.group, -1);
  tensors_.Remove(index);
}

void Optimizer::AddStateBytes(const opt_tensor& spec, int64_t* sum) const {
  groups_.Check(spec.group);
  opt_tensor unnamed = spec;
  unnamed.name = nullptr;
  unnamed.param = unnamed.grad = nullptr;
  Tensor tensor(memory());
  tensor.Describe(unnamed, 0);
  const auto add = [&](int64_t bytes) {
    if (bytes > INT64_MAX - *sum) {
      Fail(OPT_ERR_LIMIT, "opt_state_bytes: the state has more than ",
           INT64_MAX, " bytes: check the counts of the tensors");
    }
    *sum += bytes;
  };
  if (progress_.accumulators) add(tensor.param_bytes());
  if (progress_.averaging.kind != 0) add(tensor.param_bytes());
  const SlotSizes sizes = tensor.SizesOf(rule(), LayoutOfTensor(tensor));
  for (const int64_t bytes : sizes.bytes) {
    if (bytes != SlotSizes::kNoSlot) add(bytes);
  }
}

void Optimizer::CopyFrom(const Optimizer& other) {
  other.progress_.CheckNotSwapped("opt_clone");
  while (groups_.count() < other.groups_.count()) AddGroup();
  groups_.CopyFrom(other.groups_);
  progress_ = other.progress_;
  tensors_.ReserveIndices(other.tensors_);
  TensorList::Staged staged(&tensors_);
  for (int64_t i = 0; i < other.tensors_.index_count(); ++i) {
    const Tensor* tensor = other.tensors_.Get(i);
    if (tensor != nullptr) tensors_.Stage(tensor->Spec(), &staged);
  }
  AllocateStaged(&staged);
  CommitStaged(&staged, nullptr);
  tensors_.TakeFreeIndices(other.tensors_);
  for (int64_t i = 0; i < tensors_.index_count(); ++i) {
    Tensor* tensor = tensors_.Get(i);
    if (tensor != nullptr) tensor->CopyFrom(*other.tensors_.Get(i));
  }
}

void Optimizer::AverageStart(const opt_average_config& config) {
  progress_.CheckNotSwapped("opt_average_start");
  if (config.reserved != 0) {
    Fail(OPT_ERR_ARGUMENT, "opt_average_config.reserved must be 0");
  }
  Averaging next;
  next.kind = config.kind;
  next.flags = config.flags;
  next.decay = config.decay;
  next.start = config.start;
  next.period = config.period;
  CheckAveraging(next);
  next.period = std::max<int64_t>(1, next.period);
  const bool goes_on = next.kind == progress_.averaging.kind;
  if (goes_on) next.updates = progress_.averaging.updates;

  const auto count = static_cast<size_t>(tensors_.index_count());
  pmr::Vector<TensorAverage> fresh(context_->memory());
  if (progress_.averaging.kind == 0) fresh.resize(count);
  for (size_t i = 0; i < fresh.size(); ++i) {
    const Tensor* tensor = tensors_.Get(static_cast<int64_t>(i));
    if (tensor == nullptr) continue;
    fresh[i] = TensorAverage(tensor->param_bytes(), context_->memory());
  }
  for (size_t i = 0; i < count; ++i) {
    Tensor* tensor = tensors_.Get(static_cast<int64_t>(i));
    if (tensor == nullptr || goes_on) continue;
    if (!fresh.empty()) tensor->state.average = std::move(fresh[i]);
    tensor->state.average.updates = 0;
  }
  progress_.averaging = next;
}

void Optimizer::AverageStop() {
  progress_.CheckNotSwapped("opt_average_stop");
  for (int64_t i = 0; i < tensors_.index_count(); ++i) {
    Tensor* tensor = tensors_.Get(i);
    if (tensor != nullptr) tensor->state.average = TensorAverage();
  }
  progress_.averaging = Averaging();
}

opt_average_info Optimizer::AverageInfo() const {
  opt_average_info info = {};
  info.kind = progress_.averaging.kind;
  info.decay = progress_.averaging.decay;
  info.start = progress_.averaging.start;
  info.period = progress_.averaging.kind == 0 ? 0 : progress_.averaging.period;
  info.flags = progress_.averaging.flags;
  info.swapped = progress_.evaluates ? 1 : 0;
  info.updates = progress_.averaging.updates;
  return info;
}

opt_info Optimizer::Info() const {
  opt_info info = {};
  info.group_count = groups_.count();
  info.index_count = tensors_.index_count();
  info.tensor_count = tensors_.tensor_count();
  info.param_count = tensors_.param_count();
  const int64_t copies = (progress_.accumulators ? 1 : 0) +
                         (progress_.averaging.kind != 0 ? 1 : 0);
  info.state_bytes = tensors_.slot_bytes() + copies * tensors_.param_bytes();
  info.steps = progress_.steps;
  info.pending_samples = progress_.pending_samples;
  info.skipped = progress_.skipped;
  info.remaining = sliced_step_.remaining();
  info.rule = rule().name;
  return info;
}

opt_tensor_info Optimizer::TensorInfo(int64_t index) const {
  const Tensor& tensor = tensors_.At(index);
  opt_tensor_info info = {};
  info.group = tensor.group;
  info.param_dtype = tensor.param_dtype;
  info.grad_dtype = tensor.grad_dtype;
  info.count = tensor.count;
  info.step = tensor.steps();
  info.shape = tensor.shape.data();
  info.name = tensor.name.c_str();
  info.param = tensor.param;
  info.grad = tensor.grad;
  info.rank = static_cast<int32_t>(tensor.shape.size());
  return info;
}

void Optimizer::SetAttribute(int64_t index, std::string_view attribute,
                             double value) {
  Tensor& tensor = tensors_.At(index);
  const int found = FindAttribute(attribute);
  CheckValue(kAttributes[found], value, "attribute");
  stepper_.DropPlan();
  tensor.attributes.values[found] = value;
}

double Optimizer::GetAttribute(int64_t index,
                               std::string_view attribute) const {
  return tensors_.At(index).attributes.values[FindAttribute(attribute)];
}

void Optimizer::SetTensorGroup(int64_t index, int32_t group) {
  Tensor& tensor = tensors_.At(index);
  groups_.Check(group);
  const Layout changed = LayoutOfTensor(tensor) ^
                         LayoutOf(rule(), groups_[group], tensor.shape_view());
  for (int slot = 0; slot < rule().slot_count; ++slot) {
    if ((changed >> slot & 1) == 0) continue;
    const bool by_shape = rule().slots[slot].tensors != SlotTensors::kAll;
    const int option =
        by_shape ? rule().factor_option : rule().slots[slot].when_option;
    Fail(OPT_ERR_STATE, "opt_tensor_set_group: tensor '",
         std::string_view(tensor.name), "' is in group ", tensor.group,
         ", where option '", rule().options[option].name, "' is ",
         groups_[tensor.group].values[option], ", but in group ", group,
         " it is ", groups_[group].values[option],
         ", which needs different state: detach the tensor and attach it "
         "there, or give both groups the same value");
  }
  stepper_.DropPlan();
  groups_.CountTensor(tensor.group, -1);
  groups_.CountTensor(group, 1);
  tensor.group = group;
}

void Optimizer::SetTensorStep(int64_t index, int64_t step) {
  Tensor& tensor = tensors_.At(index);
  if (step < 0 || step > kMaxCounter) {
    Fail(OPT_ERR_ARGUMENT, "opt_tensor_set_step: step of tensor '",
         std::string_view(tensor.name), "' would be ", step,
         ": it must be a number of steps, 0 to ", kMaxCounter);
  }
  stepper_.DropPlan();
  tensor.state.step = step;
}

opt_view Optimizer::StateView(int64_t index, std::string_view slot) {
  const Tensor& tensor = tensors_.At(index);
  opt_view view = {};
  view.dtype = tensor.param_dtype;
  view.count = tensor.count;
  view.shape = tensor.shape.data();
  view.rank = static_cast<int32_t>(tensor.shape.size());
  if (slot == kAccumulatorSlot) {
    if (!progress_.accumulators) {
      Fail(OPT_ERR_NAME, "there is no state '", slot,
           "' yet: opt_accumulate makes it");
    }
    view.data = tensor.state.accumulator.data();
    if (!tensor.state.accumulated && tensor.count > 0) {
      std::memset(tensor.state.accumulator.data(), 0,
                  tensor.state.accumulator.size());
    }
    return view;
  }
  if (slot == kAverageSlot) {
    if (progress_.averaging.kind == 0) {
      Fail(OPT_ERR_NAME, "there is no state '", slot,
           "' yet: opt_average_start makes it");
    }
    view.data = tensor.state.average.data();
    if (tensor.state.average.updates == 0 && tensor.count > 0) {
      std::memset(view.data, 0, static_cast<size_t>(tensor.param_bytes()));
    }
    return view;
  }
  return SlotView(tensor, slot);
}

opt_view Optimizer::SlotView(const Tensor& tensor, std::string_view slot) {
  for (int i = 0; i < rule().slot_count; ++i) {
    if (slot != rule().slots[i].name) continue;
    if (rule().slots[i].is_group_number()) {
      opt_view view = {};
      view.dtype = OPT_F64;
      view.count = 1;
      view.data = &groups_.NumbersOf(tensor.group)[i];
      return view;
    }
    if ((LayoutOfTensor(tensor) >> i & 1) != 0) return tensor.ViewOf(rule(), i);
    if (rule().slots[i].tensors != SlotTensors::kAll) {
      Fail(OPT_ERR_NAME, "tensor '", std::string_view(tensor.name),
           "' has no state '", slot, "': ",
           rule().slots[i].tensors == SlotTensors::kFactored
               ? "its second moment is not factored"
               : "its second moment is kept in factors");
    }
    Fail(OPT_ERR_NAME, "tensor '", std::string_view(tensor.name),
         "' has no state '", slot, "': it exists when option '",
         rule().options[rule().slots[i].when_option].name, "' is not 0");
  }
  NearestName nearest(slot);
  for (int i = 0; i < rule().slot_count; ++i) {
    nearest.Offer(rule().slots[i].name);
  }
  Fail(OPT_ERR_NAME, "rule '", rule().name, "' has no state '", slot, "'",
       nearest.Hint().view(), " (opt_slot_at lists them)");
}

}  // namespace libopt
