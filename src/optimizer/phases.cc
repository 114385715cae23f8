// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/phases.h"

#include <algorithm>
#include <cmath>

#include "src/base/memory.h"

namespace libopt {
namespace {

// The factor of an update of which the elements that do not agree are left out.
double CautiousFactor(Cautious cautious, const TensorSums& sums) {
  const auto count = static_cast<double>(sums.count);
  const double agreements = sums.of[kAgreements];
  switch (cautious) {
    case kCautiousMean:
      return 1 / std::max(agreements / count, kSmallestCautiousShare);
    case kCautiousCount:
      return count / (agreements + 1);
    default:
      return 1;
  }
}

// The factor of an update that is clipped.
double ClippingFactor(double clipping, const TensorSums& sums) {
  if (clipping == 0) return 1;
  const double mean =
      sums.of[kDividedSquares] / static_cast<double>(sums.count);
  return 1 / std::max(1.0, std::sqrt(mean) / clipping);
}

// Those that Finish() of the rule sees.
constexpr SumSet OfTheRule(SumSet sums) { return sums & ~(1U << kAgreements); }

// Those of them that are added to other tensors' sums.
SumSet WideSums(const Scalars& scalars, SumSet Scalars::*sums) {
  return scalars.sum_scope == kTensorSums ? 0 : OfTheRule(scalars.*sums);
}

}  // namespace

void Phases::Reserve(int64_t tensors, int64_t blocks) {
  ReserveRoom(blocks, &blocks_);
  ReserveRoom(tensors, &tensors_);
  sums_.Reserve(tensors);
}

void Phases::ReserveGroups(int64_t groups) {
  totals_.resize(static_cast<size_t>(groups) + 1);
}

void Phases::Clear() {
  blocks_.clear();
  tensors_.clear();
}

int64_t Phases::Add(const Scalars& scalars, int32_t group, int64_t elements,
                    const double* numbers, const Factoring& factoring) {
  const auto first = static_cast<int64_t>(blocks_.size());
  blocks_.resize(static_cast<size_t>(first + SumBlocks(elements)));
  tensors_.push_back(
      {&scalars, group, elements, first, TensorFactors(), factoring});
  std::copy_n(numbers, kMaxSlots, tensors_.back().factors.next);
  std::copy_n(scalars.rule, kMaxScalars, tensors_.back().factors.rule);
  return static_cast<int64_t>(tensors_.size()) - 1;
}

// The sums of a tensor alone.
TensorSums Phases::SumsOf(const Tensor& tensor) const {
  TensorSums sums = {};
  sums.count = tensor.elements;
  const BlockSums* const blocks = blocks_.data() + tensor.first_block;
  for (int64_t i = 0; i < SumBlocks(tensor.elements); ++i) {
    for (int k = 0; k < kSumCount; ++k) sums.of[k] += blocks[i].of[k];
  }
  return sums;
}

// The index in totals_ of the sums of a tensor's scope.
size_t Phases::TotalOf(const Tensor& tensor) const {
  return tensor.scalars->sum_scope == kAllSums
             ? 0
             : static_cast<size_t>(tensor.group) + 1;
}

void Phases::AddTensors(SumSet Scalars::*sums, Sum sum) {
  sums_.Clear();
  for (const Tensor& tensor : tensors_) {
    if ((WideSums(*tensor.scalars, sums) >> sum & 1) == 0) continue;
    sums_.Add(TotalOf(tensor), SumsOf(tensor).of[sum]);
  }
  for (const SortedSums::Summand& summand : sums_.Sorted()) {
    totals_[summand.total].of[sum] += summand.value;
  }
}

void Phases::AddTensors(SumSet Scalars::*sums) {
  SumSet wanted = 0;
  for (const Tensor& tensor : tensors_) {
    wanted |= WideSums(*tensor.scalars, sums);
  }
  if (wanted == 0) return;
  std::fill(totals_.begin(), totals_.end(), TensorSums());
  for (const Tensor& tensor : tensors_) {
    if (WideSums(*tensor.scalars, sums) != 0) {
      totals_[TotalOf(tensor)].count += tensor.elements;
    }
  }
  for (int k = 0; k < kSumCount; ++k) {
    if ((wanted >> k & 1) != 0) AddTensors(sums, static_cast<Sum>(k));
  }
}

void Phases::Finish(const Rule& rule, int64_t index, SumSet wanted) {
  Tensor& tensor = tensors_[static_cast<size_t>(index)];
  const TensorSums sums = SumsOf(tensor);
  const Scalars& scalars = *tensor.scalars;
  TensorFactors& factors = tensor.factors;
  const bool counts = (wanted >> kAgreements & 1) != 0;
  if (rule.finish != nullptr && OfTheRule(wanted) != 0) {
    const bool is_wide = scalars.sum_scope != kTensorSums;
    rule.finish(scalars, is_wide ? totals_[TotalOf(tensor)] : sums, &factors);
  }
  if (tensor.elements == 0) return;
  const double clipped = ClippingFactor(scalars.clipping, sums);
  const double agreeing = counts ? CautiousFactor(scalars.cautious, sums) : 1;
  (scalars.masks_first ? factors.agreeing : factors.update) *=
      clipped * agreeing;
  factors.decoupled_decay *= clipped;
}

}  // namespace libopt
