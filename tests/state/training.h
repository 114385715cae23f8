// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A training run that can be stopped and resumed: tensors of every kind, and
// gradients that depend on the step's number alone.

#ifndef OPT_TESTS_STATE_TRAINING_H_
#define OPT_TESTS_STATE_TRAINING_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "opt/opt.h"
#include "tests/rules/harness.h"

namespace opt_test {

struct TrainedTensor {
  const char* name;
  opt_dtype param_dtype;
  opt_dtype grad_dtype;
  std::vector<int64_t> shape;
  bool second_group;
  uint32_t first_step;  // with a gradient
};

// Both dtypes, two groups, no elements, a gradient that starts late.
const std::vector<TrainedTensor>& EveryTensor();
// A few elements in a tensor of each group.
const std::vector<TrainedTensor>& SmallTensors();

enum class Order { kForward, kBackward };

class Training {
 public:
  explicit Training(const std::string& rule, const Options& options = {},
                    const std::vector<TrainedTensor>& tensors = EveryTensor(),
                    opt_context context = nullptr,
                    Order order = Order::kForward);

  opt_optimizer get() const { return optimizer_.get(); }

  // Makes the steps number `from` to `to` - 1.
  void Steps(uint32_t from, uint32_t to);
  // The same with a report of a metric after each: a better one every five
  // steps.
  void StepsWithMetrics(uint32_t from, uint32_t to);
  // Accumulates one micro-batch of a step.
  void Accumulate(uint32_t step);
  // The same, with an Inf among the gradients of the last tensor.
  void AccumulateInf(uint32_t step);

  // The checkpoint, parameters included.
  std::string Save() const;
  // Loads it, parameters included; throws what opt_last_error() says.
  void Load(std::string_view checkpoint);

 private:
  void Accumulate(const std::vector<void*>& grads);
  // The gradients of a step, in the order of the tensors' indices.
  std::vector<void*> Grads(uint32_t step);

  Optimizer optimizer_;
  std::vector<TrainedTensor> kinds_;  // by index
  std::vector<Tensor> tensors_;
};

std::string SaveWith(opt_optimizer optimizer, const opt_save_args& args);
// Loads with OPT_LOAD_PARAMS.
opt_status LoadAll(opt_optimizer optimizer, std::string_view checkpoint);
// Loads from a callback that gives one byte more each time.
opt_status LoadByCallback(opt_optimizer optimizer, std::string_view checkpoint,
                          uint32_t flags);

// Dtype, shape and data of each entry of a checkpoint by its name.
std::map<std::string, std::string> EntriesOf(std::string_view checkpoint);

}  // namespace opt_test

#endif  // OPT_TESTS_STATE_TRAINING_H_
