// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A step in slices: which tensors have had their turn.

#ifndef OPT_SRC_OPTIMIZER_TURNS_H_
#define OPT_SRC_OPTIMIZER_TURNS_H_

#include <cstdint>

#include "src/base/pmr.h"
#include "src/optimizer/tensor_list.h"

namespace libopt {

class Turns {
 public:
  // The item of a tensor that the step leaves out.
  static constexpr int64_t kNoItem = -1;

  Turns(const TensorList* tensors, pmr::MemoryResource* memory)
      : tensors_(tensors), turns_(memory), slice_(memory) {}

  // Makes room for a number of indices, so that a step allocates nothing.
  void Reserve(int64_t index_count);

  // Begins a step in which all tensors are due, none of which has an item.
  void Open();
  // Says which item of the step is that of a tensor.
  void SetItem(int64_t index, int64_t item) {
    turns_[static_cast<size_t>(index)].item = item;
  }
  void Close() {
    is_open_ = false;
    remaining_ = 0;
  }

  bool is_open() const { return is_open_; }
  int64_t remaining() const { return remaining_; }
  // Whether any tensor has had its turn.
  bool has_begun() const { return remaining_ < tensors_->tensor_count(); }

  // Throws OPT_ERR_STATE if a step is open, or if none is.
  void CheckClosed() const;
  void CheckOpen() const;

  // The turn of some tensors: it is taken back at the end of the scope unless
  // it was kept.
  class Slice {
   public:
    // `count` may be OPT_REMAINING. Throws OPT_ERR_RANGE or OPT_ERR_ARGUMENT.
    Slice(Turns* turns, const int64_t* indices, int64_t count);
    ~Slice();
    Slice(const Slice&) = delete;
    Slice& operator=(const Slice&) = delete;

    const pmr::Vector<int64_t>& indices() const { return turns_->slice_; }
    int64_t ItemOf(int64_t index) const {
      return turns_->turns_[static_cast<size_t>(index)].item;
    }
    void Keep() { is_kept_ = true; }

   private:
    void Take(int64_t index);
    void GiveBack();

    Turns* const turns_;
    bool is_kept_ = false;
  };

 private:
  struct Turn {
    int64_t item;
    bool is_due;
  };

  int64_t FirstDue() const;

  const TensorList* const tensors_;
  pmr::Vector<Turn> turns_;     // by index
  pmr::Vector<int64_t> slice_;  // indices of the slice that is being taken
  int64_t remaining_ = 0;
  bool is_open_ = false;
};

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_TURNS_H_
