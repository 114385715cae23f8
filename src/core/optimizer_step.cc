// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The optimizer's step. It collects its work, which may throw and changes
// nothing, and then does it, which cannot fail.

#include <string_view>

#include "src/core/error.h"
#include "src/core/grad_work.h"
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
  ScheduleGroups();
  for (int64_t i = 0; i < tensors_.index_count(); ++i) {
    Tensor* tensor = tensors_.Get(i);
    void* grad = nullptr;
    if (tensor == nullptr || !TakesPart(*tensor, args.grads, i, &grad)) {
      continue;
    }
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
          PrepareScalars(*named_.rule, StepValues(group),
                         tensor->state.step + 1, prepared);
        });
    AddWork({i, tensor, param, grad, scalars, {}}, tensor->count,
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

// The work of a step, with that of the loss scaler.
opt_grad_work Optimizer::WorkOfStep(const opt_step_args& args) const {
  opt_grad_work work = ReadGradWork(args.work);
  if (!scaler_.active()) return work;
  if (work.loss_scale != 0 || work.nonfinite == OPT_NONFINITE_ERROR) {
    Fail(OPT_ERR_ARGUMENT, "opt_grad_work.",
         work.loss_scale != 0 ? "loss_scale" : "nonfinite",
         " is set, but a loss scaler is active, which divides by its scale and "
         "skips: leave it 0, or end the scaler with opt_scaler_stop");
  }
  work.loss_scale = scaler_.info().scale;
  work.nonfinite = OPT_NONFINITE_SKIP;
  return work;
}

void Optimizer::Step(const opt_step_args& args) {
  const bool zero_grad = (args.flags & OPT_ZERO_GRADS) != 0;
  const bool pending = pending_samples_ > 0;
  const bool lent = args.params != nullptr || args.grads != nullptr;
  CheckFlags(args.flags, OPT_ZERO_GRADS | OPT_SUM, "opt_step");
  CheckCount(lent, args.count, tensors_.index_count(), "opt_step");
  CheckGradsInUse(args.grads);
  const opt_grad_work work = WorkOfStep(args);
  opt_grad_report report =
      ReadGradReport(args.report, static_cast<int64_t>(groups_.size()));
  const os::DefaultFpEnv fp_env;
  CollectSteps(args);
  if (lent) {
    lent_.Check(tensors_, args.params, args.grads,
                pending ? LentBuffers::kParamsOfAccumulated
                        : LentBuffers::kGradsAndParams);
  }
  const bool taken = WorkOnGrads(work, GradScale(work, args.flags),
                                 args.report == nullptr ? nullptr : &report);
  if (taken) {
    RunStep(zero_grad && !pending);
    for (const Work& item : work_) ++item.tensor->state.step;
    ++steps_;
  } else {
    ++skipped_;
    if (zero_grad && !pending) ZeroWork();
  }
  scaler_.Update(!taken);
  if (pending) {
    Discard();
    if (zero_grad) ZeroGrad(OPT_ZERO_GRAD_ARGS_INIT);
  }
  if (args.report != nullptr) WriteReport(report, args.report);
}

}  // namespace opt
