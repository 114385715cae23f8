// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The optimizer's step. It collects its work, which may throw and changes
// nothing, and then does it, which cannot fail.

#include <string_view>

#include "src/core/error.h"
#include "src/core/optimizer.h"
#include "src/core/step_args.h"
#include "src/os/fp_env.h"

namespace opt {

void Optimizer::AddWork(const Work& work, int64_t count, int64_t element_size) {
  work_.push_back(work);
  partition_.Add(count, element_size);
}

void Optimizer::CollectSteps(const opt_step_args& args) {
  work_.clear();
  partition_.Clear();
  scalars_.Clear();
  const bool mean = pending_samples_ > 0 && (args.flags & OPT_SUM) == 0;
  GradEdit edit;
  if (mean) edit.scale = 1 / static_cast<double>(pending_samples_);
  for (int64_t i = 0; i < tensors_.index_count(); ++i) {
    Tensor* tensor = tensors_.Get(i);
    if (tensor == nullptr) continue;
    const bool pending = pending_samples_ > 0;
    void* grad = pending ? tensor->state.accumulator.data()
                         : GradOf(*tensor, args.grads, i);
    if (pending ? !tensor->state.accumulated : grad == nullptr) continue;
    void* param = ParamOf(*tensor, args.params, i);
    if (param == nullptr && tensor->count > 0) {
      Fail(OPT_ERR_STATE, "tensor '", std::string_view(tensor->name),
           "' has a gradient but no parameters: lend them in "
           "opt_step_args.params, or retain them with opt_bind");
    }
    if (param != tensor->param) {
      CheckBuffer(param, tensor->param_dtype, "lent parameter buffer", *tensor);
    }
    if (args.grads != nullptr) {
      CheckBuffer(grad, tensor->grad_dtype, "lent gradient buffer", *tensor);
    }
    const int32_t group = tensor->group;
    const Scalars* scalars =
        scalars_.Get(group, tensor->state.step + 1, [&](Scalars* prepared) {
          PrepareScalars(*named_.rule, groups_[static_cast<size_t>(group)],
                         tensor->state.step + 1, prepared);
        });
    AddWork({i, tensor, param, grad, scalars, edit}, tensor->count,
            SizeOf(tensor->param_dtype));
  }
}

void Optimizer::RunStep(bool zero_grad) {
  struct Job {
    const Work* work;
    bool accumulated;
    bool zero_grad;
  } job = {work_.data(), pending_samples_ > 0, zero_grad};
  partition_.Run(
      context_,
      [](void* data, int64_t item, int64_t begin, int64_t count) {
        const auto& running = *static_cast<const Job*>(data);
        const Work& work = running.work[item];
        const Tensor& tensor = *work.tensor;
        Chunk chunk = {};
        chunk.grad_dtype =
            running.accumulated ? tensor.param_dtype : tensor.grad_dtype;
        chunk.param = ElementAt(work.param, begin, tensor.param_dtype);
        chunk.grad = ElementAt(work.grad, begin, chunk.grad_dtype);
        for (int i = 0; i < kMaxSlots; ++i) {
          if (tensor.state.slots[i] == nullptr) continue;
          chunk.slots[i] =
              ElementAt(tensor.state.slots[i], begin, tensor.param_dtype);
        }
        chunk.count = count;
        chunk.scalars = work.scalars;
        chunk.edit = work.edit;
        chunk.zero_grad = running.zero_grad;
        tensor.step_chunk(chunk);
      },
      &job);
}

void Optimizer::Step(const opt_step_args& args) {
  const bool zero_grad = (args.flags & OPT_ZERO_GRADS) != 0;
  const bool pending = pending_samples_ > 0;
  const bool lent = args.params != nullptr || args.grads != nullptr;
  CheckFlags(args.flags, OPT_ZERO_GRADS | OPT_SUM, "opt_step");
  CheckCount(lent, args.count, tensors_.index_count(), "opt_step");
  if (pending && args.grads != nullptr) {
    Fail(OPT_ERR_STATE, "gradients of ", pending_samples_,
         " samples are accumulated: step without opt_step_args.grads, or "
         "forget them with opt_discard");
  }
  const os::DefaultFpEnv fp_env;
  CollectSteps(args);
  if (lent) {
    lent_.Check(tensors_, args.params, args.grads,
                pending ? LentBuffers::kParamsOfAccumulated
                        : LentBuffers::kGradsAndParams);
  }
  RunStep(zero_grad && !pending);
  for (const Work& work : work_) ++work.tensor->state.step;
  ++steps_;
  if (pending) {
    Discard();
    if (zero_grad) ZeroGrad(OPT_ZERO_GRAD_ARGS_INIT);
  }
}

}  // namespace opt
