// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The part of the optimizer that keeps averages of the parameters, but for
// their update, which is a part of the step.

#include <algorithm>
#include <string_view>
#include <utility>

#include "src/base/error.h"
#include "src/optimizer/optimizer.h"
#include "src/optimizer/step_args.h"

namespace libopt {

void Optimizer::CheckNotSwapped(const char* call) const {
  if (averaging_.swapped) {
    Fail(OPT_ERR_STATE, call,
         ": the parameters are swapped with their averages: put them back "
         "with opt_average_swap first");
  }
}

void Optimizer::AverageStart(const opt_average_config& config) {
  CheckNotSwapped("opt_average_start");
  if (config.reserved != 0) {
    Fail(OPT_ERR_ARGUMENT, "opt_average_config.reserved must be 0");
  }
  Averaging next;
  next.kind = config.kind;
  next.flags = config.flags;
  next.decay = config.decay;
  next.start = config.start;
  next.period = config.period;
  CheckAveraging(next);
  next.period = std::max<int64_t>(1, next.period);
  const bool goes_on = next.kind == averaging_.kind;
  if (goes_on) next.updates = averaging_.updates;

  const auto count = static_cast<size_t>(tensors_.index_count());
  std::pmr::vector<TensorAverage> fresh(context_->memory());
  if (averaging_.kind == 0) fresh.resize(count);
  for (size_t i = 0; i < fresh.size(); ++i) {
    const Tensor* tensor = tensors_.Get(static_cast<int64_t>(i));
    if (tensor == nullptr) continue;
    fresh[i] = TensorAverage(tensor->param_bytes(), context_->memory());
  }
  for (size_t i = 0; i < count; ++i) {
    Tensor* tensor = tensors_.Get(static_cast<int64_t>(i));
    if (tensor == nullptr || goes_on) continue;
    if (averaging_.kind == 0) tensor->state.average = std::move(fresh[i]);
    tensor->state.average.updates = 0;
  }
  averaging_ = next;
}

void Optimizer::AverageStop() {
  CheckNotSwapped("opt_average_stop");
  for (int64_t i = 0; i < tensors_.index_count(); ++i) {
    Tensor* tensor = tensors_.Get(i);
    if (tensor != nullptr) tensor->state.average = TensorAverage();
  }
  averaging_ = Averaging();
}

opt_average_info Optimizer::AverageInfo() const {
  opt_average_info info = {};
  info.kind = averaging_.kind;
  info.decay = averaging_.decay;
  info.start = averaging_.start;
  info.period = averaging_.kind == 0 ? 0 : averaging_.period;
  info.flags = averaging_.flags;
  info.swapped = averaging_.swapped ? 1 : 0;
  info.updates = averaging_.updates;
  return info;
}

void Optimizer::AverageSwap(const opt_swap_args& args) {
  CheckFlags(args.flags, 0, "opt_average_swap");
  CheckCount(args.params != nullptr, args.count, tensors_.index_count(),
             "opt_average_swap");
  if (averaging_.kind == 0) {
    Fail(OPT_ERR_STATE,
         "opt_average_swap: no average is kept: opt_average_start begins one");
  }
  work_.clear();
  partition_.Clear();
  for (int64_t i = 0; i < tensors_.index_count(); ++i) {
    Tensor* tensor = tensors_.Get(i);
    if (tensor == nullptr || tensor->count == 0) continue;
    if (tensor->state.average.updates == 0) continue;
    void* param = ParamOf(*tensor, args.params, i);
    if (param == nullptr) {
      Fail(OPT_ERR_STATE, "tensor '", std::string_view(tensor->name),
           "' has an average but no parameters: lend them in "
           "opt_swap_args.params, or retain them with opt_bind");
    }
    CheckBuffer(param, tensor->param_dtype, "lent parameter buffer", *tensor);
    Work work = {};
    work.tensor = tensor;
    work.param = param;
    AddWork(work, tensor->count, SizeOf(tensor->param_dtype));
  }
  if (args.params != nullptr) {
    lent_.Check(tensors_, args.params, nullptr, LentBuffers::kParamsOfAveraged);
  }
  partition_.Run(
      context_,
      [](void* data, int64_t item, int64_t begin, int64_t count) {
        const Work& work = static_cast<const Work*>(data)[item];
        const opt_dtype dtype = work.tensor->param_dtype;
        char* param = ElementAt(work.param, begin, dtype);
        char* average =
            ElementAt(work.tensor->state.average.data(), begin, dtype);
        std::swap_ranges(param, param + count * SizeOf(dtype), average);
      },
      work_.data());
  averaging_.swapped = !averaging_.swapped;
}

}  // namespace libopt
