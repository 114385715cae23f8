// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The attached tensors of one optimizer: by index, by name, by address.

#ifndef OPT_SRC_OPTIMIZER_TENSOR_LIST_H_
#define OPT_SRC_OPTIMIZER_TENSOR_LIST_H_

#include <cstdint>
#include <memory_resource>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/base/memory.h"
#include "src/optimizer/ranges.h"
#include "src/optimizer/tensor.h"

namespace libopt {

class TensorList {
 public:
  explicit TensorList(std::pmr::memory_resource* memory)
      : memory_(memory), by_index_(memory), by_name_(memory), ranges_(memory) {}

  // Tensors that have been made ready, and what the list is with them: filled
  // by Stage, which may throw, and taken over by Commit, which does not.
  struct Staged {
    explicit Staged(std::pmr::memory_resource* memory)
        : tensors(memory), indices(memory), names(memory), ranges(memory) {}
    std::pmr::vector<Owned<Tensor>> tensors;
    std::pmr::vector<int64_t> indices;
    std::pmr::unordered_map<std::string_view, int64_t> names;
    Ranges ranges;
  };

  // Gives the tensor the lowest free index and a name if it has none, and
  // checks that its name is new. `spec` is its description.
  void Stage(const opt_tensor& spec, Staged* staged) const;
  // Checks addresses, when all are staged; makes room.
  void Prepare(Staged* staged);
  void Commit(Staged* staged) noexcept;
  // What index_count() is after the commit.
  int64_t IndexCountWith(const Staged& staged) const;

  // Other retained buffers for a tensor. All or nothing.
  void Bind(int64_t index, void* param, void* grad);
  void Remove(int64_t index);

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

 private:
  int64_t NextFreeIndex(const Staged& staged) const;
  void CheckOverlap(const Ranges& sorted, const Staged* staged) const;
  std::string_view NameOf(int64_t index, const Staged* staged) const;

  std::pmr::memory_resource* memory_;
  std::pmr::vector<Owned<Tensor>> by_index_;  // nullptr where detached
  std::pmr::unordered_map<std::string_view, int64_t> by_name_;
  Ranges ranges_;  // of the retained buffers, sorted
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_TENSOR_LIST_H_
