// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The part of the optimizer that computes: steps, accumulation, zeroing.
// Each call collects its work, which may throw and changes nothing, and then
// does it, which cannot fail.

#include <cstring>
#include <limits>
#include <string_view>

#include "src/core/error.h"
#include "src/core/gradient.h"
#include "src/core/optimizer.h"
#include "src/os/fp_env.h"

namespace opt {
namespace {

void CheckFlags(uint32_t flags, uint32_t known, const char* function) {
  if ((flags & ~known) != 0) {
    Fail(OPT_ERR_ARGUMENT, function, " does not know flags ", flags & ~known,
         ": use only those that opt_tensor.h lists for it");
  }
}

void CheckCount(bool lent, int64_t count, int64_t index_count,
                const char* function) {
  if (lent && count != index_count) {
    Fail(OPT_ERR_ARGUMENT, function, ": the lent arrays have ", count,
         " entries, but opt_info.index_count is ", index_count);
  }
}

char* At(void* data, int64_t element, opt_dtype dtype) {
  return static_cast<char*>(data) + element * SizeOf(dtype);
}

}  // namespace

void Optimizer::AddWork(const Work& work, int64_t count, int64_t element_size) {
  work_.push_back(work);
  partition_.Add(count, element_size);
}

void Optimizer::CollectSteps(const opt_step_args& args) {
  work_.clear();
  partition_.Clear();
  scalars_.Clear();
  const bool mean = pending_samples_ > 0 && (args.flags & OPT_SUM) == 0;
  const double weight = mean ? 1 / static_cast<double>(pending_samples_) : 1;
  for (int64_t i = 0; i < tensors_.index_count(); ++i) {
    Tensor* tensor = tensors_.Get(i);
    if (tensor == nullptr) continue;
    const bool pending = pending_samples_ > 0;
    void* grad = pending ? tensor->state.accumulator.data()
                         : GradOf(*tensor, args.grads, i);
    if (pending ? !tensor->state.accumulated : grad == nullptr) continue;
    void* param = ParamOf(*tensor, args.params, i);
    if (param == nullptr && tensor->count > 0) {
      Fail(OPT_ERR_STATE, "tensor '", std::string_view(tensor->name),
           "' has a gradient but no parameters: lend them in "
           "opt_step_args.params, or retain them with opt_bind");
    }
    if (param != tensor->param) {
      CheckBuffer(param, tensor->param_dtype, "lent parameter buffer", *tensor);
    }
    if (args.grads != nullptr) {
      CheckBuffer(grad, tensor->grad_dtype, "lent gradient buffer", *tensor);
    }
    const int32_t group = tensor->group;
    const Scalars* scalars =
        scalars_.Get(group, tensor->state.step + 1, [&](Scalars* prepared) {
          PrepareScalars(*named_.rule, groups_[static_cast<size_t>(group)],
                         tensor->state.step + 1, weight, prepared);
        });
    AddWork({tensor, param, grad, scalars}, tensor->count,
            SizeOf(tensor->param_dtype));
  }
}

void Optimizer::RunStep(bool zero_grad) {
  struct Job {
    const Work* work;
    bool accumulated;
    bool zero_grad;
  } job = {work_.data(), pending_samples_ > 0, zero_grad};
  partition_.Run(
      context_,
      [](void* data, int64_t item, int64_t begin, int64_t count) {
        const auto& running = *static_cast<const Job*>(data);
        const Work& work = running.work[item];
        const Tensor& tensor = *work.tensor;
        Chunk chunk = {};
        chunk.grad_dtype =
            running.accumulated ? tensor.param_dtype : tensor.grad_dtype;
        chunk.param = At(work.param, begin, tensor.param_dtype);
        chunk.grad = At(work.grad, begin, chunk.grad_dtype);
        for (int i = 0; i < kMaxSlots; ++i) {
          if (tensor.state.slots[i] == nullptr) continue;
          chunk.slots[i] = At(tensor.state.slots[i], begin, tensor.param_dtype);
        }
        chunk.count = count;
        chunk.scalars = work.scalars;
        chunk.zero_grad = running.zero_grad;
        tensor.step_chunk(chunk);
      },
      &job);
}

void Optimizer::Step(const opt_step_args& args) {
  const bool zero_grad = (args.flags & OPT_ZERO_GRADS) != 0;
  const bool pending = pending_samples_ > 0;
  const bool lent = args.params != nullptr || args.grads != nullptr;
  CheckFlags(args.flags, OPT_ZERO_GRADS | OPT_SUM, "opt_step");
  CheckCount(lent, args.count, tensors_.index_count(), "opt_step");
  if (pending && args.grads != nullptr) {
    Fail(OPT_ERR_STATE, "gradients of ", pending_samples_,
         " samples are accumulated: step without opt_step_args.grads, or "
         "forget them with opt_discard");
  }
  const os::DefaultFpEnv fp_env;
  CollectSteps(args);
  if (lent) {
    lent_.Check(tensors_, args.params, args.grads,
                pending ? LentBuffers::kParamsOfAccumulated
                        : LentBuffers::kGradsAndParams);
  }
  RunStep(zero_grad && !pending);
  for (const Work& work : work_) ++work.tensor->state.step;
  ++steps_;
  if (pending) {
    Discard();
    if (zero_grad) ZeroGrad(OPT_ZERO_GRAD_ARGS_INIT);
  }
}

void Optimizer::CollectGrads(void* const* grads, int64_t count) {
  CheckCount(grads != nullptr, count, tensors_.index_count(), "this call");
  work_.clear();
  partition_.Clear();
  for (int64_t i = 0; i < tensors_.index_count(); ++i) {
    Tensor* tensor = tensors_.Get(i);
    if (tensor == nullptr) continue;
    void* grad = GradOf(*tensor, grads, i);
    if (grad == nullptr) continue;
    CheckBuffer(grad, tensor->grad_dtype, "lent gradient buffer", *tensor);
    AddWork({tensor, nullptr, grad, nullptr}, tensor->count,
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
  const int64_t room = std::numeric_limits<int64_t>::max() - pending_samples_;
  if (args.samples < 1 || args.samples > room) {
    Fail(OPT_ERR_ARGUMENT, "opt_accumulate_args.samples is ", args.samples,
         ": it is the number of samples in this micro-batch, 1 or more");
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
        chunk.sum =
            At(tensor.state.accumulator.data(), begin, tensor.param_dtype);
        chunk.grad = At(running.work[item].grad, begin, tensor.grad_dtype);
        chunk.count = count;
        chunk.weight = running.weight;
        chunk.sum_dtype = tensor.param_dtype;
        chunk.grad_dtype = tensor.grad_dtype;
        chunk.first = !tensor.state.accumulated;
        chunk.zero_grad = running.zero_grad;
        opt::Accumulate(running.target, chunk);
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
  partition_.Run(
      context_,
      [](void* data, int64_t item, int64_t begin, int64_t count) {
        const Work& work = static_cast<const Work*>(data)[item];
        const opt_dtype dtype = work.tensor->grad_dtype;
        std::memset(At(work.grad, begin, dtype), 0,
                    static_cast<size_t>(count * SizeOf(dtype)));
      },
      work_.data());
}

}  // namespace opt
