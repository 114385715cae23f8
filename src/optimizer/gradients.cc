// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/gradients.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "src/base/error.h"
#include "src/base/memory.h"
#include "src/base/struct_size.h"

namespace libopt {
namespace {

// Added to a norm before a limit is divided by it, as
// torch.nn.utils.clip_grad_norm_ does.
constexpr double kNormEps = 1e-6;

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

// The larger one; NaN if either is NaN.
double MaxOrNan(double a, double b) { return std::isnan(a) || a > b ? a : b; }
// The smaller one; NaN if either is NaN.
double MinOrNan(double a, double b) { return std::isnan(a) || a < b ? a : b; }

}  // namespace

opt_grad_work ReadGradWork(const opt_grad_work* in) {
  const opt_grad_work work =
      ReadOptional(in, OPT_GRAD_WORK_INIT, "opt_grad_work");
  if ((work.flags & ~uint32_t{OPT_GRAD_WORK_CLIP_PER_GROUP}) != 0) {
    Fail(OPT_ERR_ARGUMENT, "opt_grad_work.flags has unknown flags ",
         work.flags & ~uint32_t{OPT_GRAD_WORK_CLIP_PER_GROUP},
         ": use OPT_GRAD_WORK_CLIP_PER_GROUP or 0");
  }
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

double ClipFactor(double max_norm, double norm) {
  if (max_norm == 0) return 1;
  const double factor = max_norm / (norm + kNormEps);
  return factor > 1 ? 1 : factor;
}

void GradNorms::Reserve(int64_t tensors, int64_t blocks) {
  ReserveRoom(blocks, &blocks_);
  ReserveRoom(tensors, &tensors_);
  ReserveRoom(tensors, &sorted_);
}

void GradNorms::ReserveGroups(int64_t groups) {
  ReserveRoom(groups, &group_norms_);
  ReserveRoom(groups, &group_factors_);
}

void GradNorms::Clear() {
  blocks_.clear();
  tensors_.clear();
}

void GradNorms::Add(int32_t group, int64_t elements) {
  const auto first = static_cast<int64_t>(blocks_.size());
  const int64_t count = SumBlocks(elements);
  tensors_.push_back({first, count, group, {0, 0}, 0, 1});
  blocks_.resize(static_cast<size_t>(first + count));
}

void GradNorms::FoldBlocks() {
  for (Tensor& tensor : tensors_) {
    GradMeasure total = {0, 0};
    for (int64_t i = 0; i < tensor.block_count; ++i) {
      const GradMeasure& block =
          blocks_[static_cast<size_t>(tensor.first_block + i)];
      total.sum += block.sum;
      total.max = MaxOrNan(total.max, block.max);
    }
    tensor.measure = total;
  }
}

// Computes the 2-norms of the groups and returns that of all gradients. The
// groups' sums are added up in the order of the groups.
double GradNorms::CombineSums(double scale) {
  sorted_.clear();
  for (const Tensor& tensor : tensors_) {
    double sum = tensor.measure.sum * (tensor.factor * tensor.factor);
    // Finite numbers whose squares overflow are clipped to 0.
    if (tensor.factor == 0 && std::isfinite(tensor.measure.max)) sum = 0;
    if (std::isnan(sum)) {  // cannot be sorted
      group_norms_[static_cast<size_t>(tensor.group)] = sum;
    } else {
      sorted_.push_back({tensor.group, sum});
    }
  }
  std::sort(sorted_.begin(), sorted_.end(),
            [](const Summand& a, const Summand& b) {
              return a.group != b.group ? a.group < b.group : a.value < b.value;
            });
  for (const Summand& summand : sorted_) {
    group_norms_[static_cast<size_t>(summand.group)] += summand.value;
  }
  double sum = 0;
  for (double& norm : group_norms_) {
    sum += norm;
    norm = scale * std::sqrt(norm);
  }
  return scale * std::sqrt(sum);
}

// Computes the Inf-norms of the groups and returns that of all gradients.
double GradNorms::CombineMaxima() {
  double max = 0;
  for (const Tensor& tensor : tensors_) {
    double& norm = group_norms_[static_cast<size_t>(tensor.group)];
    norm = MaxOrNan(norm, tensor.norm * tensor.factor);
    max = MaxOrNan(max, norm);
  }
  return max;
}

void GradNorms::Combine(const opt_grad_work& work, double scale,
                        int64_t group_count) {
  group_norms_.assign(static_cast<size_t>(group_count), 0);
  group_factors_.assign(static_cast<size_t>(group_count), 1);
  const bool clips = work.max_value > 0;
  // Values that were clipped were scaled before that.
  const double sum_scale = clips ? 1 : scale;
  for (Tensor& tensor : tensors_) {
    if (work.norm == OPT_NORM_2) {
      tensor.norm = sum_scale * std::sqrt(tensor.measure.sum);
    } else {
      tensor.norm = scale * tensor.measure.max;
      if (clips) tensor.norm = MinOrNan(tensor.norm, work.max_value);
    }
    tensor.factor = ClipFactor(work.max_tensor_norm, tensor.norm);
  }
  norm_ = work.norm == OPT_NORM_2 ? CombineSums(sum_scale) : CombineMaxima();
  if ((work.flags & OPT_GRAD_WORK_CLIP_PER_GROUP) == 0) {
    factor_ = ClipFactor(work.max_norm, norm_);
    std::fill(group_factors_.begin(), group_factors_.end(), factor_);
    return;
  }
  factor_ = 1;
  for (size_t i = 0; i < group_norms_.size(); ++i) {
    group_factors_[i] = ClipFactor(work.max_norm, group_norms_[i]);
    factor_ = MinOrNan(factor_, group_factors_[i]);
  }
}

}  // namespace libopt
