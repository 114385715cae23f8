// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "src/optimizer/accumulate.h"

#include <utility>
#include <vector>

#include "src/base/error.h"
#include "src/base/memory.h"
#include "src/base/pmr.h"
#include "src/base/struct_size.h"

namespace libopt {

void Accumulation::Allocate() {
  if (progress_->accumulators) return;
  const auto count = static_cast<size_t>(tensors_->index_count());
  pmr::Vector<Block> blocks(work_->context()->memory());
  blocks.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const Tensor* tensor = tensors_->Get(static_cast<int64_t>(i));
    if (tensor == nullptr) continue;
    blocks[i] = Block(work_->context()->memory(),
                      static_cast<size_t>(tensor->param_bytes()));
  }
  for (size_t i = 0; i < count; ++i) {
    Tensor* tensor = tensors_->Get(static_cast<int64_t>(i));
    if (tensor != nullptr) tensor->state.accumulator = std::move(blocks[i]);
  }
  progress_->accumulators = true;
}

void Accumulation::Accumulate(const opt_accumulate_args& args) {
  CheckFlags(args.flags, OPT_ACCUMULATE_ZERO_GRADS | OPT_ACCUMULATE_MEANS,
             "opt_accumulate_args.flags",
             "OPT_ACCUMULATE_ZERO_GRADS and OPT_ACCUMULATE_MEANS");
  const opt_lent lent = ReadLent(args.lent, tensors_->index_count());
  progress_->CheckNotSwapped("opt_accumulate");
  const int64_t room = kMaxCounter - progress_->pending_samples;
  if (args.samples < 1 || args.samples > room) {
    Fail(OPT_ERR_ARGUMENT, "opt_accumulate_args.samples is ", args.samples,
         ": it must be the number of samples in this micro-batch, 1 to ", room,
         "; ", progress_->pending_samples, " are accumulated already");
  }
  gradients_->Classify(lent, Gradients::Frozen::kIncluded);
  Allocate();
  const bool zero_grad = (args.flags & OPT_ACCUMULATE_ZERO_GRADS) != 0;
  const double weight = (args.flags & OPT_ACCUMULATE_MEANS) != 0
                            ? static_cast<double>(args.samples)
                            : 1;
  work_->ForEachPiece([&](const WorkItem& item, int64_t begin, int64_t count) {
    const Tensor& tensor = *item.tensor;
    AccumulateChunk chunk = {};
    chunk.sum =
        ElementAt(tensor.state.accumulator.data(), begin, tensor.param_dtype);
    chunk.grad = ElementAt(item.grad, begin, tensor.grad_dtype);
    chunk.count = count;
    chunk.weight = weight;
    chunk.sum_dtype = tensor.param_dtype;
    chunk.grad_dtype = tensor.grad_dtype;
    chunk.first = !tensor.state.accumulated;
    chunk.zero_grad = zero_grad;
    libopt::Accumulate(work_->context()->target(), chunk);
  });
  for (const WorkItem& item : work_->items()) {
    item.tensor->state.accumulated = true;
  }
  progress_->pending_samples += args.samples;
}

void Accumulation::Discard() {
  for (int64_t i = 0; i < tensors_->index_count(); ++i) {
    Tensor* tensor = tensors_->Get(i);
    if (tensor != nullptr) tensor->state.accumulated = false;
  }
  progress_->pending_samples = 0;
}

}  // namespace libopt
