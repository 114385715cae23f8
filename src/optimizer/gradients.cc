// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/gradients.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "src/base/error.h"
#include "src/base/struct_size.h"

namespace libopt {
namespace {

void CheckPositive(double value, bool may_be_infinite, const char* field) {
  if (value == 0) return;
  if (!(value > 0) || (std::isinf(value) && !may_be_infinite)) {
    Fail(OPT_ERR_ARGUMENT, "opt_grad_work.", field, " is ", value,
         ": it must be a ", may_be_infinite ? "" : "finite ",
         "number > 0, or 0 to leave it out");
  }
}

// The inverse of the loss scale must be usable as a float.
void CheckInverse(double loss_scale) {
  if (loss_scale == 0) return;
  const double inverse = 1 / loss_scale;
  if (inverse > std::numeric_limits<float>::max() ||
      inverse < std::numeric_limits<float>::denorm_min()) {
    Fail(OPT_ERR_ARGUMENT, "opt_grad_work.loss_scale is ", loss_scale,
         ", whose inverse is ", inverse > 1 ? "Inf" : "0",
         " in f32: use one from 1e-38 to 1e38");
  }
}

void CheckChoice(int32_t value, int32_t last, const char* field,
                 const char* names) {
  if (value < 0 || value > last) {
    Fail(OPT_ERR_ARGUMENT, "opt_grad_work.", field, " is ", value,
         ": it must be one of ", names);
  }
}

// Whether a number is finite and remains so in a type.
bool IsFiniteIn(opt_dtype dtype, double value) {
  return std::isfinite(value) &&
         (dtype == OPT_F64 || value <= std::numeric_limits<float>::max());
}

}  // namespace

opt_grad_work ReadGradWork(const opt_grad_work* in) {
  const opt_grad_work work =
      ReadOptional(in, OPT_GRAD_WORK_INIT, "opt_grad_work");
  CheckFlags(work.flags, OPT_GRAD_WORK_CLIP_PER_GROUP, "opt_grad_work.flags",
             "OPT_GRAD_WORK_CLIP_PER_GROUP or 0");
  CheckPositive(work.loss_scale, false, "loss_scale");
  CheckInverse(work.loss_scale);
  CheckPositive(work.max_value, true, "max_value");
  CheckPositive(work.max_tensor_norm, true, "max_tensor_norm");
  CheckPositive(work.max_norm, true, "max_norm");
  CheckChoice(work.norm, OPT_NORM_INF, "norm", "OPT_NORM_2 and OPT_NORM_INF");
  CheckChoice(work.nonfinite, OPT_NONFINITE_SKIP, "nonfinite",
              "OPT_NONFINITE_PROPAGATE, OPT_NONFINITE_ERROR and "
              "OPT_NONFINITE_SKIP");
  return work;
}

opt_grad_report ReadGradReport(const opt_grad_report* in, int64_t group_count) {
  opt_grad_report report =
      ReadOptional(in, OPT_GRAD_REPORT_INIT, "opt_grad_report");
  if (report.group_norms != nullptr && report.group_capacity < group_count) {
    Fail(OPT_ERR_ARGUMENT, "opt_grad_report.group_capacity is ",
         report.group_capacity, ", but there are ", group_count,
         " groups: make room for each, or leave group_norms NULL");
  }
  return report;
}

bool NeedsNorm(const opt_grad_work& work) {
  return work.max_norm > 0 || work.max_tensor_norm > 0;
}

bool NeedsRead(const opt_grad_work& work) {
  return NeedsNorm(work) || work.nonfinite != OPT_NONFINITE_PROPAGATE;
}

bool LeavesGrads(const opt_grad_work& work) {
  return work.loss_scale == 0 && work.max_value == 0 && !NeedsRead(work);
}

// ---- How gradients are edited ----

void Gradients::CheckInUse(const opt_lent& lent) const {
  if (progress_->pending_samples > 0 && lent.grads != nullptr) {
    Fail(OPT_ERR_STATE, "gradients of ", progress_->pending_samples,
         " samples are accumulated: lend none in this call, or drop the "
         "accumulated ones with opt_discard");
  }
}

opt_grad_work Gradients::WorkOfStep(const opt_step_args& args) const {
  opt_grad_work work = ReadGradWork(args.work);
  const LossScaler& scaler = progress_->scaler;
  if (!scaler.active()) return work;
  if (work.loss_scale != 0 || work.nonfinite == OPT_NONFINITE_ERROR) {
    Fail(OPT_ERR_ARGUMENT, "opt_grad_work.",
         work.loss_scale != 0 ? "loss_scale" : "nonfinite",
         " is set, but a loss scaler is active, which divides by its own scale "
         "and skips Inf and NaN: leave it 0, or end the scaler with "
         "opt_scaler_stop");
  }
  work.loss_scale = scaler.info().scale;
  work.nonfinite = OPT_NONFINITE_SKIP;
  return work;
}

double Gradients::ScaleOf(const opt_grad_work& work, bool sum) const {
  double scale = 1;
  if (progress_->pending_samples > 0 && !sum) {
    scale = 1 / static_cast<double>(progress_->pending_samples);
  }
  return work.loss_scale == 0 ? scale : scale * (1 / work.loss_scale);
}

bool Gradients::Decide(const opt_grad_work& work, double scale,
                       opt_grad_report* report) {
  for (WorkItem& item : work_->items()) item.edit = {scale, work.max_value, 1};
  const bool wants_norm = NeedsNorm(work) || report != nullptr;
  if (!wants_norm && !NeedsRead(work)) return true;
  MeasurePass(wants_norm && work.norm == OPT_NORM_2);
  const int64_t nonfinite = FindNonfinite();
  if (nonfinite >= 0 && work.nonfinite == OPT_NONFINITE_ERROR) {
    Fail(OPT_ERR_NONFINITE, "the gradient of tensor '",
         std::string_view(tensors_->Get(nonfinite)->name),
         "' has Inf or NaN: nothing has changed; leave this step out, lower "
         "the learning rate or the loss scale, or use OPT_NONFINITE_SKIP");
  }
  const bool skipped = nonfinite >= 0 && work.nonfinite == OPT_NONFINITE_SKIP;
  if (wants_norm) {
    norms_.Combine(work, scale, groups_->count());
    for (size_t i = 0; i < work_->items().size(); ++i) {
      work_->items()[i].edit.factor = norms_.FactorOf(static_cast<int64_t>(i));
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

// Measures all gradients, each of which is read once.
void Gradients::MeasurePass(bool squares) {
  norms_.Clear();
  for (const WorkItem& item : work_->items()) {
    norms_.Add(item.tensor->group, item.tensor->count);
  }
  const bool pending = progress_->pending_samples > 0;
  const auto measure = [&](const WorkItem& item, int64_t begin, int64_t count) {
    MeasureChunk chunk = {};
    chunk.param_dtype = item.tensor->param_dtype;
    chunk.grad_dtype = pending ? chunk.param_dtype : item.tensor->grad_dtype;
    chunk.edit = item.edit;
    chunk.squares = squares;
    GradMeasure* blocks = norms_.BlocksOf(&item - work_->items().data());
    for (const int64_t end = begin + count; begin < end; begin += kSumBlock) {
      chunk.grad = ElementAt(item.grad, begin, chunk.grad_dtype);
      chunk.count = std::min(kSumBlock, end - begin);
      blocks[begin / kSumBlock] = Measure(work_->context()->target(), chunk);
    }
  };
  work_->ForEachPiece(measure, kSumBlock);
  norms_.FoldBlocks();
}

// The index of the first tensor with Inf or NaN, or -1.
int64_t Gradients::FindNonfinite() const {
  for (size_t i = 0; i < work_->items().size(); ++i) {
    const WorkItem& item = work_->items()[i];
    const opt_dtype dtype = item.tensor->param_dtype;
    const double max = norms_.MaxOf(static_cast<int64_t>(i));
    if (!IsFiniteIn(dtype, max) || !IsFiniteIn(dtype, max * item.edit.scale)) {
      return item.index;
    }
  }
  return -1;
}

void Gradients::WriteReport(const opt_grad_report& report,
                            opt_grad_report* out) const {
  if (report.group_norms != nullptr) {
    std::copy_n(norms_.group_norms(), groups_->count(), report.group_norms);
  }
  WriteStruct(report, report.struct_size, "opt_grad_report", out);
}

// ---- Gradients outside of a step ----

void Gradients::Classify(const opt_lent& lent, Frozen frozen) {
  work_->Clear();
  for (int64_t i = 0; i < tensors_->index_count(); ++i) {
    Tensor* tensor = tensors_->Get(i);
    if (tensor == nullptr) continue;
    void* grad = GradOf(*tensor, lent, i);
    if (grad == nullptr) continue;
    if (frozen == Frozen::kLeftOut && IsFrozen(*tensor, *groups_)) continue;
    CheckBuffer(grad, tensor->grad_dtype, "lent gradient buffer", *tensor);
    WorkItem item = {};
    item.index = i;
    item.tensor = tensor;
    item.grad = grad;
    work_->Add(item);
  }
  if (lent.grads != nullptr) {
    work_->CheckDisjoint(lent, LentBuffers::kGradsOnly);
  }
}

// Classifies the gradients that a step would use now: the accumulated ones if
// there are any.
void Gradients::ClassifyInUse(const opt_lent& lent) {
  work_->Clear();
  const bool pending = progress_->pending_samples > 0;
  for (int64_t i = 0; i < tensors_->index_count(); ++i) {
    Tensor* tensor = tensors_->Get(i);
    if (tensor == nullptr || IsFrozen(*tensor, *groups_)) continue;
    WorkItem item = {};
    item.index = i;
    item.tensor = tensor;
    item.grad =
        pending ? tensor->state.accumulator.data() : GradOf(*tensor, lent, i);
    if (pending ? !tensor->state.accumulated : item.grad == nullptr) continue;
    CheckBuffer(item.grad, tensor->grad_dtype, "lent gradient buffer", *tensor);
    work_->Add(item);
  }
}

void Gradients::GradNorm(const opt_grad_args& args, opt_grad_report* out) {
  CheckFlags(args.flags, OPT_GRAD_SUM, "opt_grad_args.flags", "OPT_GRAD_SUM");
  const opt_lent lent = ReadLent(args.lent, tensors_->index_count());
  CheckInUse(lent);
  opt_grad_work work = ReadGradWork(args.work);
  opt_grad_report report = ReadGradReport(out, groups_->count());
  if (progress_->scaler.active()) {
    if (work.loss_scale == 0) work.loss_scale = progress_->scaler.info().scale;
    if (work.nonfinite == OPT_NONFINITE_PROPAGATE) {
      work.nonfinite = OPT_NONFINITE_SKIP;
    }
  }
  ClassifyInUse(lent);
  Decide(work, ScaleOf(work, (args.flags & OPT_GRAD_SUM) != 0), &report);
  WriteReport(report, out);
}

void Gradients::ClipGrads(const opt_grad_args& args, opt_grad_report* out) {
  CheckFlags(args.flags, 0, "opt_grad_args.flags", "0 in opt_clip_grads");
  const bool scaled = progress_->scaler.active();
  if (progress_->pending_samples > 0 || scaled) {
    Fail(OPT_ERR_STATE, "opt_clip_grads: ",
         scaled ? "a loss scaler is active"
                : "accumulated gradients are waiting",
         ": clip in the step, with opt_step_args.work");
  }
  const opt_grad_work work = ReadGradWork(args.work);
  opt_grad_report report = ReadGradReport(out, groups_->count());
  Classify(ReadLent(args.lent, tensors_->index_count()), Frozen::kLeftOut);
  if (Decide(work, ScaleOf(work, false), out == nullptr ? nullptr : &report)) {
    EditPass();
  }
  if (out != nullptr) WriteReport(report, out);
}

void Gradients::EditPass() {
  work_->ForEachPiece([&](const WorkItem& item, int64_t begin, int64_t count) {
    const opt_dtype dtype = item.tensor->grad_dtype;
    Edit(work_->context()->target(),
         {ElementAt(item.grad, begin, dtype), count, dtype, item.edit});
  });
}

void Gradients::ZeroGrads(const opt_lent* lent) {
  Classify(ReadLent(lent, tensors_->index_count()), Frozen::kIncluded);
  for (WorkItem& item : work_->items()) item.zero = item.grad;
  work_->ZeroPass();
}

}  // namespace libopt
