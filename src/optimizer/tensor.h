// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// An attached tensor: the caller's buffers and the library's state.

#ifndef OPT_SRC_OPTIMIZER_TENSOR_H_
#define OPT_SRC_OPTIMIZER_TENSOR_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "opt/opt_tensor.h"
#include "src/base/memory.h"
#include "src/base/pmr.h"
#include "src/kernel/kernels.h"
#include "src/optimizer/attributes.h"
#include "src/optimizer/groups.h"
#include "src/rules/descriptor.h"

namespace libopt {

// Bytes of an element.
constexpr int64_t SizeOf(opt_dtype dtype) {
  return dtype == OPT_F32 ? 4 : dtype == OPT_BF16 ? 2 : dtype == OPT_U8 ? 1 : 8;
}
const char* DtypeName(opt_dtype dtype);

// The highest number that counters of steps and samples can reach. The sum of
// two of them does not overflow.
constexpr int64_t kMaxCounter = INT64_MAX / 2;

// The names of state that does not depend on the rule.
constexpr std::string_view kAccumulatorSlot = "grad_accumulator";
constexpr std::string_view kAverageSlot = "param_average";

// The average of a tensor's parameters: as many elements, in the same type.
struct TensorAverage {
  TensorAverage() = default;
  TensorAverage(int64_t bytes, pmr::MemoryResource* memory);

  char* data() const { return block.data() + offset; }
  int64_t bytes() const { return static_cast<int64_t>(block.size() - offset); }

  Block block;
  size_t offset = 0;    // staggers it, as the slots are
  int64_t updates = 0;  // so far; with 0 its bytes are undefined
};

// The bytes of each of a tensor's slots; kNoSlot where the layout lacks one.
struct SlotSizes {
  static constexpr int64_t kNoSlot = -1;

  int64_t bytes[kMaxSlots];
};

// The state that the library keeps for a tensor.
struct TensorState {
  TensorState() = default;
  // Uninitialized slots.
  TensorState(const SlotSizes& sizes, pmr::MemoryResource* memory);

  int64_t step = 0;             // steps taken; Tensor::steps() has all of them
  Block block;                  // holds the slots
  int64_t slot_bytes = 0;       // of all slots together
  void* slots[kMaxSlots] = {};  // nullptr where the layout lacks one
  Block accumulator;            // as long as the parameters, in their type
  bool accumulated = false;     // it holds a sum; else its bytes are undefined
  TensorAverage average;
  // The parameters, while the evaluation weights are in their buffers and no
  // average holds them.
  Block train;
};

struct Tensor {
  explicit Tensor(pmr::MemoryResource* memory)
      : name(memory), shape(memory), slot_shapes(memory) {}

  // Checks a description and takes it over, without the state. `index` is for a
  // name that must be generated. Throws Error.
  void Describe(const opt_tensor& spec, int64_t index);

  // Allocates the slots that the group's options ask for and finds the kernel.
  void AllocateState(const Rule& rule, const Group& options, int target,
                     pmr::MemoryResource* memory);
  // Fills the slots with their initial values.
  void InitializeState(const Rule& rule, const Group& options);
  void AllocateAccumulator(pmr::MemoryResource* memory);
  void AllocateAverage(pmr::MemoryResource* memory);

  // Its description, without buffers.
  opt_tensor Spec() const;
  // Copies state and attributes from a tensor with the same description and
  // the same slots.
  void CopyFrom(const Tensor& other);

  // The steps that it has taken: the formulas' t.
  int64_t steps() const {
    return state.step + (planned_steps == nullptr ? 0 : *planned_steps);
  }

  int64_t param_bytes() const { return count * SizeOf(param_dtype); }
  int64_t grad_bytes() const { return count * SizeOf(grad_dtype); }

  TensorShape shape_view() const {
    return {shape.data(), static_cast<int32_t>(shape.size()), count};
  }
  opt_dtype DtypeOf(const SlotDescriptor& slot) const {
    return slot.dtype == OPT_DTYPE_PARAM ? param_dtype : slot.dtype;
  }
  // The bytes that the slots of a layout need. Throws OPT_ERR_LIMIT if a slot
  // is too large.
  SlotSizes SizesOf(const RuleDescriptor& rule, Layout layout) const;
  // A slot that the tensor has.
  opt_view ViewOf(const RuleDescriptor& rule, int slot) const;

  pmr::String name;
  pmr::Vector<int64_t> shape;
  // The shapes of those slots that have one of their own, one after another.
  pmr::Vector<int64_t> slot_shapes;
  int32_t group = 0;
  opt_dtype param_dtype = OPT_F32;
  opt_dtype grad_dtype = OPT_F32;
  int64_t count = 0;
  void* param = nullptr;    // retained, or nullptr
  void* grad = nullptr;     // retained, or nullptr
  bool is_unbound = false;  // of a copy, to which no buffers were given yet

  TensorAttributes attributes;
  StepKernel kernel;
  Layout layout = 0;  // of its state
  // How its second moment is factored; row_length is 0 if it is not. The places
  // of the factors are those of the slots.
  Factoring factoring = {};
  int64_t slice_count = 0;
  Block factor_scratch;  // what else `factoring` points to
  TensorState state;
  // Steps that it took by a plan (plan.h), not yet counted in state.step;
  // nullptr: none.
  const int64_t* planned_steps = nullptr;

 private:
  // Finds the factoring and its scratch memory.
  void Factor(const RuleDescriptor& rule, pmr::MemoryResource* memory);
  // Gives a slot its initial value.
  void FillSlot(const RuleDescriptor& rule, int slot, const Group& group);
};

// Whether steps leave the tensor out, for itself or with its group.
inline bool IsFrozen(const Tensor& tensor, const Groups& groups) {
  return tensor.attributes.frozen() || IsFrozen(groups[tensor.group]);
}

// Whether an address is a multiple of the size of its elements.
inline bool IsAligned(const void* data, opt_dtype dtype) {
  return reinterpret_cast<uintptr_t>(data) %
             static_cast<uintptr_t>(SizeOf(dtype)) ==
         0;
}
// Whether so many elements from an address on fit into the address space.
inline bool FitsAddressSpace(const void* data, opt_dtype dtype, int64_t count) {
  return (UINTPTR_MAX - reinterpret_cast<uintptr_t>(data)) /
             static_cast<uintptr_t>(SizeOf(dtype)) >=
         static_cast<uintptr_t>(count);
}

// Throws OPT_ERR_ARGUMENT if a buffer for the tensor is not aligned to its
// elements, or does not fit into the address space.
void CheckBuffer(const void* data, opt_dtype dtype, const char* what,
                 const Tensor& tensor);

}  // namespace libopt

#endif  // OPT_SRC_OPTIMIZER_TENSOR_H_
