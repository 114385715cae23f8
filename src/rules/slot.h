// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The state that a rule keeps for a tensor: slots, each of which is an array
// with its own shape and type. A slot that holds one number is called a number.

#ifndef OPT_SRC_RULES_SLOT_H_
#define OPT_SRC_RULES_SLOT_H_

#include <cstdint>

#include "opt/opt_base.h"
#include "opt/opt_describe.h"

namespace libopt {

// The number of extents that a tensor may have.
constexpr int32_t kMaxRank = 64;

constexpr int kMaxSlots = 8;

// The index of an option or a slot that a rule lacks.
constexpr int kNone = -1;

constexpr int kAlways = -1;  // SlotDescriptor::when_option

// SlotDescriptor::initial_option, if it is not an option.
constexpr int kZeros = -1;
constexpr int kOnes = -2;
// The parameter at the tensor's first step.
constexpr int kParamCopy = -3;

// The tensors that have a slot: all; those whose second moment the rule
// factors; or the others.
enum class SlotTensors { kAll, kFactored, kUnfactored };

struct SlotDescriptor {
  const char* name;  // PyTorch's name
  const char* doc;
  int when_option;     // it exists if this option is not 0, or kAlways
  int initial_option;  // it starts at this option's value, or kZeros, ...
  opt_shape shape = OPT_SHAPE_PARAM;
  opt_dtype dtype = OPT_DTYPE_PARAM;
  SlotTensors tensors = SlotTensors::kAll;
  // How many times as many roundings its value takes as a moving average of
  // gradients; the tests allow as many times the error.
  double roundings = 1;

  constexpr bool is_like_param() const { return shape == OPT_SHAPE_PARAM; }
  constexpr bool is_tensor_number() const { return shape == OPT_SHAPE_NUMBER; }
  constexpr bool is_group_number() const {
    return shape == OPT_SHAPE_GROUP_NUMBER;
  }
};

// Bit i: slot i exists. Numbers of groups exist in groups alone.
using Layout = uint32_t;

// Elements of a block of OPT_SHAPE_BLOCKS.
constexpr int64_t kSlotBlock = 256;

// The shape of a tensor, borrowed.
struct TensorShape {
  const int64_t* extents;
  int32_t rank;
  int64_t count;  // of elements: the product of the extents
};

// Writes the extents of a slot for a tensor, of which there may be as many as
// the tensor's rank; returns how many there are.
int32_t SlotExtents(opt_shape slot, const TensorShape& tensor,
                    int64_t* extents);

// The number of a slot's elements, or -1 if it is too large to be counted.
int64_t SlotElements(opt_shape slot, const TensorShape& tensor);

}  // namespace libopt

#endif  // OPT_SRC_RULES_SLOT_H_
