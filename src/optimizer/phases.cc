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

}  // namespace

void Phases::Reserve(int64_t tensors, int64_t blocks) {
  ReserveRoom(blocks, &blocks_);
  ReserveRoom(tensors, &tensors_);
}

void Phases::Clear() {
  blocks_.clear();
  tensors_.clear();
}

int64_t Phases::Add(const Scalars& scalars, int64_t elements,
                    const double* numbers, const Factoring& factoring) {
  const auto first = static_cast<int64_t>(blocks_.size());
  blocks_.resize(static_cast<size_t>(first + SumBlocks(elements)));
  tensors_.push_back({&scalars, elements, first, TensorFactors(), factoring});
  std::copy_n(numbers, kMaxSlots, tensors_.back().factors.next);
  std::copy_n(scalars.rule, kMaxScalars, tensors_.back().factors.rule);
  return static_cast<int64_t>(tensors_.size()) - 1;
}

void Phases::Finish(const Rule& rule, int64_t index, SumSet wanted) {
  Tensor& tensor = tensors_[static_cast<size_t>(index)];
  TensorSums sums = {};
  sums.count = tensor.elements;
  const BlockSums* const blocks = BlocksOf(index);
  for (int64_t i = 0; i < SumBlocks(tensor.elements); ++i) {
    for (int k = 0; k < kSumCount; ++k) sums.of[k] += blocks[i].of[k];
  }
  const Scalars& scalars = *tensor.scalars;
  TensorFactors& factors = tensor.factors;
  const bool counts = (wanted >> kAgreements & 1) != 0;
  if (rule.finish != nullptr && (wanted & ~(1U << kAgreements)) != 0) {
    rule.finish(scalars, sums, &factors);
  }
  if (tensor.elements == 0) return;
  const double clipped = ClippingFactor(scalars.clipping, sums);
  const double agreeing = counts ? CautiousFactor(scalars.cautious, sums) : 1;
  (scalars.masks_first ? factors.agreeing : factors.update) *=
      clipped * agreeing;
  factors.decoupled_decay *= clipped;
}

}  // namespace libopt
