// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The tensors that a step passes over, since they are frozen or have no
// gradient: gradients are zeroed, if that is asked for, and parameters
// averaged.

#include <cstring>

#include "src/optimizer/averaging.h"
#include "src/optimizer/optimizer.h"
#include "src/optimizer/step_args.h"

namespace libopt {

bool Optimizer::IsFrozen(const Tensor& tensor) const {
  const Group& group = groups_[static_cast<size_t>(tensor.group)];
  return tensor.attributes.frozen() || group.values[kFrozen] != 0;
}

void Optimizer::AddAverage(Work* work) const {
  work->averages = true;
  work->average_weights =
      WeightsOf(averaging_, work->tensor->state.average.updates);
}

bool Optimizer::PassedOver(const opt_step_args& args, int64_t index,
                           Work* work) const {
  Tensor* tensor = tensors_.Get(index);
  *work = {};
  work->index = index;
  work->tensor = tensor;
  if (pending_samples_ == 0 && (args.flags & OPT_ZERO_GRADS) != 0) {
    work->grad = GradOf(*tensor, args.grads, index);
  }
  if (averaging_.IsDue(steps_ + 1)) {
    work->param = ParamOf(*tensor, args.params, index);
    if (work->param != nullptr || tensor->count == 0) AddAverage(work);
  }
  return work->grad != nullptr || work->averages;
}

void Optimizer::CheckPassedOver(const opt_step_args& args,
                                int64_t index) const {
  Work work;
  if (!PassedOver(args, index, &work)) return;
  const Tensor& tensor = *work.tensor;
  CheckBuffer(work.param, tensor.param_dtype, "lent parameter buffer", tensor);
  CheckBuffer(work.grad, tensor.grad_dtype, "lent gradient buffer", tensor);
}

void Optimizer::AddPassedOver(const opt_step_args& args, bool taken) {
  const bool zeroes =
      pending_samples_ == 0 && (args.flags & OPT_ZERO_GRADS) != 0;
  if (!zeroes && !(taken && averaging_.IsDue(steps_ + 1))) return;
  for (int64_t i = 0; i < tensors_.index_count(); ++i) {
    Work work;
    void* grad = nullptr;
    const Tensor* tensor = tensors_.Get(i);
    if (tensor == nullptr || TakesPart(*tensor, args.grads, i, &grad) ||
        !PassedOver(args, i, &work)) {
      continue;
    }
    if (!taken && work.grad == nullptr) continue;
    AddWork(work, tensor->count, SizeOf(tensor->param_dtype));
  }
}

void Optimizer::PassOver(int target, const Work& work, int64_t begin,
                         int64_t count) {
  const Tensor& tensor = *work.tensor;
  if (work.grad != nullptr) {
    std::memset(ElementAt(work.grad, begin, tensor.grad_dtype), 0,
                static_cast<size_t>(count * SizeOf(tensor.grad_dtype)));
  }
  if (work.averages) {
    UpdateAverage(target, {ElementAt(work.param, begin, tensor.param_dtype),
                           ElementAt(tensor.state.average.data(), begin,
                                     tensor.param_dtype),
                           count, work.average_weights, tensor.param_dtype});
  }
}

}  // namespace libopt
