// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Work on the gradients that a call has collected: measured, and from that the
// factors of clipping and what to do about Inf and NaN.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "src/base/error.h"
#include "src/base/struct_size.h"
#include "src/optimizer/grad_work.h"
#include "src/optimizer/optimizer.h"
#include "src/optimizer/step_args.h"
#include "src/os/fp_env.h"

namespace libopt {
namespace {

// Whether a number that is finite stays so in a type.
bool IsFiniteIn(opt_dtype dtype, double value) {
  return std::isfinite(value) &&
         (dtype == OPT_F64 || value <= std::numeric_limits<float>::max());
}

}  // namespace

// Reads the collected gradients once.
void Optimizer::MeasureWork(bool squares) {
  norms_.Clear();
  for (const Work& work : work_) {
    norms_.Add(work.tensor->group, work.tensor->count);
  }
  struct Job {
    const Work* work;
    GradNorms* norms;
    int target;
    bool pending;
    bool squares;
  } job = {work_.data(), &norms_, context_->target(), pending_samples_ > 0,
           squares};
  partition_.Run(
      context_,
      [](void* data, int64_t item, int64_t begin, int64_t count) {
        const auto& running = *static_cast<const Job*>(data);
        const Work& work = running.work[item];
        MeasureChunk chunk = {};
        chunk.param_dtype = work.tensor->param_dtype;
        chunk.grad_dtype =
            running.pending ? chunk.param_dtype : work.tensor->grad_dtype;
        chunk.edit = work.edit;
        chunk.squares = running.squares;
        GradMeasure* blocks = running.norms->BlocksOf(item);
        for (const int64_t end = begin + count; begin < end;
             begin += kMeasureBlock) {
          chunk.grad = ElementAt(work.grad, begin, chunk.grad_dtype);
          chunk.count = std::min(kMeasureBlock, end - begin);
          blocks[begin / kMeasureBlock] = Measure(running.target, chunk);
        }
      },
      &job, kMeasureBlock);
  norms_.FoldBlocks();
}

// The index of the first tensor with Inf or NaN, or -1.
int64_t Optimizer::FindNonfinite() const {
  for (size_t i = 0; i < work_.size(); ++i) {
    const Work& work = work_[i];
    const double max = norms_.MaxOf(static_cast<int64_t>(i));
    if (!IsFiniteIn(work.tensor->param_dtype, max) ||
        !IsFiniteIn(work.tensor->param_dtype, max * work.edit.scale)) {
      return work.index;
    }
  }
  return -1;
}

bool Optimizer::WorkOnGrads(const opt_grad_work& work, double scale,
                            opt_grad_report* report) {
  for (Work& item : work_) item.edit = {scale, work.max_value, 1};
  const bool wants_norm = NeedsNorm(work) || report != nullptr;
  if (!wants_norm && !NeedsRead(work)) return true;
  MeasureWork(wants_norm && work.norm == OPT_NORM_2);
  const int64_t nonfinite = FindNonfinite();
  if (nonfinite >= 0 && work.nonfinite == OPT_NONFINITE_ERROR) {
    Fail(OPT_ERR_NONFINITE, "the gradient of tensor '",
         std::string_view(tensors_.Get(nonfinite)->name),
         "' has Inf or NaN: nothing has changed; leave this step out, lower "
         "the learning rate or the loss scale, or use OPT_NONFINITE_SKIP");
  }
  const bool skipped = nonfinite >= 0 && work.nonfinite == OPT_NONFINITE_SKIP;
  if (wants_norm) {
    norms_.Combine(work, scale, static_cast<int64_t>(groups_.size()));
    for (size_t i = 0; i < work_.size(); ++i) {
      work_[i].edit.factor = norms_.FactorOf(static_cast<int64_t>(i));
    }
  }
  if (report != nullptr) {
    report->skipped = skipped ? 1 : 0;
    report->norm = norms_.norm();
    report->factor = norms_.factor();
    report->nonfinite_tensor = nonfinite;
  }
  return !skipped;
}

void Optimizer::WriteReport(const opt_grad_report& report,
                            opt_grad_report* out) const {
  if (report.group_norms != nullptr) {
    std::copy_n(norms_.group_norms(), groups_.size(), report.group_norms);
  }
  WriteStruct(report, report.struct_size, "opt_grad_report", out);
}

bool Optimizer::TakesPart(const Tensor& tensor, void* const* grads,
                          int64_t index, void** grad) const {
  const bool pending = pending_samples_ > 0;
  *grad =
      pending ? tensor.state.accumulator.data() : GradOf(tensor, grads, index);
  const bool has_grad = pending ? tensor.state.accumulated : *grad != nullptr;
  return has_grad && !IsFrozen(tensor);
}

void Optimizer::CheckGradsInUse(void* const* grads) const {
  if (pending_samples_ > 0 && grads != nullptr) {
    Fail(OPT_ERR_STATE, "gradients of ", pending_samples_,
         " samples are accumulated: call without lent gradients, or forget "
         "them with opt_discard");
  }
}

double Optimizer::GradScale(const opt_grad_work& work, uint32_t flags) const {
  double scale = 1;
  if (pending_samples_ > 0 && (flags & OPT_SUM) == 0) {
    scale = 1 / static_cast<double>(pending_samples_);
  }
  return work.loss_scale == 0 ? scale : scale * (1 / work.loss_scale);
}

void Optimizer::GradNorm(const opt_grad_args& args, opt_grad_report* out) {
  CheckFlags(args.flags, OPT_SUM, "opt_grad_norm");
  CheckCount(args.grads != nullptr, args.count, tensors_.index_count(),
             "opt_grad_norm");
  CheckGradsInUse(args.grads);
  opt_grad_work work = ReadGradWork(args.work);
  opt_grad_report report =
      ReadGradReport(out, static_cast<int64_t>(groups_.size()));
  if (scaler_.active()) {
    if (work.loss_scale == 0) work.loss_scale = scaler_.info().scale;
    if (work.nonfinite == OPT_NONFINITE_PROPAGATE) {
      work.nonfinite = OPT_NONFINITE_SKIP;
    }
  }
  const os::DefaultFpEnv fp_env;
  work_.clear();
  partition_.Clear();
  for (int64_t i = 0; i < tensors_.index_count(); ++i) {
    Tensor* tensor = tensors_.Get(i);
    void* grad = nullptr;
    if (tensor == nullptr || !TakesPart(*tensor, args.grads, i, &grad)) {
      continue;
    }
    CheckBuffer(grad, tensor->grad_dtype, "lent gradient buffer", *tensor);
    AddWork({i, tensor, nullptr, grad, nullptr, {}}, tensor->count,
            SizeOf(tensor->param_dtype));
  }
  WorkOnGrads(work, GradScale(work, args.flags), &report);
  WriteReport(report, out);
}

void Optimizer::ClipGrads(const opt_grad_args& args, opt_grad_report* out) {
  CheckFlags(args.flags, 0, "opt_clip_grads");
  if (pending_samples_ > 0 || scaler_.active()) {
    Fail(OPT_ERR_STATE, "opt_clip_grads: ",
         scaler_.active() ? "a loss scaler is active"
                          : "accumulated gradients wait",
         ": clip in the step, with opt_step_args.work");
  }
  const opt_grad_work work = ReadGradWork(args.work);
  opt_grad_report report =
      ReadGradReport(out, static_cast<int64_t>(groups_.size()));
  const os::DefaultFpEnv fp_env;
  CollectGrads(args.grads, args.count, false);
  if (WorkOnGrads(work, GradScale(work, 0),
                  out == nullptr ? nullptr : &report)) {
    EditWork();
  }
  if (out != nullptr) WriteReport(report, out);
}

void Optimizer::EditWork() {
  struct Job {
    const Work* work;
    int target;
  } job = {work_.data(), context_->target()};
  partition_.Run(
      context_,
      [](void* data, int64_t item, int64_t begin, int64_t count) {
        const auto& running = *static_cast<const Job*>(data);
        const Work& work = running.work[item];
        const opt_dtype dtype = work.tensor->grad_dtype;
        Edit(running.target,
             {ElementAt(work.grad, begin, dtype), count, dtype, work.edit});
      },
      &job);
}

}  // namespace libopt
