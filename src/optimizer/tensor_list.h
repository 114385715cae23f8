// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The attached tensors of one optimizer: by index, by name and by address. The
// cost of attaching, binding, detaching or finding one tensor grows at most
// with the logarithm of the number of tensors.

#ifndef OPT_SRC_OPTIMIZER_TENSOR_LIST_H_
#define OPT_SRC_OPTIMIZER_TENSOR_LIST_H_

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/base/memory.h"
#include "src/base/pmr.h"
#include "src/optimizer/buffers.h"
#include "src/optimizer/tensor.h"

namespace libopt {

class TensorList {
 public:
  explicit TensorList(pmr::MemoryResource* memory)
      : memory_(memory),
        by_index_(memory),
        free_(memory),
        by_name_(memory),
        ranges_(memory) {}

  // Tensors that are ready to be attached: filled by Stage, which may throw,
  // and taken over by Commit, which does not. Indices that are not taken over
  // become free again.
  class Staged {
   public:
    explicit Staged(TensorList* list)
        : tensors(list->memory_),
          indices(list->memory_),
          list_(list),
          names_(list->memory_),
          ranges_(list->memory_) {}
    ~Staged();
    Staged(const Staged&) = delete;
    Staged& operator=(const Staged&) = delete;

    pmr::Vector<Owned<Tensor>> tensors;
    pmr::Vector<int64_t> indices;

   private:
    friend class TensorList;
    TensorList* list_;
    pmr::UnorderedMap<std::string_view, int64_t> names_;
    DisjointRanges ranges_;
  };

  // Gives the tensor the lowest free index and a name if it has none, and
  // checks that its name is new. `spec` is its description.
  void Stage(const opt_tensor& spec, Staged* staged);
  // Checks the addresses once all tensors are staged, and makes room for the
  // tensors.
  void Prepare(Staged* staged);
  void Commit(Staged* staged) noexcept;
  // The index_count() that a commit would lead to.
  int64_t IndexCountWith(const Staged& staged) const;

  // Prepares an empty list to take tensors at the same indices as another list:
  // Stage() hands these out in ascending order. Once it has been called for all
  // of them, TakeFreeIndices() frees the indices that are free in the other.
  void ReserveIndices(const TensorList& other);
  void TakeFreeIndices(const TensorList& other);

  // Gives a tensor other retained buffers. Changes nothing if it throws.
  void Bind(int64_t index, void* param, void* grad);
  void Remove(int64_t index) noexcept;

  // The tensor at an index; throws OPT_ERR_RANGE if there is none.
  Tensor& At(int64_t index) const;
  // The tensor at an index within index_count, or nullptr.
  Tensor* Get(int64_t index) const {
    return by_index_[static_cast<size_t>(index)].get();
  }
  // The index of a name; throws OPT_ERR_NAME if there is none.
  int64_t Find(std::string_view name) const;
  // The same, but -1 if there is none.
  int64_t TryFind(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? -1 : found->second;
  }

  int64_t index_count() const { return static_cast<int64_t>(by_index_.size()); }
  int64_t tensor_count() const { return static_cast<int64_t>(by_name_.size()); }
  // Sums over all tensors: elements, bytes of their parameters, bytes of their
  // slots.
  int64_t param_count() const { return param_count_; }
  int64_t param_bytes() const { return param_bytes_; }
  int64_t slot_bytes() const { return slot_bytes_; }

 private:
  int64_t TakeFreeIndex(const Staged& staged);
  void GiveBack(int64_t index) noexcept;
  void Sum(const Tensor& tensor, int64_t sign) noexcept;
  [[noreturn]] void FailOverlap(const Range& a, const Range& b,
                                const Staged* staged) const;
  std::string_view NameOf(int64_t index, const Staged* staged) const;

  pmr::MemoryResource* memory_;
  pmr::Vector<Owned<Tensor>> by_index_;  // nullptr where detached
  // A heap, lowest first, of indices that were detached. By now some of them
  // may be past the end or taken again.
  pmr::Vector<int64_t> free_;
  pmr::UnorderedMap<std::string_view, int64_t> by_name_;
  DisjointRanges ranges_;  // of the retained buffers
  int64_t param_count_ = 0;
  int64_t param_bytes_ = 0;
  int64_t slot_bytes_ = 0;
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_TENSOR_LIST_H_
