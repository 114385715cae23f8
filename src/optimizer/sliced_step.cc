// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/sliced_step.h"

#include <string_view>

#include "src/base/error.h"
#include "src/base/memory.h"

namespace libopt {

void SlicedStep::Reserve(int64_t index_count) {
  ReserveRoom(index_count, &open_);
  turns_.Reserve(index_count);
}

int64_t SlicedStep::Begin(const opt_step_args& args) {
  if (!stepper_->Decide("opt_step_begin", args)) {
    stepper_->Skip();
    return 0;
  }
  if (tensors_->tensor_count() == 0) {
    stepper_->End();
    return 0;
  }
  CheckSums();
  work_->items().swap(open_);
  turns_.Open();
  for (size_t i = 0; i < open_.size(); ++i) {
    turns_.SetItem(open_[i].index, static_cast<int64_t>(i));
  }
  lends_grads_ = ReadLent(args.lent, tensors_->index_count()).grads != nullptr;
  return turns_.remaining();
}

// A slice adds up over its own tensors.
void SlicedStep::CheckSums() const {
  for (const WorkItem& item : work_->items()) {
    if (item.scalars != nullptr && item.scalars->sums != 0 &&
        item.scalars->sum_scope != kTensorSums) {
      Fail(OPT_ERR_STATE, "opt_step_begin: the step of tensor '",
           std::string_view(item.tensor->name),
           "' needs sums over several tensors, which a step in slices cannot "
           "make: use opt_step");
    }
  }
}

int64_t SlicedStep::StepSlice(const opt_lent* args, const int64_t* indices,
                              int64_t count) {
  turns_.CheckOpen();
  const opt_lent lent = ReadLent(args, tensors_->index_count());
  Turns::Slice slice(&turns_, indices, count);
  work_->Clear();  // the phases remain those of the whole step
  for (const int64_t index : slice.indices()) {
    const int64_t item = slice.ItemOf(index);
    if (item != Turns::kNoItem) Add(open_[static_cast<size_t>(item)], lent);
  }
  slice.Keep();
  stepper_->Run();
  for (const int64_t index : slice.indices()) {
    tensors_->Get(index)->state.accumulated = false;
  }
  if (turns_.remaining() > 0) return turns_.remaining();
  turns_.Close();
  stepper_->End();
  progress_->pending_samples = 0;
  return 0;
}

void SlicedStep::Add(WorkItem item, const opt_lent& lent) {
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
  if (lends_grads_ &&
      (item.zero != nullptr || (item.scalars != nullptr && !accumulated))) {
    void* const grad =
        lent.grads != nullptr ? GradOf(tensor, lent, item.index) : nullptr;
    if (grad == nullptr) fail("gradients");
    CheckBuffer(grad, tensor.grad_dtype, "lent gradient buffer", tensor);
    if (item.zero != nullptr) item.zero = grad;
    if (!accumulated) item.grad = grad;
  }
  stepper_->Add(item);
}

void SlicedStep::Abandon() {
  if (!turns_.is_open()) return;
  const bool has_begun = turns_.has_begun();
  turns_.Close();
  if (!has_begun) return;
  stepper_->End();
  if (progress_->pending_samples > 0) accumulation_->Discard();
}

}  // namespace libopt
