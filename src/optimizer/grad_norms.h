// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The norms of gradients, and the factors of clipping by norm.

#ifndef OPT_SRC_OPTIMIZER_GRAD_NORMS_H_
#define OPT_SRC_OPTIMIZER_GRAD_NORMS_H_

#include <cstdint>
#include <vector>

#include "opt/opt_gradient.h"
#include "src/base/pmr.h"
#include "src/kernel/kernels.h"
#include "src/optimizer/sorted_sums.h"

namespace libopt {

// min(1, max_norm / (norm + 1e-6)), or 1 if there is no bound. NaN stays NaN.
double ClipFactor(double max_norm, double norm);

// Norms of gradients, whose bits depend neither on how the work was cut nor on
// the order of the tensors. Each tensor is measured in blocks, counted from its
// start, which are added up in that order. The sums of the tensors are then
// added up in the order of their values.
class GradNorms {
 public:
  explicit GradNorms(pmr::MemoryResource* memory)
      : blocks_(memory),
        tensors_(memory),
        sums_(memory),
        group_norms_(memory),
        group_factors_(memory) {}

  // Make room, so that a call allocates nothing.
  void Reserve(int64_t tensors, int64_t blocks);
  void ReserveGroups(int64_t groups);

  // Forgets all tensors.
  void Clear();
  // Adds the next tensor, which has `elements` elements.
  void Add(int32_t group, int64_t elements);

  // The place for the measures of a tensor's blocks; any thread may write them.
  GradMeasure* BlocksOf(int64_t item) {
    return blocks_.data() + tensors_[static_cast<size_t>(item)].first_block;
  }

  // Combines the measures of the blocks into those of the tensors.
  void FoldBlocks();

  // Computes the norms of the gradients before they are clipped to max_norm,
  // and the factors of both kinds of clipping by norm. `scale` is the factor of
  // the gradients: it is not yet in their measures, except in the sums of
  // gradients that are clipped by value.
  void Combine(const opt_grad_work& work, double scale, int64_t group_count);

  // The largest |g| of a tensor as it was measured; NaN if it contains one.
  double MaxOf(int64_t item) const {
    return tensors_[static_cast<size_t>(item)].measure.max;
  }
  // The factor by which clipping by norm multiplies a tensor's gradient.
  double FactorOf(int64_t item) const {
    const Tensor& tensor = tensors_[static_cast<size_t>(item)];
    return tensor.factor * group_factors_[static_cast<size_t>(tensor.group)];
  }
  double norm() const { return norm_; }
  double factor() const { return factor_; }
  const double* group_norms() const { return group_norms_.data(); }

 private:
  struct Tensor {
    int64_t first_block;
    int64_t block_count;
    int32_t group;
    GradMeasure measure;
    double norm;    // before clipping by it
    double factor;  // of clipping by it
  };
  double CombineSums(double scale);
  double CombineMaxima();

  pmr::Vector<GradMeasure> blocks_;
  pmr::Vector<Tensor> tensors_;
  SortedSums sums_;
  pmr::Vector<double> group_norms_;
  pmr::Vector<double> group_factors_;
  double norm_ = 0;
  double factor_ = 1;
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_GRAD_NORMS_H_
