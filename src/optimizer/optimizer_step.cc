// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The optimizer's step. It collects its work, which may throw and changes
// nothing, and then does it, which cannot fail.

#include <string_view>

#include "src/base/error.h"
#include "src/optimizer/grad_work.h"
#include "src/optimizer/optimizer.h"
#include "src/optimizer/step_args.h"
#include "src/os/fp_env.h"

namespace libopt {

void Optimizer::AddWork(const Work& work, int64_t count, int64_t element_size) {
  work_.push_back(work);
  partition_.Add(count, element_size);
}

Group Optimizer::ValuesOf(const Tensor& tensor) const {
  Group group = StepValues(tensor.group);
  const double* factors = tensor.attributes.values;
  group.values[kLr] *= factors[kLrFactor];
  group.values[kWeightDecay] *= factors[kWeightDecayFactor];
  return group;
}

const Scalars* Optimizer::ScalarsOf(const Tensor& tensor) {
  const int64_t step = tensor.state.step + 1;
  const double* factors = tensor.attributes.values;
  const ScalarsCache::Key key = {tensor.group, step, factors[kLrFactor],
                                 factors[kWeightDecayFactor]};
  return scalars_.Get(key, [&](Scalars* prepared) {
    PrepareScalars(*named_.rule, ValuesOf(tensor), step, prepared);
  });
}

void Optimizer::CollectSteps(const opt_step_args& args) {
  work_.clear();
  partition_.Clear();
  scalars_.Clear();
  ScheduleGroups();
  const bool averages = averaging_.IsDue(steps_ + 1);
  for (int64_t i = 0; i < tensors_.index_count(); ++i) {
    Tensor* tensor = tensors_.Get(i);
    if (tensor == nullptr) continue;
    Work work = {};
    work.index = i;
    work.tensor = tensor;
    if (!TakesPart(*tensor, args.grads, i, &work.grad)) {
      CheckPassedOver(args, i);
      continue;
    }
    work.param = ParamOf(*tensor, args.params, i);
    if (work.param == nullptr && tensor->count > 0) {
      Fail(OPT_ERR_STATE, "tensor '", std::string_view(tensor->name),
           "' has a gradient but no parameters: lend them in "
           "opt_step_args.params, or retain them with opt_bind");
    }
    if (work.param != tensor->param) {
      CheckBuffer(work.param, tensor->param_dtype, "lent parameter buffer",
                  *tensor);
    }
    if (args.grads != nullptr) {
      CheckBuffer(work.grad, tensor->grad_dtype, "lent gradient buffer",
                  *tensor);
    }
    work.scalars = ScalarsOf(*tensor);
    if (averages) AddAverage(&work);
    AddWork(work, tensor->count, SizeOf(tensor->param_dtype));
  }
}

void Optimizer::RunStep(bool zero_grad) {
  struct Job {
    const Work* work;
    int target;
    bool accumulated;
    bool zero_grad;
  } job = {work_.data(), context_->target(), pending_samples_ > 0, zero_grad};
  partition_.Run(
      context_,
      [](void* data, int64_t item, int64_t begin, int64_t count) {
        const auto& running = *static_cast<const Job*>(data);
        const Work& work = running.work[item];
        if (work.scalars == nullptr) {
          PassOver(running.target, work, begin, count);
          return;
        }
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
        if (work.averages) {
          chunk.average =
              ElementAt(tensor.state.average.data(), begin, tensor.param_dtype);
          chunk.average_weights = work.average_weights;
        }
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
  CheckNotSwapped("opt_step");
  CheckGradsInUse(args.grads);
  const opt_grad_work work = WorkOfStep(args);
  opt_grad_report report =
      ReadGradReport(args.report, static_cast<int64_t>(groups_.size()));
  const os::DefaultFpEnv fp_env;
  CollectSteps(args);
  if (lent) {
    lent_.Check(tensors_, args.params, args.grads,
                averaging_.IsDue(steps_ + 1) ? LentBuffers::kAllParams
                : pending                    ? LentBuffers::kParamsOfAccumulated
                                             : LentBuffers::kGradsAndParams);
  }
  const bool taken = WorkOnGrads(work, GradScale(work, args.flags),
                                 args.report == nullptr ? nullptr : &report);
  AddPassedOver(args, taken);
  if (taken) {
    RunStep(zero_grad && !pending);
    for (const Work& item : work_) {
      if (item.scalars != nullptr) ++item.tensor->state.step;
      if (item.averages) ++item.tensor->state.average.updates;
    }
    ++steps_;
    if (averaging_.IsDue(steps_)) ++averaging_.updates;
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

}  // namespace libopt
