// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/optimizer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "src/base/error.h"

namespace libopt {
namespace {

constexpr std::string_view kAccumulatorSlot = "grad_accumulator";
constexpr std::string_view kAverageSlot = "param_average";

}  // namespace

Optimizer::Optimizer(Context* context, const NamedRule& named)
    : context_(context),
      named_(named),
      defaults_(MakeGroup(named, nullptr, 0)),
      groups_(1, defaults_, context->memory()),
      schedules_(context->memory()),
      scheduled_(1, defaults_, context->memory()),
      tensors_(context->memory()),
      work_(context->memory()),
      norms_(context->memory()),
      partition_(context->memory()),
      scalars_(context->memory()),
      lent_(context->memory()) {
  norms_.ReserveGroups(1);
  context->Ref();
}

void Optimizer::Destroy(Optimizer* optimizer) {
  Context* context = optimizer->context_;
  context->Ref();  // its memory must outlive the optimizer
  Delete(context->memory(), optimizer);
  context->Unref();
}

void Optimizer::CheckGroup(int32_t group) const {
  const auto count = static_cast<int32_t>(groups_.size());
  if (group < 0 || group >= count) {
    Fail(OPT_ERR_RANGE, "there is no group ", group, ": groups are 0 to ",
         count - 1, "; opt_add_group makes another");
  }
}

int32_t Optimizer::AddGroup() {
  norms_.ReserveGroups(static_cast<int64_t>(groups_.size()) + 1);
  const auto group = static_cast<int32_t>(groups_.size());
  ReserveRoom(group + 1, &groups_);
  ReserveRoom(group + 1, &scheduled_);
  schedules_.AddGroup(group);
  groups_.push_back(defaults_);
  scheduled_.push_back(defaults_);
  return group;
}

// Applies change(group) to one group, or to all and the defaults, once it is
// known that no layout in use changes.
template <typename Change>
void Optimizer::ChangeGroups(int32_t group, const Change& change) {
  if (group != OPT_ALL_GROUPS) CheckGroup(group);
  for (int pass = 0; pass < 2; ++pass) {
    for (size_t i = 0; i < groups_.size(); ++i) {
      if (group != OPT_ALL_GROUPS && group != static_cast<int32_t>(i)) continue;
      Group changed = groups_[i];
      change(&changed);
      if (pass == 0) CheckLayoutKept(rule(), groups_[i], changed);
      if (pass == 1) groups_[i] = changed;
    }
  }
  if (group == OPT_ALL_GROUPS) change(&defaults_);
}

void Optimizer::Set(int32_t group, std::string_view option, double value) {
  const int index = FindOption(rule(), option);
  CheckValue(rule().options[index], value);
  ChangeGroups(group, [&](Group* changed) { changed->values[index] = value; });
}

double Optimizer::Get(int32_t group, std::string_view option) const {
  const int index = FindOption(rule(), option);
  if (group != OPT_ALL_GROUPS) CheckGroup(group);
  return OwnValues(group).values[index];
}

void Optimizer::SetPreset(int32_t group, std::string_view preset) {
  const NamedValues& values = FindPreset(rule(), preset);
  ChangeGroups(group, [&](Group* changed) {
    *changed = MakeGroup(named_, &values, changed->tensor_count);
  });
}

void Optimizer::AttachStaged(TensorList::Staged* staged, int64_t* indices) {
  int64_t block_count = block_count_;
  for (Owned<Tensor>& tensor : staged->tensors) {
    block_count += GradNorms::BlockCount(tensor->count);
    const Group& group = groups_[static_cast<size_t>(tensor->group)];
    tensor->AllocateState(*named_.rule, group, context_->target(),
                          context_->memory());
    if (accumulators_) tensor->AllocateAccumulator(context_->memory());
    if (averaging_.kind != 0) tensor->AllocateAverage(context_->memory());
  }
  tensors_.Prepare(staged);
  Reserve(tensors_.IndexCountWith(*staged), block_count);
  block_count_ = block_count;
  for (size_t i = 0; i < staged->indices.size(); ++i) {
    ++groups_[static_cast<size_t>(staged->tensors[i]->group)].tensor_count;
    if (indices != nullptr) indices[i] = staged->indices[i];
  }
  tensors_.Commit(staged);
}

void Optimizer::Reserve(int64_t index_count, int64_t block_count) {
  ReserveRoom(index_count, &work_);
  norms_.Reserve(index_count, block_count);
  partition_.Reserve(index_count);
  scalars_.Reserve(index_count);
  lent_.Reserve(index_count);
}

void Optimizer::Detach(int64_t index) {
  const Tensor& tensor = tensors_.At(index);
  const int32_t group = tensor.group;
  // Its average is where its parameters are.
  if (tensor.state.average.updates > 0) CheckNotSwapped("opt_detach");
  block_count_ -= GradNorms::BlockCount(tensor.count);
  tensors_.Remove(index);
  --groups_[static_cast<size_t>(group)].tensor_count;
}

void Optimizer::Restore(Restored* restored) noexcept {
  defaults_ = restored->defaults;
  std::copy(restored->groups.begin(), restored->groups.end(), groups_.begin());
  steps_ = restored->steps;
  pending_samples_ = restored->pending_samples;
  skipped_ = restored->skipped;
  scaler_ = restored->scaler;
  accumulators_ = restored->accumulators;
  averaging_ = restored->averaging;
  if (restored->takes_schedules) std::swap(schedules_, restored->schedules);
}

opt_info Optimizer::Info() const {
  opt_info info = {};
  info.group_count = static_cast<int32_t>(groups_.size());
  info.index_count = tensors_.index_count();
  info.tensor_count = tensors_.tensor_count();
  for (int64_t i = 0; i < tensors_.index_count(); ++i) {
    const Tensor* tensor = tensors_.Get(i);
    if (tensor == nullptr) continue;
    info.param_count += tensor->count;
    info.state_bytes += tensor->StateBytes();
  }
  info.steps = steps_;
  info.pending_samples = pending_samples_;
  info.skipped = skipped_;
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
  info.step = tensor.state.step;
  info.shape = tensor.shape.data();
  info.name = tensor.name.c_str();
  info.param = tensor.param;
  info.grad = tensor.grad;
  info.rank = static_cast<int32_t>(tensor.shape.size());
  return info;
}

void Optimizer::SetTensor(int64_t index, std::string_view attribute,
                          double value) {
  Tensor& tensor = tensors_.At(index);
  const int found = FindAttribute(attribute);
  CheckValue(kAttributes[found], value, "attribute");
  tensor.attributes.values[found] = value;
}

double Optimizer::GetTensor(int64_t index, std::string_view attribute) const {
  return tensors_.At(index).attributes.values[FindAttribute(attribute)];
}

void Optimizer::SetTensorStep(int64_t index, int64_t step) {
  Tensor& tensor = tensors_.At(index);
  if (step < 0 || step > kMaxCounter) {
    Fail(OPT_ERR_ARGUMENT, "opt_set_tensor_step: step of tensor '",
         std::string_view(tensor.name), "' would be ", step,
         ": it is a number of steps, 0 to ", kMaxCounter);
  }
  tensor.state.step = step;
}

opt_view Optimizer::StateView(int64_t index, std::string_view slot) const {
  const Tensor& tensor = tensors_.At(index);
  opt_view view = {};
  view.dtype = tensor.param_dtype;
  view.count = tensor.count;
  if (slot == kAccumulatorSlot) {
    if (!accumulators_) {
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
    if (averaging_.kind == 0) {
      Fail(OPT_ERR_NAME, "there is no state '", slot,
           "' yet: opt_average_start makes it");
    }
    view.data = tensor.state.average.data();
    if (tensor.state.average.updates == 0 && tensor.count > 0) {
      std::memset(view.data, 0, static_cast<size_t>(tensor.param_bytes()));
    }
    return view;
  }
  NearestName nearest(slot);
  for (int i = 0; i < rule().slot_count; ++i) {
    nearest.Offer(rule().slots[i].name);
    if (slot != rule().slots[i].name) continue;
    const Group& group = groups_[static_cast<size_t>(tensor.group)];
    if ((LayoutOf(rule(), group) >> i & 1) == 0) {
      Fail(OPT_ERR_NAME, "tensor '", std::string_view(tensor.name),
           "' has no state '", slot, "': it exists when option '",
           rule().options[rule().slots[i].when_option].name, "' is not 0");
    }
    view.data = tensor.state.slots[i];
    return view;
  }
  Fail(OPT_ERR_NAME, "rule '", rule().name, "' has no state '", slot, "'",
       nearest.Hint().view(), " (opt_slot_at lists them)");
}

}  // namespace libopt
