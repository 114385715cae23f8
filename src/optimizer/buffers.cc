// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/buffers.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "src/base/error.h"
#include "src/base/memory.h"
#include "src/base/struct_size.h"
#include "src/base/work_count.h"
#include "src/optimizer/tensor_list.h"

namespace libopt {
namespace {

// By address; of equal ones, which is an error, by tensor, so that the message
// names them in the same order each time.
bool IsBefore(const Range& a, const Range& b) {
  return std::tie(a.begin, a.tensor, a.is_grad) <
         std::tie(b.begin, b.tensor, b.is_grad);
}

}  // namespace

opt_lent ReadLent(const opt_lent* lent, int64_t index_count) {
  const opt_lent read = ReadOptional(lent, OPT_LENT_INIT, "opt_lent");
  if (read.reserved != 0) {
    Fail(OPT_ERR_ARGUMENT, "opt_lent.reserved must be 0");
  }
  const bool lends = read.params != nullptr || read.grads != nullptr;
  if ((lends || read.count != 0) && read.count != index_count) {
    Fail(OPT_ERR_ARGUMENT, "opt_lent.count is ", read.count,
         ", but opt_info.index_count is ", index_count,
         ": give each array one entry for each index");
  }
  return read;
}

const Range* FindOverlap(pmr::Vector<Range>* ranges) {
  if (!std::is_sorted(ranges->begin(), ranges->end(), IsBefore)) {
    std::sort(ranges->begin(), ranges->end(), IsBefore);
  }
  const auto overlap = std::adjacent_find(
      ranges->begin(), ranges->end(),
      [](const Range& a, const Range& b) { return b.begin < a.end; });
  return overlap == ranges->end() ? nullptr : &*overlap;
}

const Range* DisjointRanges::FindOverlap(const Range& range,
                                         int64_t ignored) const {
  if (range.begin == range.end) return nullptr;
  auto at = by_begin_.lower_bound(range.begin);
  // Of the ranges that begin before it, only the last can reach into it.
  if (at != by_begin_.begin()) --at;
  for (; at != by_begin_.end() && at->first < range.end; ++at) {
    OPT_COUNT(1);
    const Range& other = at->second;
    if (other.end > range.begin && other.tensor != ignored) return &other;
  }
  return nullptr;
}

void DisjointRanges::Add(const Range& range) {
  if (range.begin != range.end) by_begin_.emplace(range.begin, range);
}

void LentBuffers::Reserve(int64_t index_count) {
  ReserveRoom(2 * index_count, &ranges_);
  for (auto i = static_cast<int64_t>(ranges_.size() / 2); i < index_count;
       ++i) {
    ranges_.push_back({0, 0, i, false});
    ranges_.push_back({0, 0, i, true});
  }
}

const void* LentBuffers::BufferOf(const Range& range, const Tensor& tensor,
                                  const opt_lent& lent, Use use) {
  const void* grad = GradOf(tensor, lent, range.tensor);
  if (range.is_grad) return grad;
  const bool used =
      use == kAllParams || (use == kGradsAndParams && grad != nullptr) ||
      (use == kParamsOfAccumulated && tensor.state.accumulated) ||
      (use == kParamsOfAveraged && tensor.state.average.updates > 0) ||
      (use == kParamsOfStepped &&
       (tensor.steps() > 0 || tensor.state.train.size() > 0));
  return used ? ParamOf(tensor, lent, range.tensor) : nullptr;
}

void LentBuffers::Check(const TensorList& tensors, const opt_lent& lent,
                        Use use) {
  for (Range& range : ranges_) {
    range.begin = range.end = 0;
    if (range.tensor >= tensors.index_count()) continue;
    const Tensor* tensor = tensors.Get(range.tensor);
    if (tensor == nullptr || tensor->count == 0) continue;
    range =
        RangeOf(BufferOf(range, *tensor, lent, use),
                range.is_grad ? tensor->grad_bytes() : tensor->param_bytes(),
                range.tensor, range.is_grad);
  }
  const Range* const overlap = FindOverlap(&ranges_);
  if (overlap == nullptr) return;
  const Range& a = *overlap;
  const Range& b = overlap[1];
  Fail(OPT_ERR_OVERLAP, "the buffers in use for tensors '",
       std::string_view(tensors.Get(a.tensor)->name), "' (", KindOf(a),
       ") and '", std::string_view(tensors.Get(b.tensor)->name), "' (",
       KindOf(b), ") share memory: lend each its own");
}

}  // namespace libopt
