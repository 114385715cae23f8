// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The same numbers in tensors of many sizes and of all dtypes. Element i is
// equal in all tensors of a dtype, so results of the longest cover the others.

#ifndef OPT_TESTS_RULES_GRID_H_
#define OPT_TESTS_RULES_GRID_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/rules/harness.h"

namespace opt_test {

class Grid {
 public:
  // One tensor for each size and each pair of parameter and gradient dtype;
  // sizes ascending. Buffers start `offset` elements after a boundary.
  explicit Grid(const std::vector<int64_t>& sizes, int64_t offset = 0);

  std::vector<Tensor>& tensors() { return tensors_; }
  // The longest tensor of the same dtypes as a tensor.
  size_t Longest(size_t tensor) const;

  void FillParams();
  void FillGrads(uint32_t step);

  // Fills the parameters, makes kGridSteps in a fresh optimizer, with `work` on
  // the gradients if given, after `steps_before` that it only counts, and
  // returns the AllBits() of each tensor.
  using TensorBits = std::vector<std::string>;
  std::vector<TensorBits> Run(const std::string& rule,
                              const std::string& preset, const Options& options,
                              const Context& context,
                              const opt_grad_work* work = nullptr,
                              int64_t steps_before = 0);
  // The same with an average of the parameters, whose bits come last, and with
  // gradients that are zeroed.
  std::vector<TensorBits> RunAveraged(const std::string& rule,
                                      const opt_average_config& config,
                                      const Context& context);

 private:
  void Fill(Array Tensor::*array, uint32_t stream, uint32_t step);

  size_t size_count_;
  std::vector<Tensor> tensors_;
  // The numbers that Fill() has worked out, by stream and step.
  std::map<std::pair<uint32_t, uint32_t>, std::vector<std::string>> values_;
};

// Streams of Varied(), and how many steps are made.
constexpr uint32_t kGridParams = 1;
constexpr uint32_t kGridGrads = 2;
constexpr uint32_t kGridSteps = 3;
// A number of steps after which the first ones, such as those that RAdam does
// not rectify, are over.
constexpr int64_t kLate = 100;

// 0 .. 3 vectors + 1 for the widest ones, of 16 floats.
std::vector<int64_t> EverySize();

}  // namespace opt_test

#endif  // OPT_TESTS_RULES_GRID_H_
