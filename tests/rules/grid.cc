// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/rules/grid.h"

#include <cstring>

namespace opt_test {

Grid::Grid(const std::vector<int64_t>& sizes, int64_t offset)
    : size_count_(sizes.size()) {
  for (const Dtypes& dtypes : kEveryDtypes) {
    for (const int64_t size : sizes) {
      tensors_.emplace_back(dtypes.param, dtypes.grad, size, offset);
    }
  }
}

size_t Grid::Longest(size_t tensor) const {
  return (tensor / size_count_ + 1) * size_count_ - 1;
}

void Grid::FillParams() { Fill(&Tensor::param, kGridParams, 0); }
void Grid::FillGrads(uint32_t step) { Fill(&Tensor::grad, kGridGrads, step); }

// The values of a step are worked out once, for the longest tensors; the others
// get copies of their beginning.
void Grid::Fill(Array Tensor::*array, uint32_t stream, uint32_t step) {
  std::vector<std::string>& values = values_[{stream, step}];
  values.resize(tensors_.size());
  for (size_t i = tensors_.size(); i-- > 0;) {
    const size_t longest = Longest(i);
    Array& to = tensors_[i].*array;
    if (values[longest].empty()) {
      to.Fill(stream, step);
      values[longest] = Bits(to.dtype(), to.data(), to.count());
    }
    std::memcpy(to.data(), values[longest].data(),
                static_cast<size_t>(to.count()) * ElementSize(to.dtype()));
  }
}

std::vector<Grid::TensorBits> Grid::Run(
    const std::string& rule, const std::string& preset, const Options& options,
    const Context& context, const opt_grad_work* work, int64_t steps_before) {
  Optimizer optimizer(rule, preset, options, context.get());
  for (Tensor& tensor : tensors_) {
    optimizer.Attach(&tensor);
    Check(opt_tensor_set_step(optimizer.get(), tensor.index, steps_before));
  }
  FillParams();
  for (uint32_t step = 1; step <= kGridSteps; ++step) {
    FillGrads(step);
    opt_step_args args = OPT_STEP_ARGS_INIT;
    args.work = work;
    Check(opt_step(optimizer.get(), &args));
  }
  std::vector<TensorBits> bits;
  bits.reserve(tensors_.size());
  for (const Tensor& tensor : tensors_) {
    bits.push_back(optimizer.AllBits(tensor));
  }
  return bits;
}

std::vector<Grid::TensorBits> Grid::RunAveraged(
    const std::string& rule, const opt_average_config& config,
    const Context& context) {
  Optimizer optimizer(rule, "", {}, context.get());
  for (Tensor& tensor : tensors_) optimizer.Attach(&tensor);
  Check(opt_average_start(optimizer.get(), &config));
  FillParams();
  for (uint32_t step = 1; step <= kGridSteps; ++step) {
    FillGrads(step);
    optimizer.Step(OPT_STEP_ZERO_GRADS);
  }
  std::vector<TensorBits> bits;
  bits.reserve(tensors_.size());
  for (const Tensor& tensor : tensors_) {
    bits.push_back(optimizer.AllBits(tensor));
    bits.back().push_back(AverageBits(optimizer, tensor));
  }
  return bits;
}

std::vector<int64_t> EverySize() {
  std::vector<int64_t> sizes;
  for (int64_t size = 0; size <= 3 * 16 + 1; ++size) sizes.push_back(size);
  return sizes;
}

}  // namespace opt_test
