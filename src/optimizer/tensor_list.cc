// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/tensor_list.h"

#include <algorithm>
#include <iterator>

#include "src/base/error.h"
#include "src/base/text.h"

namespace libopt {
namespace {

void AddBuffers(const Tensor& tensor, int64_t index, Ranges* ranges) {
  AddRange(tensor.param, tensor.param_bytes(), index, false, ranges);
  AddRange(tensor.grad, tensor.grad_bytes(), index, true, ranges);
}

const char* BufferName(const Range& range) {
  return range.is_grad ? "gradient" : "parameter";
}

}  // namespace

int64_t TensorList::NextFreeIndex(const Staged& staged) const {
  int64_t index = staged.indices.empty() ? 0 : staged.indices.back() + 1;
  if (tensor_count() == index_count()) return std::max(index, index_count());
  while (index < index_count() && Get(index) != nullptr) ++index;
  return index;
}

void TensorList::Stage(const opt_tensor& spec, Staged* staged) const {
  const int64_t index = NextFreeIndex(*staged);
  Owned<Tensor> tensor = MakeOwned<Tensor>(memory_, memory_);
  tensor->Describe(spec, index);
  const auto taken = [&](std::string_view name) {
    return by_name_.count(name) != 0 || staged->names.count(name) != 0;
  };
  for (int64_t k = index; spec.name == nullptr && taken(tensor->name); ++k) {
    tensor->name = Text("tensor.", k).view();
  }
  if (taken(tensor->name)) {
    const bool attached = by_name_.count(tensor->name) != 0;
    Fail(OPT_ERR_NAME, "a tensor named '", std::string_view(tensor->name),
         attached ? "' is attached already" : "' is in this call twice",
         ": names are unique");
  }
  AddBuffers(*tensor, index, &staged->ranges);
  staged->names.emplace(tensor->name, index);
  staged->indices.push_back(index);
  staged->tensors.push_back(std::move(tensor));
}

std::string_view TensorList::NameOf(int64_t index, const Staged* staged) const {
  if (index < index_count() && Get(index) != nullptr) return Get(index)->name;
  const auto at =
      std::find(staged->indices.begin(), staged->indices.end(), index);
  return staged->tensors[static_cast<size_t>(at - staged->indices.begin())]
      ->name;
}

void TensorList::CheckOverlap(const Ranges& sorted,
                              const Staged* staged) const {
  const Range* overlap = FindOverlap(sorted);
  if (overlap == nullptr) return;
  const Range& a = overlap[-1];
  const Range& b = overlap[0];
  Fail(OPT_ERR_OVERLAP, "the ", BufferName(a), " buffer of tensor '",
       NameOf(a.tensor, staged), "' and the ", BufferName(b),
       " buffer of tensor '", NameOf(b.tensor, staged), "' share ",
       static_cast<int64_t>(std::min(a.end, b.end) - b.begin),
       " bytes: give each its own memory");
}

void TensorList::Prepare(Staged* staged) {
  std::sort(staged->ranges.begin(), staged->ranges.end(), IsBefore);
  Ranges merged(memory_);
  merged.reserve(ranges_.size() + staged->ranges.size());
  std::merge(ranges_.begin(), ranges_.end(), staged->ranges.begin(),
             staged->ranges.end(), std::back_inserter(merged), IsBefore);
  CheckOverlap(merged, staged);
  staged->ranges.swap(merged);
  by_name_.reserve(by_name_.size() + staged->names.size());
  ReserveRoom(IndexCountWith(*staged), &by_index_);
}

int64_t TensorList::IndexCountWith(const Staged& staged) const {
  return staged.indices.empty()
             ? index_count()
             : std::max(index_count(), staged.indices.back() + 1);
}

void TensorList::Commit(Staged* staged) noexcept {
  for (size_t i = 0; i < staged->tensors.size(); ++i) {
    const auto index = static_cast<size_t>(staged->indices[i]);
    if (index >= by_index_.size()) by_index_.resize(index + 1);
    by_index_[index] = std::move(staged->tensors[i]);
  }
  while (!staged->names.empty()) {
    by_name_.insert(staged->names.extract(staged->names.begin()));
  }
  ranges_.swap(staged->ranges);
}

void TensorList::Bind(int64_t index, void* param, void* grad) {
  Tensor& tensor = At(index);
  CheckBuffer(param, tensor.param_dtype, "parameter buffer", tensor);
  CheckBuffer(grad, tensor.grad_dtype, "gradient buffer", tensor);
  Ranges changed(memory_);
  changed.reserve(ranges_.size() + 2);
  std::copy_if(ranges_.begin(), ranges_.end(), std::back_inserter(changed),
               [&](const Range& range) { return range.tensor != index; });
  AddRange(param, tensor.param_bytes(), index, false, &changed);
  AddRange(grad, tensor.grad_bytes(), index, true, &changed);
  std::sort(changed.begin(), changed.end(), IsBefore);
  CheckOverlap(changed, nullptr);
  ranges_.swap(changed);
  tensor.param = param;
  tensor.grad = grad;
}

void TensorList::Remove(int64_t index) {
  by_name_.erase(At(index).name);
  ranges_.erase(
      std::remove_if(ranges_.begin(), ranges_.end(),
                     [&](const Range& range) { return range.tensor == index; }),
      ranges_.end());
  by_index_[static_cast<size_t>(index)] = nullptr;
  while (!by_index_.empty() && by_index_.back() == nullptr) {
    by_index_.pop_back();
  }
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
