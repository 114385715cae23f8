// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/grad_norms.h"

#include <algorithm>
#include <cmath>

#include "src/base/memory.h"

namespace libopt {
namespace {

// Added to a norm before a limit is divided by it, as
// torch.nn.utils.clip_grad_norm_ does.
constexpr double kNormEps = 1e-6;

// The larger one; NaN if either is NaN.
double MaxOrNan(double a, double b) { return std::isnan(a) || a > b ? a : b; }
// The smaller one; NaN if either is NaN.
double MinOrNan(double a, double b) { return std::isnan(a) || a < b ? a : b; }

}  // namespace

double ClipFactor(double max_norm, double norm) {
  if (max_norm == 0) return 1;
  const double factor = max_norm / (norm + kNormEps);
  return factor > 1 ? 1 : factor;
}

void GradNorms::Reserve(int64_t tensors, int64_t blocks) {
  ReserveRoom(blocks, &blocks_);
  ReserveRoom(tensors, &tensors_);
  sums_.Reserve(tensors);
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
  sums_.Clear();
  for (const Tensor& tensor : tensors_) {
    double sum = tensor.measure.sum * (tensor.factor * tensor.factor);
    // Finite numbers whose squares overflow are clipped to 0.
    if (tensor.factor == 0 && std::isfinite(tensor.measure.max)) sum = 0;
    sums_.Add(static_cast<size_t>(tensor.group), sum);
  }
  for (const SortedSums::Summand& summand : sums_.Sorted()) {
    group_norms_[summand.total] += summand.value;
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
