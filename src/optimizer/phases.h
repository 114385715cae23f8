// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Steps of two phases: the sums over whole tensors that the first phase makes,
// and the factors that they give the second one.

#ifndef OPT_SRC_OPTIMIZER_PHASES_H_
#define OPT_SRC_OPTIMIZER_PHASES_H_

#include <cstdint>
#include <vector>

#include "src/base/pmr.h"
#include "src/kernel/kernels.h"
#include "src/rules/descriptor.h"

namespace libopt {

class Phases {
 public:
  explicit Phases(pmr::MemoryResource* memory)
      : blocks_(memory), tensors_(memory) {}

  // Makes room for tensors and their blocks, so that Add allocates nothing.
  void Reserve(int64_t tensors, int64_t blocks);
  void Clear();
  bool empty() const { return tensors_.empty(); }

  // Adds a tensor, and returns its index here. `numbers` are those before the
  // step, by slot.
  int64_t Add(const Scalars& scalars, int64_t elements, const double* numbers,
              const Factoring& factoring);

  // How the second moment of a tensor is factored, or nullptr.
  const Factoring* FactoringOf(int64_t tensor) const {
    const Factoring& found = tensors_[static_cast<size_t>(tensor)].factoring;
    return found.row_length > 0 ? &found : nullptr;
  }

  // The place for the sums of a tensor's blocks; any thread may write them.
  BlockSums* BlocksOf(int64_t tensor) {
    return blocks_.data() + tensors_[static_cast<size_t>(tensor)].first_block;
  }

  // Makes factors of a tensor from its blocks, which hold these sums.
  void Finish(const Rule& rule, int64_t tensor, SumSet wanted);
  const TensorFactors& FactorsOf(int64_t tensor) const {
    return tensors_[static_cast<size_t>(tensor)].factors;
  }

 private:
  struct Tensor {
    const Scalars* scalars;
    int64_t elements;
    int64_t first_block;
    TensorFactors factors;
    Factoring factoring;
  };

  pmr::Vector<BlockSums> blocks_;
  pmr::Vector<Tensor> tensors_;
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_PHASES_H_
