// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/tensor.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string_view>

#include "src/base/error.h"
#include "src/base/pmr.h"

namespace libopt {
namespace {

// The sum of the bytes of a few such arrays does not overflow.
constexpr int64_t kMaxElements = std::numeric_limits<int64_t>::max() / 64;

// The gap between the end of a large slot and the next: arrays that a kernel
// walks side by side must not share cache sets, as they do at equal offsets
// within a page.
constexpr size_t kStagger = 5 * 1024 + 3 * Block::kAlignment;
// The average lies where a sixth array would.
constexpr size_t kAverageStagger = 5;
constexpr size_t kStaggerFrom = 64 * 1024;

size_t RoundUp(size_t size) {
  return (size + Block::kAlignment - 1) / Block::kAlignment * Block::kAlignment;
}

void CheckDtype(opt_dtype dtype, const char* field, std::string_view name) {
  if (dtype != OPT_F32 && dtype != OPT_F64) {
    Fail(OPT_ERR_DTYPE, "tensor '", name, "': ", field, " is ", dtype,
         ": use OPT_F32 or OPT_F64");
  }
}

void CheckName(std::string_view name) {
  if (name.empty() || !IsPrintableUtf8(name)) {
    Fail(OPT_ERR_NAME, "a tensor's name is ",
         name.empty() ? "empty" : "not UTF-8 or holds a control character",
         ": give a name that can be printed, or none for a generated one");
  }
  if (name.substr(0, 2) == "__") {
    Fail(OPT_ERR_NAME, "tensor name '", name,
         "' is reserved: names must not start with '__'");
  }
}

// The number of elements of a shape, or -1 if it is too large to count.
int64_t ElementsOf(const int64_t* shape, int32_t rank) {
  int64_t elements = 1;
  bool too_large = false;
  for (int32_t i = 0; i < rank; ++i) {
    if (shape[i] == 0) return 0;
    too_large |= elements > std::numeric_limits<int64_t>::max() / shape[i];
    if (!too_large) elements *= shape[i];
  }
  return too_large ? -1 : elements;
}

void CheckShape(const opt_tensor& spec, std::string_view name) {
  if (spec.count < 0 || spec.count > kMaxElements) {
    Fail(OPT_ERR_ARGUMENT, "tensor '", name, "': count is ", spec.count,
         ": it must be a number of elements, 0 to ", kMaxElements);
  }
  if (spec.rank < 0 || spec.rank > kMaxRank ||
      (spec.shape == nullptr && spec.rank != 0)) {
    Fail(OPT_ERR_ARGUMENT, "tensor '", name, "': rank is ", spec.rank,
         spec.shape == nullptr ? " without a shape" : "", ": it must be 0 to ",
         kMaxRank, ", and 0 if shape is NULL");
  }
  if (spec.shape == nullptr) return;
  for (int32_t i = 0; i < spec.rank; ++i) {
    if (spec.shape[i] < 0) {
      Fail(OPT_ERR_ARGUMENT, "tensor '", name, "': shape[", i, "] is ",
           spec.shape[i], ": extents must be 0 or more");
    }
  }
  const int64_t elements = ElementsOf(spec.shape, spec.rank);
  if (elements != spec.count) {
    Fail(OPT_ERR_ARGUMENT, "tensor '", name, "': count is ", spec.count,
         ", but the product of its shape is ",
         elements < 0 ? Text("too large").view() : Text(elements).view(),
         ": make them equal");
  }
}

template <typename T>
void Fill(void* data, int64_t count, double value) {
  std::fill_n(static_cast<T*>(data), count, static_cast<T>(value));
}

}  // namespace

const char* DtypeName(opt_dtype dtype) {
  return dtype == OPT_F32 ? "f32" : "f64";
}

void CheckBuffer(const void* data, opt_dtype dtype, const char* what,
                 const Tensor& tensor) {
  if (!IsAligned(data, dtype)) {
    Fail(OPT_ERR_ARGUMENT, "tensor '", std::string_view(tensor.name), "': its ",
         what, " is not aligned to the ", SizeOf(dtype), " bytes of an ",
         DtypeName(dtype), " element");
  }
  if (!FitsAddressSpace(data, dtype, tensor.count)) {
    Fail(OPT_ERR_ARGUMENT, "tensor '", std::string_view(tensor.name), "': its ",
         what, " cannot hold ", tensor.count, " elements: check count");
  }
}

void Tensor::Describe(const opt_tensor& spec, int64_t index) {
  if (spec.name != nullptr) {
    CheckName(spec.name);
    name = spec.name;
  } else {
    name = Text("tensor.", index).view();
  }
  if (spec.reserved != 0) {
    Fail(OPT_ERR_ARGUMENT, "tensor '", std::string_view(name),
         "': opt_tensor.reserved must be 0");
  }
  CheckDtype(spec.param_dtype, "param_dtype", name);
  CheckDtype(spec.grad_dtype, "grad_dtype", name);
  CheckShape(spec, name);
  group = spec.group;
  param_dtype = spec.param_dtype;
  grad_dtype = spec.grad_dtype;
  count = spec.count;
  if (spec.shape != nullptr) {
    shape.assign(spec.shape, spec.shape + spec.rank);
  } else {
    shape.assign(1, spec.count);
  }
  param = spec.param;
  grad = spec.grad;
  CheckBuffer(param, param_dtype, "parameter buffer", *this);
  CheckBuffer(grad, grad_dtype, "gradient buffer", *this);
}

TensorAverage::TensorAverage(int64_t bytes, pmr::MemoryResource* memory)
    : offset(static_cast<size_t>(bytes) >= kStaggerFrom
                 ? kAverageStagger * kStagger
                 : 0) {
  block = Block(memory, static_cast<size_t>(bytes) + offset);
}

TensorState::TensorState(const SlotSizes& sizes, pmr::MemoryResource* memory) {
  size_t offsets[kMaxSlots];
  size_t size = 0;
  for (int i = 0; i < kMaxSlots; ++i) {
    if (sizes.bytes[i] == SlotSizes::kNoSlot) continue;
    slot_bytes += sizes.bytes[i];
    const size_t bytes = RoundUp(static_cast<size_t>(sizes.bytes[i]));
    size += bytes >= kStaggerFrom ? kStagger : 0;
    offsets[i] = size;
    size += bytes;
  }
  if (size == 0) return;
  block = Block(memory, size);
  for (int i = 0; i < kMaxSlots; ++i) {
    if (sizes.bytes[i] != SlotSizes::kNoSlot) {
      slots[i] = block.data() + offsets[i];
    }
  }
}

SlotSizes Tensor::SizesOf(const RuleDescriptor& rule, Layout layout) const {
  SlotSizes sizes;
  std::fill_n(sizes.bytes, kMaxSlots, SlotSizes::kNoSlot);
  for (int i = 0; i < rule.slot_count; ++i) {
    if ((layout >> i & 1) == 0) continue;
    const SlotDescriptor& slot = rule.slots[i];
    const int64_t elements = SlotElements(slot.shape, shape_view());
    if (elements < 0 || elements > kMaxElements) {
      Fail(OPT_ERR_LIMIT, "tensor '", std::string_view(name), "': its state '",
           slot.name, "' would have more than ", kMaxElements,
           " elements: check its shape, or use another rule");
    }
    sizes.bytes[i] = elements * SizeOf(DtypeOf(slot));
  }
  return sizes;
}

void Tensor::AllocateState(const Rule& rule, const Group& group, int target,
                           pmr::MemoryResource* memory) {
  const RuleDescriptor& descriptor = *rule.descriptor;
  layout = LayoutOf(descriptor, group, shape_view());
  Layout seen = layout;  // by the loops
  if (descriptor.lookahead_slot >= 0) {
    seen &= ~(1U << descriptor.lookahead_slot);
  }
  Factor(descriptor, memory);
  const bool has_factors =
      descriptor.row_slot >= 0 && (layout >> descriptor.row_slot & 1) != 0;
  if (has_factors) seen &= ~(1U << descriptor.unfactored_slot);
  kernel = FindStep(rule.index, target, param_dtype, seen);
  state = TensorState(SizesOf(descriptor, layout), memory);
  int64_t extents[kMaxRank];
  for (int i = 0; i < descriptor.slot_count; ++i) {
    if ((layout >> i & 1) == 0) continue;
    const SlotDescriptor& slot = descriptor.slots[i];
    if (slot.is_like_param()) continue;
    const int32_t rank = SlotExtents(slot.shape, shape_view(), extents);
    slot_shapes.insert(slot_shapes.end(), extents, extents + rank);
  }
}

void Tensor::Factor(const RuleDescriptor& rule, pmr::MemoryResource* memory) {
  if (rule.row_slot < 0 || (layout >> rule.row_slot & 1) == 0 || count == 0) {
    return;
  }
  const size_t rank = shape.size();
  if (rule.column_slot < 0) {
    factoring.row_count = rank > 0 ? shape[0] : 1;
    factoring.row_length = count / factoring.row_count;
    slice_count = 1;
    return;
  }
  factoring.row_count = shape[rank - 2];
  factoring.row_length = shape[rank - 1];
  slice_count = count / (factoring.row_count * factoring.row_length);
  const int64_t panels = PanelsOf(factoring.row_count);
  const bool sums_apart = panels > 1 || factoring.row_length > kFewColumns;
  const int64_t columns = slice_count * factoring.row_length;
  const int64_t sums = sums_apart ? panels * columns : 0;
  const auto slices_bytes =
      static_cast<size_t>(slice_count) * sizeof(SliceFactors);
  const size_t sums_bytes = static_cast<size_t>(sums) * sizeof(double);
  factor_scratch =
      Block(memory, slices_bytes + sums_bytes +
                        static_cast<size_t>(columns * SizeOf(param_dtype)));
  auto* const scratch = static_cast<char*>(factor_scratch.data());
  const auto place = [scratch](size_t at) -> void* { return scratch + at; };
  factoring.slices = static_cast<SliceFactors*>(place(0));
  if (sums > 0) {
    factoring.partial_columns = static_cast<double*>(place(slices_bytes));
  }
  factoring.column_roots = place(slices_bytes + sums_bytes);
}

void Tensor::InitializeState(const Rule& rule, const Group& group) {
  for (int i = 0; i < rule.descriptor->slot_count; ++i) {
    if ((layout >> i & 1) != 0) FillSlot(*rule.descriptor, i, group);
  }
}

void Tensor::FillSlot(const RuleDescriptor& rule, int index,
                      const Group& group) {
  const SlotDescriptor& slot = rule.slots[index];
  const double initial = slot.initial_option >= 0
                             ? group.values[slot.initial_option]
                         : slot.initial_option == kOnes ? 1
                                                        : 0;
  const bool is_f32 = DtypeOf(slot) == OPT_F32;
  if (is_f32 && initial > std::numeric_limits<float>::max()) {
    Fail(OPT_ERR_VALUE, "tensor '", std::string_view(name), "': option '",
         rule.options[slot.initial_option].name, "' is ", initial,
         ", which its state cannot hold in f32: set a smaller value before "
         "opt_attach");
  }
  const int64_t elements = SlotElements(slot.shape, shape_view());
  is_f32 ? Fill<float>(state.slots[index], elements, initial)
         : Fill<double>(state.slots[index], elements, initial);
}

opt_view Tensor::ViewOf(const RuleDescriptor& rule, int index) const {
  const SlotDescriptor& slot = rule.slots[index];
  opt_view view = {};
  view.dtype = DtypeOf(slot);
  view.count = SlotElements(slot.shape, shape_view());
  view.data = view.count == 0 ? nullptr : state.slots[index];
  view.shape = shape.data();
  view.rank = static_cast<int32_t>(shape.size());
  if (slot.is_like_param()) return view;
  int64_t extents[kMaxRank];
  view.shape = slot_shapes.data();
  for (int i = 0; i <= index; ++i) {
    if (rule.slots[i].is_like_param() || (layout >> i & 1) == 0) continue;
    view.rank = SlotExtents(rule.slots[i].shape, shape_view(), extents);
    if (i < index) view.shape += view.rank;
  }
  return view;
}

void Tensor::AllocateAccumulator(pmr::MemoryResource* memory) {
  state.accumulator = Block(memory, static_cast<size_t>(param_bytes()));
}

void Tensor::AllocateAverage(pmr::MemoryResource* memory) {
  state.average = TensorAverage(param_bytes(), memory);
}

opt_tensor Tensor::Spec() const {
  opt_tensor spec = OPT_TENSOR_INIT;
  spec.group = group;
  spec.param_dtype = param_dtype;
  spec.grad_dtype = grad_dtype;
  spec.count = count;
  spec.shape = shape.data();
  spec.name = name.c_str();
  spec.rank = static_cast<int32_t>(shape.size());
  return spec;
}

void Tensor::CopyFrom(const Tensor& other) {
  const auto copy = [bytes = static_cast<size_t>(param_bytes())](
                        const void* from, void* to) {
    if (to != nullptr && bytes > 0) std::memcpy(to, from, bytes);
  };
  // The slots lie alike in both blocks.
  if (state.block.size() > 0) {
    std::memcpy(state.block.data(), other.state.block.data(),
                state.block.size());
  }
  if (other.state.accumulated) {
    copy(other.state.accumulator.data(), state.accumulator.data());
  }
  if (other.state.average.updates > 0) {
    copy(other.state.average.data(), state.average.data());
  }
  state.step = other.steps();
  state.accumulated = other.state.accumulated;
  state.average.updates = other.state.average.updates;
  attributes = other.attributes;
  is_unbound = true;
}

}  // namespace libopt
