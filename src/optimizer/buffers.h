// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The caller's buffers: which of them a call uses for a tensor, and whether any
// two of them share memory.

#ifndef OPT_SRC_OPTIMIZER_BUFFERS_H_
#define OPT_SRC_OPTIMIZER_BUFFERS_H_

#include <cstdint>
#include <map>
#include <vector>

#include "src/base/pmr.h"
#include "src/optimizer/tensor.h"

namespace libopt {

// The buffer of tensor `index` in a call: the lent one, or else the retained
// one. Where gradients are lent, a NULL entry means that there is no gradient.
inline void* ParamOf(const Tensor& tensor, const opt_lent& lent,
                     int64_t index) {
  return lent.params != nullptr && lent.params[index] != nullptr
             ? lent.params[index]
             : tensor.param;
}
inline void* GradOf(const Tensor& tensor, const opt_lent& lent, int64_t index) {
  return lent.grads != nullptr ? lent.grads[index] : tensor.grad;
}

// The buffers that a caller lends for one call; none if `lent` is nullptr.
// Throws OPT_ERR_STRUCT, or OPT_ERR_ARGUMENT unless the arrays have one entry
// for each index.
opt_lent ReadLent(const opt_lent* lent, int64_t index_count);

// The address of an element of an array.
inline char* ElementAt(void* data, int64_t element, opt_dtype dtype) {
  return static_cast<char*>(data) + element * SizeOf(dtype);
}

// The bytes of one tensor's parameters or gradient.
struct Range {
  uintptr_t begin = 0;
  uintptr_t end = 0;
  int64_t tensor = 0;  // index
  bool is_grad = false;
};

// The range of a buffer of `bytes` bytes; it is empty for nullptr.
inline Range RangeOf(const void* data, int64_t bytes, int64_t tensor,
                     bool is_grad) {
  const auto begin = reinterpret_cast<uintptr_t>(data);
  const auto size = data == nullptr ? 0 : static_cast<uintptr_t>(bytes);
  return {begin, begin + size, tensor, is_grad};
}

// The first of the ranges that shares memory with another, which then follows
// it, or nullptr. They are sorted by address, unless they already are.
const Range* FindOverlap(pmr::Vector<Range>* ranges);

// "parameter" or "gradient", for messages.
inline const char* KindOf(const Range& range) {
  return range.is_grad ? "gradient" : "parameter";
}

// A set of ranges, no two of which share memory: those of retained buffers.
class DisjointRanges {
 public:
  explicit DisjointRanges(pmr::MemoryResource* memory) : by_begin_(memory) {}

  // A range of the set that shares memory with `range` and belongs to a tensor
  // other than `ignored`; nullptr if there is none.
  const Range* FindOverlap(const Range& range, int64_t ignored = -1) const;

  // Adds a range that overlaps no other. Empty ranges are ignored.
  void Add(const Range& range);
  // Removes a range that was added.
  void Remove(const Range& range) noexcept {
    if (range.begin != range.end) by_begin_.erase(range.begin);
  }
  // Takes over all ranges of another set, which must use the same memory
  // resource.
  void Merge(DisjointRanges* other) noexcept {
    by_begin_.merge(other->by_begin_);
  }
  size_t size() const { return by_begin_.size(); }

 private:
  pmr::Map<uintptr_t, Range> by_begin_;
};

class TensorList;

// Checks the buffers that are lent for one call. It allocates nothing, and it
// sorts only if the order of the addresses differs from the last call's.
class LentBuffers {
 public:
  explicit LentBuffers(pmr::MemoryResource* memory) : ranges_(memory) {}

  // Makes room for the buffers of a number of indices.
  void Reserve(int64_t index_count);

  // The buffers that a call uses: all gradients, and the parameters of no
  // tensor, of tensors with a gradient, with an accumulated gradient, with an
  // average, with a step, or of all tensors.
  enum Use {
    kGradsOnly,
    kGradsAndParams,
    kParamsOfAccumulated,
    kParamsOfAveraged,
    kParamsOfStepped,
    kAllParams,
  };

  // Throws OPT_ERR_OVERLAP if any two of the buffers that a call uses share
  // memory.
  void Check(const TensorList& tensors, const opt_lent& lent, Use use);

 private:
  // The buffer of a range in this call, or nullptr.
  static const void* BufferOf(const Range& range, const Tensor& tensor,
                              const opt_lent& lent, Use use);

  // Two for each index, in the order of the addresses at the last call.
  pmr::Vector<Range> ranges_;
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_BUFFERS_H_
