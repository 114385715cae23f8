// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/plan.h"

#include <algorithm>
#include <cstring>

#include "src/base/memory.h"
#include "src/base/work_count.h"

namespace libopt {
namespace {

// How many records ahead the memory of a small tensor is asked for.
constexpr size_t kAhead = 8;

// Elements after which a gradient is set to zero while it is in the first-level
// cache.
constexpr int64_t kZeroBlock = 1024;

bool TakesPlainSteps(const Rule& rule) {
  const RuleDescriptor& descriptor = *rule.descriptor;
  const auto is_number = [](const SlotDescriptor& slot) {
    return slot.is_tensor_number() || slot.is_group_number();
  };
  return rule.prepare_group == nullptr && rule.finish == nullptr &&
         descriptor.row_slot < 0 &&
         std::none_of(descriptor.slots,
                      descriptor.slots + descriptor.slot_count, is_number);
}

// The distance between a tensor's slots; -1 unless they are equally far apart.
int64_t PitchOf(const Tensor& tensor, char** first) {
  char* last = nullptr;
  int64_t pitch = 0;
  for (void* const data : tensor.state.slots) {
    auto* const slot = static_cast<char*>(data);
    if (slot == nullptr) continue;
    if (last == nullptr) {
      *first = slot;
    } else if (pitch == 0) {
      pitch = slot - last;
    } else if (slot - last != pitch) {
      return -1;
    }
    last = slot;
  }
  return pitch;
}

// A piece of a tensor.
PlainTensor PieceOf(const PlainTensor& tensor, int64_t begin, int64_t count,
                    int64_t element_size) {
  const int64_t offset = begin * element_size;
  return {static_cast<char*>(tensor.param) + offset,
          static_cast<const char*>(tensor.grad) + offset,
          tensor.slots == nullptr ? nullptr : tensor.slots + offset,
          tensor.pitch, count};
}

}  // namespace

StepPlan::StepPlan(Context* context, const Rule* rule, Groups* groups,
                   TensorList* tensors)
    : context_(context),
      rule_(rule),
      groups_(groups),
      tensors_(tensors),
      has_plans_(TakesPlainSteps(*rule)),
      param_copies_(ParamCopies(*rule->descriptor)),
      frozen_(context->memory()),
      keys_(context->memory()),
      records_(context->memory()),
      planned_(context->memory()),
      partition_(context->memory()),
      borrowers_(context->memory()),
      without_(context->memory()),
      used_(context->memory()) {}

void StepPlan::Reserve(int64_t index_count) {
  if (!has_plans_) return;
  keys_.reserve(std::min<size_t>(kMaxKeys, static_cast<size_t>(index_count)));
  ReserveRoom(index_count, &records_);
  ReserveRoom(index_count, &planned_);
  partition_.Reserve(index_count);
  ReserveRoom(index_count, &borrowers_);
  ReserveRoom(index_count, &without_);
  ReserveRoom(2 * index_count, &used_);
}

void StepPlan::ReserveGroups(int64_t groups) {
  if (has_plans_) ReserveRoom(groups, &frozen_);
}

bool StepPlan::Step(int64_t steps, bool zero_grads, const opt_lent& lent) {
  if (!has_plans_ || !Refresh(lent) || (zero_grads && has_idle_grads_) ||
      !TakeBuffers(lent)) {
    return false;
  }
  groups_->Begin(steps);
  for (Key& key : keys_) {
    if (!Prepare(&key)) return false;
  }
  Run(zero_grads);
  ++taken_;
  return true;
}

void StepPlan::Settle() noexcept {
  if (state_ != State::kReady) return;
  for (Tensor* tensor : planned_) {
    tensor->state.step += taken_;
    tensor->planned_steps = nullptr;
  }
  taken_ = 0;
  state_ = State::kStale;
}

// Whether there is a plan, after a stale one was made again.
bool StepPlan::Refresh(const opt_lent& lent) {
  if (lends_params_ != (lent.params != nullptr) ||
      lends_grads_ != (lent.grads != nullptr) || !HasSameGrads(lent)) {
    Drop();
    lends_params_ = lent.params != nullptr;
    lends_grads_ = lent.grads != nullptr;
  }
  if (state_ == State::kUnfit) return false;
  if (group_changes_ != groups_->changes()) {
    for (Key& key : keys_) key.prepared_for = 0;
    if (FindFrozen()) Drop();
  }
  if (state_ == State::kReady) return true;
  if (!Make(lent)) return false;
  for (Tensor* tensor : planned_) tensor->planned_steps = &taken_;
  state_ = State::kReady;
  return true;
}

// Reads which groups are frozen. Returns true if that has changed.
bool StepPlan::FindFrozen() {
  const auto count = static_cast<size_t>(groups_->count());
  bool changed = frozen_.size() != count;
  frozen_.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const bool frozen = IsFrozen((*groups_)[static_cast<int64_t>(i)]);
    changed |= frozen_[i] != frozen;
    frozen_[i] = frozen;
  }
  group_changes_ = groups_->changes();
  return changed;
}

// Whether the same tensors have gradients as when the plan was made.
bool StepPlan::HasSameGrads(const opt_lent& lent) const {
  if (state_ != State::kReady || lent.grads == nullptr) return true;
  return std::all_of(borrowers_.begin(), borrowers_.end(),
                     [&](const Borrower& borrower) {
                       return lent.grads[borrower.index] != nullptr;
                     }) &&
         std::all_of(without_.begin(), without_.end(), [&](int64_t index) {
           return lent.grads[index] == nullptr;
         });
}

bool StepPlan::Make(const opt_lent& lent) {
  keys_.clear();
  records_.clear();
  planned_.clear();
  partition_.Clear();
  borrowers_.clear();
  without_.clear();
  used_.clear();
  must_check_ = true;
  has_idle_grads_ = false;
  for (int64_t i = 0; i < tensors_->index_count(); ++i) {
    Tensor* const tensor = tensors_->Get(i);
    if (tensor == nullptr) continue;
    if (tensor->is_unbound && !lends_params_) return false;  // the step fails
    if (GradOf(*tensor, lent, i) == nullptr) {
      if (lends_grads_) without_.push_back(i);
    } else if (!tensor->attributes.frozen() &&
               !frozen_[static_cast<size_t>(tensor->group)]) {
      if (!Add(lent, i, tensor)) return false;
    } else if (lends_grads_) {
      return false;  // the gradient of a frozen tensor must be checked as well
    } else {
      has_idle_grads_ = true;
    }
  }
  return true;
}

bool StepPlan::Add(const opt_lent& lent, int64_t index, Tensor* tensor) {
  // The first step of a tensor copies its parameters into such slots, so it is
  // not a plain one.
  if (tensor->state.step == 0 && (param_copies_ & tensor->layout) != 0) {
    return false;
  }
  const size_t key = FindKey(*tensor);
  PlainTensor record = {};
  record.param = ParamOf(*tensor, lent, index);
  record.grad = GradOf(*tensor, lent, index);
  record.pitch = PitchOf(*tensor, &record.slots);
  record.count = tensor->count;
  if (key == kMaxKeys || record.pitch < 0 ||
      tensor->grad_dtype != tensor->param_dtype) {
    state_ = State::kUnfit;
    return false;
  }
  const bool lends = lends_params_ || lends_grads_;
  planned_.push_back(tensor);
  if (tensor->count == 0) return !lends;
  if (record.param == nullptr) return false;  // the step fails
  if (lends) {
    borrowers_.push_back({index, tensor->param});
    for (const bool is_grad : {false, true}) {
      used_.push_back({0, 0, static_cast<int64_t>(records_.size()), is_grad});
    }
  }
  records_.push_back({record, static_cast<int64_t>(key)});
  partition_.Add(tensor->count, SizeOf(tensor->param_dtype));
  return true;
}

size_t StepPlan::FindKey(const Tensor& tensor) {
  const ScalarsKey first = KeyOf(tensor, nullptr);
  for (size_t i = keys_.size(); i-- > 0;) {
    OPT_COUNT(1);
    const Key& key = keys_[i];
    if (key.first == first && key.kernel.loops == tensor.kernel.loops) return i;
  }
  if (keys_.size() == kMaxKeys) return kMaxKeys;
  Key key = {};
  key.first = first;
  key.dtype = tensor.param_dtype;
  key.kernel = tensor.kernel;
  keys_.push_back(key);
  return keys_.size() - 1;
}

bool StepPlan::TakeBuffers(const opt_lent& lent) {
  if (!lends_params_ && !lends_grads_) return true;
  for (size_t i = 0; i < records_.size(); ++i) {
    if (!TakeBuffersOf(i, lent)) return false;
  }
  if (must_check_ && !AreDisjoint()) return false;
  must_check_ = false;
  return true;
}

bool StepPlan::TakeBuffersOf(size_t record, const opt_lent& lent) {
  const Borrower& borrower = borrowers_[record];
  PlainTensor& tensor = records_[record].tensor;
  void* param = borrower.param;
  if (lends_params_ && lent.params[borrower.index] != nullptr) {
    param = lent.params[borrower.index];
  }
  const void* const grad =
      lends_grads_ ? lent.grads[borrower.index] : tensor.grad;
  const auto key = static_cast<size_t>(records_[record].key);
  const opt_dtype dtype = keys_[key].dtype;
  for (const void* const data : {static_cast<const void*>(param), grad}) {
    if (data == nullptr || !IsAligned(data, dtype) ||
        !FitsAddressSpace(data, dtype, tensor.count)) {
      return false;
    }
  }
  must_check_ |= param != tensor.param || grad != tensor.grad;
  tensor.param = param;
  tensor.grad = grad;
  return true;
}

// Whether no two buffers of the step share memory.
bool StepPlan::AreDisjoint() {
  for (Range& used : used_) {
    const Record& record = records_[static_cast<size_t>(used.tensor)];
    const Key& key = keys_[static_cast<size_t>(record.key)];
    const void* const data =
        used.is_grad ? record.tensor.grad : record.tensor.param;
    used = RangeOf(data, record.tensor.count * SizeOf(key.dtype), used.tensor,
                   used.is_grad);
  }
  return FindOverlap(&used_) == nullptr;
}

bool StepPlan::Prepare(Key* key) {
  ScalarsKey now = key->first;
  now.step += taken_;
  if (now.step > kMaxCounter) return false;
  const double* const options = groups_->Now(now.group).values;
  const int lookahead = rule_->descriptor->lookahead_option;
  const bool is_settled = groups_->schedules().empty() &&
                          rule_->settles_at != nullptr &&
                          (lookahead < 0 || options[lookahead] == 0) &&
                          key->prepared_for >= rule_->settles_at(options);
  if (key->prepared_for != 0 && is_settled) return true;
  if (!PreparePlainStep(*rule_, *groups_, now, key->kernel, &key->prepared)) {
    return false;
  }
  key->prepared_for = now.step;
  return true;
}

void StepPlan::Run(bool zero_grads) {
  const auto run = [&](size_t at, int64_t begin, int64_t count) {
    const size_t next = at + kAhead;
    RunPiece(records_[at], begin, count, zero_grads,
             next < records_.size() ? &records_[next].tensor : nullptr);
  };
  if (!context_->parallel()) {  // no need to read the partition as well
    for (size_t i = 0; i < records_.size(); ++i) {
      run(i, 0, records_[i].tensor.count);
    }
    return;
  }
  partition_.Run(context_, [&](int64_t i, int64_t begin, int64_t count) {
    run(static_cast<size_t>(i), begin, count);
  });
}

void StepPlan::RunPiece(const Record& record, int64_t begin, int64_t count,
                        bool zero_grad, const PlainTensor* next) const {
  const Key& key = keys_[static_cast<size_t>(record.key)];
  const PreparedStep& step = key.prepared;
  const PlainTensor& tensor = record.tensor;
  if (!zero_grad && count == tensor.count) {
    step.function(step, tensor, next);
    return;
  }
  const int64_t size = SizeOf(key.dtype);
  const int64_t most = zero_grad ? kZeroBlock : count;
  for (const int64_t end = begin + count; begin < end; begin += most) {
    const PlainTensor piece =
        PieceOf(tensor, begin, std::min(most, end - begin), size);
    step.function(step, piece, next);
    if (zero_grad) {
      std::memset(const_cast<void*>(piece.grad), 0,
                  static_cast<size_t>(piece.count * size));
    }
  }
}

}  // namespace libopt
