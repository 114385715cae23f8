// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Checks of buffers that are lent for one call, without allocating and, where
// the same buffers come again, without sorting.

#ifndef OPT_SRC_OPTIMIZER_LENT_H_
#define OPT_SRC_OPTIMIZER_LENT_H_

#include <cstdint>
#include <memory_resource>

#include "src/optimizer/ranges.h"
#include "src/optimizer/tensor_list.h"

namespace libopt {

class LentBuffers {
 public:
  explicit LentBuffers(std::pmr::memory_resource* memory) : ranges_(memory) {}

  // Makes room for the buffers of a number of indices.
  void Reserve(int64_t index_count);

  // What a call uses: gradients, and the parameters of no tensor, of those that
  // have a gradient, an accumulated one, or an average, or of all.
  enum Use {
    kGradsOnly,
    kGradsAndParams,
    kParamsOfAccumulated,
    kParamsOfAveraged,
    kAllParams,
  };

  // Throws OPT_ERR_OVERLAP if any two of the buffers that a call uses share
  // memory. `params` and `grads` as in opt_step_args.
  void Check(const TensorList& tensors, void* const* params, void* const* grads,
             Use use);

 private:
  // The buffer of a range in this call, or nullptr.
  static const void* BufferOf(const Range& range, const Tensor& tensor,
                              void* const* params, void* const* grads, Use use);

  // Two for each index, ordered as the call before had their addresses.
  Ranges ranges_;
};

// The buffer of tensor `index` in a call: lent, or else retained. A gradient
// is not lent if there is an array of them with NULL at its place.
inline void* ParamOf(const Tensor& tensor, void* const* params, int64_t index) {
  return params != nullptr && params[index] != nullptr ? params[index]
                                                       : tensor.param;
}
inline void* GradOf(const Tensor& tensor, void* const* grads, int64_t index) {
  return grads != nullptr ? grads[index] : tensor.grad;
}

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_LENT_H_
