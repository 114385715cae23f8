// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/turns.h"

#include <string_view>

#include "opt/opt_step.h"
#include "src/base/error.h"
#include "src/base/memory.h"
#include "src/base/work_count.h"

namespace libopt {

void Turns::Reserve(int64_t index_count) {
  ReserveRoom(index_count, &turns_);
  ReserveRoom(index_count, &slice_);
}

void Turns::Open() {
  turns_.clear();
  for (int64_t i = 0; i < tensors_->index_count(); ++i) {
    turns_.push_back({kNoItem, tensors_->Get(i) != nullptr});
  }
  remaining_ = tensors_->tensor_count();
  is_open_ = true;
}

int64_t Turns::FirstDue() const {
  size_t index = 0;
  while (!turns_[index].is_due) ++index;
  return static_cast<int64_t>(index);
}

void Turns::CheckClosed() const {
  if (!is_open_) return;
  const int64_t index = FirstDue();
  Fail(OPT_ERR_STATE, "a step in slices is open, in which tensor '",
       std::string_view(tensors_->Get(index)->name), "' (index ", index, ") ",
       remaining_ == 1 ? Text("has").view()
                       : Text("and ", remaining_ - 1,
                              remaining_ == 2 ? " other have" : " others have")
                             .view(),
       " not had a turn: finish it with opt_step_slice, or end it with "
       "opt_step_abandon");
}

void Turns::CheckOpen() const {
  if (!is_open_) {
    Fail(OPT_ERR_STATE,
         "opt_step_slice: no step in slices is open: begin one "
         "with opt_step_begin");
  }
}

Turns::Slice::Slice(Turns* turns, const int64_t* indices, int64_t count)
    : turns_(turns) {
  turns_->slice_.clear();
  if (count < OPT_REMAINING) {
    Fail(OPT_ERR_ARGUMENT, "opt_step_slice: count is ", count,
         ": it must be a number of indices, or OPT_REMAINING");
  }
  if (count == OPT_REMAINING) {
    for (size_t i = 0; i < turns_->turns_.size(); ++i) {
      if (turns_->turns_[i].is_due) Take(static_cast<int64_t>(i));
    }
    return;
  }
  try {
    for (int64_t i = 0; i < count; ++i) Take(indices[i]);
  } catch (...) {
    GiveBack();  // no destructor runs
    throw;
  }
}

Turns::Slice::~Slice() {
  if (!is_kept_) GiveBack();
}

void Turns::Slice::Take(int64_t index) {
  OPT_COUNT(1);
  const Tensor& tensor = turns_->tensors_->At(index);
  Turn& turn = turns_->turns_[static_cast<size_t>(index)];
  if (!turn.is_due) {
    Fail(OPT_ERR_ARGUMENT, "opt_step_slice: tensor '",
         std::string_view(tensor.name), "' (index ", index,
         ") has already had its turn in this step: name each tensor once");
  }
  turn.is_due = false;
  --turns_->remaining_;
  turns_->slice_.push_back(index);
}

void Turns::Slice::GiveBack() {
  for (const int64_t index : turns_->slice_) {
    turns_->turns_[static_cast<size_t>(index)].is_due = true;
  }
  turns_->remaining_ += static_cast<int64_t>(turns_->slice_.size());
  turns_->slice_.clear();
}

}  // namespace libopt
