// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Steps of several phases: the sums over whole tensors, or over all tensors of
// a group or of all groups, that the first ones make, and the factors that they
// give the last one.

#ifndef OPT_SRC_OPTIMIZER_PHASES_H_
#define OPT_SRC_OPTIMIZER_PHASES_H_

#include <cstdint>
#include <vector>

#include "src/base/pmr.h"
#include "src/kernel/kernels.h"
#include "src/optimizer/sorted_sums.h"
#include "src/rules/descriptor.h"

namespace libopt {

class Phases {
 public:
  explicit Phases(pmr::MemoryResource* memory)
      : blocks_(memory), tensors_(memory), totals_(memory), sums_(memory) {}

  // Makes room for tensors and their blocks, or for groups, so that a step
  // allocates nothing.
  void Reserve(int64_t tensors, int64_t blocks);
  void ReserveGroups(int64_t groups);
  void Clear();
  bool empty() const { return tensors_.empty(); }

  // Adds a tensor, and returns its index here. `numbers` are those before the
  // step, by slot.
  int64_t Add(const Scalars& scalars, int32_t group, int64_t elements,
              const double* numbers, const Factoring& factoring);

  // How the second moment of a tensor is factored, or nullptr.
  const Factoring* FactoringOf(int64_t tensor) const {
    const Factoring& found = tensors_[static_cast<size_t>(tensor)].factoring;
    return found.row_length > 0 ? &found : nullptr;
  }

  // The place for the sums of a tensor's blocks; any thread may write them.
  BlockSums* BlocksOf(int64_t tensor) {
    return blocks_.data() + tensors_[static_cast<size_t>(tensor)].first_block;
  }

  // Adds up these sums of all tensors of a group, and of all groups, once all
  // blocks are there. The order of the tensors does not change a bit of them.
  void AddTensors(SumSet Scalars::*sums);
  // Makes factors of a tensor from its blocks, which hold these sums, and from
  // those of others if its scope is wider.
  void Finish(const Rule& rule, int64_t tensor, SumSet wanted);
  const TensorFactors& FactorsOf(int64_t tensor) const {
    return tensors_[static_cast<size_t>(tensor)].factors;
  }

 private:
  struct Tensor {
    const Scalars* scalars;
    int32_t group;
    int64_t elements;
    int64_t first_block;
    TensorFactors factors;
    Factoring factoring;
  };

  TensorSums SumsOf(const Tensor& tensor) const;
  size_t TotalOf(const Tensor& tensor) const;
  void AddTensors(SumSet Scalars::*sums, Sum sum);

  pmr::Vector<BlockSums> blocks_;
  pmr::Vector<Tensor> tensors_;
  pmr::Vector<TensorSums> totals_;  // of all groups, then of each
  SortedSums sums_;
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_PHASES_H_
