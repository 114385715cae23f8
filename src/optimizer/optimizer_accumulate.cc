// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Gradients outside of a step: accumulated, forgotten, set to zero.

#include <cstring>
#include <limits>

#include "src/base/error.h"
#include "src/kernel/kernels.h"
#include "src/optimizer/optimizer.h"
#include "src/optimizer/step_args.h"
#include "src/os/fp_env.h"

namespace libopt {

void Optimizer::CollectGrads(void* const* grads, int64_t count, bool frozen) {
  CheckCount(grads != nullptr, count, tensors_.index_count(), "this call");
  work_.clear();
  partition_.Clear();
  for (int64_t i = 0; i < tensors_.index_count(); ++i) {
    Tensor* tensor = tensors_.Get(i);
    if (tensor == nullptr) continue;
    void* grad = GradOf(*tensor, grads, i);
    if (grad == nullptr || (!frozen && IsFrozen(*tensor))) continue;
    CheckBuffer(grad, tensor->grad_dtype, "lent gradient buffer", *tensor);
    AddWork({i, tensor, nullptr, grad, nullptr, {}}, tensor->count,
            SizeOf(tensor->grad_dtype));
  }
  if (grads != nullptr) {
    lent_.Check(tensors_, nullptr, grads, LentBuffers::kGradsOnly);
  }
}

void Optimizer::AllocateAccumulators() {
  if (accumulators_) return;
  const auto count = static_cast<size_t>(tensors_.index_count());
  std::pmr::vector<Block> blocks(context_->memory());
  blocks.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const Tensor* tensor = tensors_.Get(static_cast<int64_t>(i));
    if (tensor == nullptr) continue;
    blocks[i] =
        Block(context_->memory(), static_cast<size_t>(tensor->param_bytes()));
  }
  for (size_t i = 0; i < count; ++i) {
    Tensor* tensor = tensors_.Get(static_cast<int64_t>(i));
    if (tensor != nullptr) tensor->state.accumulator = std::move(blocks[i]);
  }
  accumulators_ = true;
}

void Optimizer::Accumulate(const opt_accumulate_args& args) {
  CheckFlags(args.flags, OPT_ZERO_GRADS | OPT_GRADS_ARE_MEANS,
             "opt_accumulate");
  CheckNotSwapped("opt_accumulate");
  const int64_t room = std::numeric_limits<int64_t>::max() - pending_samples_;
  if (args.samples < 1 || args.samples > room) {
    Fail(OPT_ERR_ARGUMENT, "opt_accumulate_args.samples is ", args.samples,
         ": it is the number of samples in this micro-batch, 1 to ", room,
         " after the ", pending_samples_, " that are accumulated");
  }
  const os::DefaultFpEnv fp_env;
  CollectGrads(args.grads, args.count);
  AllocateAccumulators();
  struct Job {
    const Work* work;
    double weight;
    int target;
    bool zero_grad;
  } job = {work_.data(), 1, context_->target(),
           (args.flags & OPT_ZERO_GRADS) != 0};
  if ((args.flags & OPT_GRADS_ARE_MEANS) != 0) {
    job.weight = static_cast<double>(args.samples);
  }
  partition_.Run(
      context_,
      [](void* data, int64_t item, int64_t begin, int64_t count) {
        const auto& running = *static_cast<const Job*>(data);
        const Tensor& tensor = *running.work[item].tensor;
        AccumulateChunk chunk = {};
        chunk.sum = ElementAt(tensor.state.accumulator.data(), begin,
                              tensor.param_dtype);
        chunk.grad =
            ElementAt(running.work[item].grad, begin, tensor.grad_dtype);
        chunk.count = count;
        chunk.weight = running.weight;
        chunk.sum_dtype = tensor.param_dtype;
        chunk.grad_dtype = tensor.grad_dtype;
        chunk.first = !tensor.state.accumulated;
        chunk.zero_grad = running.zero_grad;
        libopt::Accumulate(running.target, chunk);
      },
      &job);
  for (const Work& work : work_) work.tensor->state.accumulated = true;
  pending_samples_ += args.samples;
}

void Optimizer::Discard() {
  for (int64_t i = 0; i < tensors_.index_count(); ++i) {
    if (tensors_.Get(i) != nullptr) tensors_.Get(i)->state.accumulated = false;
  }
  pending_samples_ = 0;
}

void Optimizer::ZeroGrad(const opt_zero_grad_args& args) {
  CheckFlags(args.flags, 0, "opt_zero_grad");
  CollectGrads(args.grads, args.count);
  ZeroWork();
}

void Optimizer::ZeroWork() {
  partition_.Run(
      context_,
      [](void* data, int64_t item, int64_t begin, int64_t count) {
        const Work& work = static_cast<const Work*>(data)[item];
        const opt_dtype dtype = work.tensor->grad_dtype;
        std::memset(ElementAt(work.grad, begin, dtype), 0,
                    static_cast<size_t>(count * SizeOf(dtype)));
      },
      work_.data());
}

}  // namespace libopt
