// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/eval_weights.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/error.h"
#include "src/base/memory.h"
#include "src/base/pmr.h"

namespace libopt {

// The slot of a tensor that holds, or leads to, its evaluation weights, or
// nullptr if they are the parameters.
void* EvalWeights::SlotOf(const Tensor& tensor) const {
  const RuleDescriptor& rule = *rule_->descriptor;
  const int slot = rule.eval_slot >= 0 ? rule.eval_slot : rule.lookahead_slot;
  return slot < 0 ? nullptr : tensor.state.slots[slot];
}

bool EvalWeights::Has(const Tensor& tensor) const {
  if (tensor.count == 0) return false;
  if (progress_->averaging.kind != 0) return tensor.state.average.updates > 0;
  // The step count may have been set since the parameters were put aside.
  if (progress_->evaluates) return tensor.state.train.size() > 0;
  return SlotOf(tensor) != nullptr && tensor.steps() > 0;
}

void EvalWeights::CheckAny(const char* call) const {
  const RuleDescriptor& rule = *rule_->descriptor;
  // Weights that were swapped in, or loaded so, can always be swapped back.
  if (progress_->evaluates) return;
  if (progress_->averaging.kind != 0 || rule.eval_slot >= 0) return;
  for (int32_t i = 0; rule.lookahead_option >= 0 && i < groups_->count(); ++i) {
    if ((*groups_)[i].values[rule.lookahead_option] != 0) return;
  }
  Fail(OPT_ERR_STATE, call, ": rule '", rule.name,
       "' evaluates at the parameters themselves, and no average is kept: "
       "opt_average_start begins one");
}

void EvalWeights::Classify(const opt_lent& lent) {
  work_->Clear();
  for (int64_t i = 0; i < tensors_->index_count(); ++i) {
    Tensor* tensor = tensors_->Get(i);
    if (tensor == nullptr || !Has(*tensor)) continue;
    void* param = ParamOf(*tensor, lent, i);
    if (param == nullptr) {
      Fail(OPT_ERR_STATE, "tensor '", std::string_view(tensor->name),
           "' has evaluation weights but no parameters: lend them in "
           "opt_lent.params, or retain them with opt_bind");
    }
    CheckBuffer(param, tensor->param_dtype, "lent parameter buffer", *tensor);
    WorkItem item = {};
    item.index = i;
    item.tensor = tensor;
    item.param = param;
    work_->Add(item);
  }
  if (lent.params != nullptr) {
    work_->CheckDisjoint(lent, progress_->averaging.kind != 0
                                   ? LentBuffers::kParamsOfAveraged
                                   : LentBuffers::kParamsOfStepped);
  }
}

void EvalWeights::Make(const Tensor& tensor, void* weights, int64_t begin,
                       int64_t count) const {
  const opt_dtype dtype = tensor.param_dtype;
  const double factor =
      rule_->eval_factor == nullptr
          ? 1
          : rule_->eval_factor((*groups_)[tensor.group].values);
  UpdateAverage(work_->context()->target(),
                {ElementAt(SlotOf(tensor), begin, dtype),
                 ElementAt(weights, begin, dtype), count,
                 factor == 1 ? kCopy : Average{factor, 1}, dtype});
}

void EvalWeights::Swap(const opt_lent* args) {
  opt_lent lent = ReadLent(args, tensors_->index_count());
  lent.grads = nullptr;  // not used here
  CheckAny("opt_swap_eval_weights");
  Classify(lent);
  const bool averages = progress_->averaging.kind != 0;
  const bool begins = !progress_->evaluates;
  if (begins && !averages) {
    pmr::Vector<Block> blocks(work_->context()->memory());
    for (const WorkItem& item : work_->items()) {
      blocks.emplace_back(work_->context()->memory(),
                          static_cast<size_t>(item.tensor->param_bytes()));
    }
    for (size_t i = 0; i < work_->items().size(); ++i) {
      work_->items()[i].tensor->state.train = std::move(blocks[i]);
    }
  }
  work_->ForEachPiece([&](const WorkItem& item, int64_t begin, int64_t count) {
    const opt_dtype dtype = item.tensor->param_dtype;
    const TensorState& state = item.tensor->state;
    char* param = ElementAt(item.param, begin, dtype);
    const int64_t bytes = count * SizeOf(dtype);
    if (averages) {
      std::swap_ranges(param, param + bytes,
                       ElementAt(state.average.data(), begin, dtype));
      return;
    }
    char* train = ElementAt(state.train.data(), begin, dtype);
    if (begins) {
      std::memcpy(train, param, static_cast<size_t>(bytes));
      Make(*item.tensor, item.param, begin, count);
    } else {
      std::memcpy(param, train, static_cast<size_t>(bytes));
    }
  });
  for (const WorkItem& item : work_->items()) {
    if (!begins) item.tensor->state.train = Block();
  }
  progress_->evaluates = begins;
}

void EvalWeights::Read(const opt_lent* args, int64_t index, void* weights) {
  const opt_lent lent = ReadLent(args, tensors_->index_count());
  progress_->CheckNotSwapped("opt_read_eval_weights");
  CheckAny("opt_read_eval_weights");
  const Tensor& tensor = tensors_->At(index);
  const auto bytes = static_cast<size_t>(tensor.param_bytes());
  if (bytes == 0) return;
  if (weights == nullptr) {
    Fail(OPT_ERR_ARGUMENT, "opt_read_eval_weights: weights is NULL");
  }
  CheckBuffer(weights, tensor.param_dtype, "buffer for weights", tensor);
  const bool averaged = progress_->averaging.kind != 0 && Has(tensor);
  const void* from =
      averaged ? tensor.state.average.data() : ParamOf(tensor, lent, index);
  if (from == nullptr) {
    Fail(OPT_ERR_STATE, "tensor '", std::string_view(tensor.name),
         "' has no parameters to make weights of: lend them in "
         "opt_lent.params, or retain them with opt_bind");
  }
  std::memcpy(weights, from, bytes);
  if (!averaged && progress_->averaging.kind == 0 && Has(tensor)) {
    Make(tensor, weights, 0, tensor.count);
  }
}

}  // namespace libopt
