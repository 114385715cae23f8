// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/tensor_list.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "src/base/error.h"
#include "src/base/text.h"
#include "src/base/work_count.h"

namespace libopt {
namespace {

Range ParamRange(const Tensor& tensor, int64_t index) {
  return RangeOf(tensor.param, tensor.param_bytes(), index, false);
}
Range GradRange(const Tensor& tensor, int64_t index) {
  return RangeOf(tensor.grad, tensor.grad_bytes(), index, true);
}

}  // namespace

TensorList::Staged::~Staged() {
  for (const int64_t index : indices) list_->GiveBack(index);
}

// The heap yields indices in ascending order, so that duplicates follow each
// other.
int64_t TensorList::TakeFreeIndex(const Staged& staged) {
  const int64_t last = staged.indices.empty() ? -1 : staged.indices.back();
  while (!free_.empty()) {
    OPT_COUNT(1);
    std::pop_heap(free_.begin(), free_.end(), std::greater<>());
    const int64_t index = free_.back();
    free_.pop_back();
    if (index < index_count() && Get(index) == nullptr && index != last) {
      return index;
    }
  }
  return std::max(index_count(), last + 1);
}

// The heap has room: the index came from it, or Prepare() has reserved space.
void TensorList::GiveBack(int64_t index) noexcept {
  if (index >= index_count()) return;
  free_.push_back(index);
  std::push_heap(free_.begin(), free_.end(), std::greater<>());
}

void TensorList::Stage(const opt_tensor& spec, Staged* staged) {
  Owned<Tensor> tensor = MakeOwned<Tensor>(memory_, memory_);
  ReserveRoom(static_cast<int64_t>(staged->indices.size()) + 1,
              &staged->indices);
  const int64_t index = TakeFreeIndex(*staged);
  staged->indices.push_back(index);
  tensor->Describe(spec, index);
  const auto taken = [&](std::string_view name) {
    return by_name_.count(name) != 0 || staged->names_.count(name) != 0;
  };
  for (int64_t k = index; spec.name == nullptr && taken(tensor->name); ++k) {
    tensor->name = Text("tensor.", k).view();
  }
  if (taken(tensor->name)) {
    const bool attached = by_name_.count(tensor->name) != 0;
    Fail(OPT_ERR_NAME, "a tensor named '", std::string_view(tensor->name),
         attached ? "' is attached already" : "' is in this call twice",
         ": names must be unique");
  }
  staged->names_.emplace(tensor->name, index);
  staged->tensors.push_back(std::move(tensor));
}

std::string_view TensorList::NameOf(int64_t index, const Staged* staged) const {
  if (index < index_count() && Get(index) != nullptr) return Get(index)->name;
  const auto at =
      std::find(staged->indices.begin(), staged->indices.end(), index);
  return staged->tensors[static_cast<size_t>(at - staged->indices.begin())]
      ->name;
}

void TensorList::FailOverlap(const Range& first, const Range& second,
                             const Staged* staged) const {
  const Range& a = first.begin <= second.begin ? first : second;
  const Range& b = first.begin <= second.begin ? second : first;
  Fail(OPT_ERR_OVERLAP, "the ", KindOf(a), " buffer of tensor '",
       NameOf(a.tensor, staged), "' and the ", KindOf(b), " buffer of tensor '",
       NameOf(b.tensor, staged), "' share ",
       static_cast<int64_t>(std::min(a.end, b.end) - b.begin),
       " bytes: give each its own memory");
}

void TensorList::Prepare(Staged* staged) {
  for (size_t i = 0; i < staged->tensors.size(); ++i) {
    const Tensor& tensor = *staged->tensors[i];
    const int64_t index = staged->indices[i];
    for (const Range& range :
         {ParamRange(tensor, index), GradRange(tensor, index)}) {
      for (const DisjointRanges* others : {&ranges_, &staged->ranges_}) {
        const Range* overlap = others->FindOverlap(range);
        if (overlap != nullptr) FailOverlap(*overlap, range, staged);
      }
      staged->ranges_.Add(range);
    }
  }
  const auto count = static_cast<int64_t>(staged->tensors.size());
  by_name_.reserve(by_name_.size() + staged->names_.size());
  ReserveRoom(IndexCountWith(*staged), &by_index_);
  ReserveRoom(static_cast<int64_t>(free_.size()) + tensor_count() + count,
              &free_);
}

int64_t TensorList::IndexCountWith(const Staged& staged) const {
  return staged.indices.empty()
             ? index_count()
             : std::max(index_count(), staged.indices.back() + 1);
}

void TensorList::Sum(const Tensor& tensor, int64_t sign) noexcept {
  param_count_ += sign * tensor.count;
  param_bytes_ += sign * tensor.param_bytes();
  slot_bytes_ += sign * tensor.state.slot_bytes;
}

void TensorList::Commit(Staged* staged) noexcept {
  for (size_t i = 0; i < staged->tensors.size(); ++i) {
    const auto index = static_cast<size_t>(staged->indices[i]);
    if (index >= by_index_.size()) by_index_.resize(index + 1);
    Sum(*staged->tensors[i], 1);
    by_index_[index] = std::move(staged->tensors[i]);
  }
  staged->tensors.clear();
  staged->indices.clear();
  by_name_.merge(staged->names_);
  ranges_.Merge(&staged->ranges_);
}

void TensorList::ReserveIndices(const TensorList& other) {
  by_index_.resize(other.by_index_.size());
  free_.clear();
  for (int64_t i = 0; i < other.index_count(); ++i) {
    if (other.Get(i) != nullptr) free_.push_back(i);  // ascending: a heap
  }
}

void TensorList::TakeFreeIndices(const TensorList& other) {
  free_.assign(other.free_.begin(), other.free_.end());
  ReserveRoom(static_cast<int64_t>(free_.size()) + tensor_count(), &free_);
}

void TensorList::Bind(int64_t index, void* param, void* grad) {
  Tensor& tensor = At(index);
  CheckBuffer(param, tensor.param_dtype, "parameter buffer", tensor);
  CheckBuffer(grad, tensor.grad_dtype, "gradient buffer", tensor);
  DisjointRanges bound(memory_);
  for (const Range& range : {RangeOf(param, tensor.param_bytes(), index, false),
                             RangeOf(grad, tensor.grad_bytes(), index, true)}) {
    const Range* overlap = ranges_.FindOverlap(range, index);
    if (overlap == nullptr) overlap = bound.FindOverlap(range);
    if (overlap != nullptr) FailOverlap(*overlap, range, nullptr);
    bound.Add(range);
  }
  ranges_.Remove(ParamRange(tensor, index));
  ranges_.Remove(GradRange(tensor, index));
  ranges_.Merge(&bound);
  tensor.param = param;
  tensor.grad = grad;
  tensor.is_unbound = false;
}

void TensorList::Remove(int64_t index) noexcept {
  Tensor& tensor = *Get(index);
  by_name_.erase(tensor.name);
  ranges_.Remove(ParamRange(tensor, index));
  ranges_.Remove(GradRange(tensor, index));
  Sum(tensor, -1);
  by_index_[static_cast<size_t>(index)] = nullptr;
  while (!by_index_.empty() && by_index_.back() == nullptr) {
    by_index_.pop_back();
  }
  GiveBack(index);
}

Tensor& TensorList::At(int64_t index) const {
  if (index < 0 || index >= index_count()) {
    Fail(OPT_ERR_RANGE, "there is no tensor ", index, ": ",
         index_count() == 0
             ? Text("none is attached").view()
             : Text("indices are 0 to ", index_count() - 1).view());
  }
  Tensor* tensor = Get(index);
  if (tensor == nullptr) Fail(OPT_ERR_RANGE, "tensor ", index, " was detached");
  return *tensor;
}

int64_t TensorList::Find(std::string_view name) const {
  const int64_t found = TryFind(name);
  if (found >= 0) return found;
  NearestName nearest(name);
  for (const auto& [other, index] : by_name_) nearest.Offer(other);
  Fail(OPT_ERR_NAME, "no tensor is named '", name, "'", nearest.Hint().view());
}

}  // namespace libopt
