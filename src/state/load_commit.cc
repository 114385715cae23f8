// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The end of a load, which cannot fail: what was read is put in place.

#include <cstring>
#include <utility>

#include "src/state/load.h"

namespace libopt {

void Load::Commit() noexcept {
  for (size_t i = 0; i < fresh_.size(); ++i) {
    Tensor* tensor = optimizer_->tensors().Get(static_cast<int64_t>(i));
    if (tensor == nullptr) continue;
    // Sums that wait for a step go with the counter of their samples.
    if (plan_.whole()) tensor->state.accumulated = false;
    TensorState& fresh = fresh_[i].state;
    if (!plan_.found()[i].state) {
      if (fresh.accumulator.size() > 0) {
        tensor->state.accumulator = std::move(fresh.accumulator);
      }
      CommitAverage(tensor, &fresh.average);
      continue;
    }
    if (plan_.takes_options()) tensor->attributes = fresh_[i].attributes;
    if (!fresh.accumulated) {
      fresh.accumulated = tensor->state.accumulated;
      if (fresh.accumulator.size() == 0) {
        fresh.accumulator = std::move(tensor->state.accumulator);
      }
    }
    std::swap(tensor->state, fresh);
  }
  optimizer_->Restore(&restored_);
  for (size_t i = 0; i < fresh_.size(); ++i) {
    const auto index = static_cast<int64_t>(i);
    if (fresh_[i].param.size() == 0) continue;
    std::memcpy(ParamOf(*optimizer_->tensors().Get(index), args_.params, index),
                fresh_[i].param.data(), fresh_[i].param.size());
  }
}

}  // namespace libopt
