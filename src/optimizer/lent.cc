// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/lent.h"

#include <algorithm>
#include <string_view>

#include "src/base/error.h"

namespace libopt {

void LentBuffers::Reserve(int64_t index_count) {
  ReserveRoom(2 * index_count, &ranges_);
  for (auto i = static_cast<int64_t>(ranges_.size() / 2); i < index_count;
       ++i) {
    ranges_.push_back({0, 0, i, false});
    ranges_.push_back({0, 0, i, true});
  }
}

const void* LentBuffers::BufferOf(const Range& range, const Tensor& tensor,
                                  void* const* params, void* const* grads,
                                  Use use) {
  const void* grad = GradOf(tensor, grads, range.tensor);
  if (range.is_grad) return grad;
  const bool used =
      use == kAllParams || (use == kGradsAndParams && grad != nullptr) ||
      (use == kParamsOfAccumulated && tensor.state.accumulated) ||
      (use == kParamsOfAveraged && tensor.state.average.updates > 0);
  return used ? ParamOf(tensor, params, range.tensor) : nullptr;
}

void LentBuffers::Check(const TensorList& tensors, void* const* params,
                        void* const* grads, Use use) {
  for (Range& range : ranges_) {
    range.begin = range.end = 0;
    if (range.tensor >= tensors.index_count()) continue;
    const Tensor* tensor = tensors.Get(range.tensor);
    if (tensor == nullptr || tensor->count == 0) continue;
    const void* data = BufferOf(range, *tensor, params, grads, use);
    if (data == nullptr) continue;
    range.begin = reinterpret_cast<uintptr_t>(data);
    range.end = range.begin +
                static_cast<uintptr_t>(range.is_grad ? tensor->grad_bytes()
                                                     : tensor->param_bytes());
  }
  if (!std::is_sorted(ranges_.begin(), ranges_.end(), IsBefore)) {
    std::sort(ranges_.begin(), ranges_.end(), IsBefore);
  }
  const Range* overlap = FindOverlap(ranges_);
  if (overlap == nullptr) return;
  Fail(OPT_ERR_OVERLAP, "the buffers in use for tensors '",
       std::string_view(tensors.Get(overlap[-1].tensor)->name), "' (",
       overlap[-1].is_grad ? "gradient" : "parameter", ") and '",
       std::string_view(tensors.Get(overlap->tensor)->name), "' (",
       overlap->is_grad ? "gradient" : "parameter",
       ") share memory: lend each its own");
}

}  // namespace libopt
