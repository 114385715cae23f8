// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/state/training.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>

namespace opt_test {
namespace {

constexpr uint32_t kParams = 100;  // streams of Varied(), one for each tensor
constexpr uint32_t kGrads = 200;

std::vector<TrainedTensor> InOrder(std::vector<TrainedTensor> tensors,
                                   Order order) {
  if (order == Order::kBackward) std::reverse(tensors.begin(), tensors.end());
  return tensors;
}

// A number that a tensor's name alone decides.
uint32_t StreamOf(const TrainedTensor& tensor) {
  uint32_t stream = 0;
  for (const char* c = tensor.name; *c != '\0'; ++c) {
    stream = stream * 31 + static_cast<unsigned char>(*c);
  }
  return stream;
}

struct Dripping {
  std::string_view rest;
  size_t most;  // bytes of the latest read
};

int64_t Drip(void* user, void* data, int64_t size) {
  auto* source = static_cast<Dripping*>(user);
  const size_t count = std::min(
      {static_cast<size_t>(size), source->rest.size(), ++source->most});
  std::memcpy(data, source->rest.data(), count);
  source->rest.remove_prefix(count);
  return static_cast<int64_t>(count);
}

}  // namespace

const std::vector<TrainedTensor>& EveryTensor() {
  static const std::vector<TrainedTensor> tensors = {
      {"float", OPT_F32, OPT_F32, {5, 7}, false, 0},
      {"double", OPT_F64, OPT_F64, {3, 3}, true, 0},
      {"double of float", OPT_F64, OPT_F32, {2, 3, 4}, false, 0},
      {"float of double", OPT_F32, OPT_F64, {19}, true, 0},
      {"empty", OPT_F32, OPT_F32, {4, 0}, false, 0},
      {"late", OPT_F32, OPT_F32, {17}, false, 2},
      {"\xC3\xA9t\xC3\xA9/\"w\"", OPT_F32, OPT_F32, {1}, true, 0},
  };
  return tensors;
}

const std::vector<TrainedTensor>& SmallTensors() {
  static const std::vector<TrainedTensor> tensors = {
      {"w", OPT_F32, OPT_F32, {3}, false, 0},
      {"b", OPT_F64, OPT_F32, {2}, true, 0},
  };
  return tensors;
}

Training::Training(const std::string& rule, const Options& options,
                   const std::vector<TrainedTensor>& tensors,
                   opt_context context, Order order)
    : optimizer_(rule, "", options, context), kinds_(InOrder(tensors, order)) {
  int32_t group = 0;
  Check(opt_add_group(get(), nullptr, nullptr, 0, &group));
  Check(opt_set(get(), group, OPT_LR, 0.0625));
  tensors_.reserve(kinds_.size());
  for (const TrainedTensor& kind : kinds_) {
    const int64_t count = std::accumulate(kind.shape.begin(), kind.shape.end(),
                                          int64_t{1}, std::multiplies<>());
    Tensor& tensor =
        tensors_.emplace_back(kind.param_dtype, kind.grad_dtype, count);
    tensor.param.Fill(kParams, StreamOf(kind));
    opt_tensor description = OPT_TENSOR_INIT;
    description.name = kind.name;
    description.group = kind.second_group ? group : 0;
    description.param_dtype = kind.param_dtype;
    description.grad_dtype = kind.grad_dtype;
    description.count = count;
    description.shape = kind.shape.data();
    description.rank = static_cast<int32_t>(kind.shape.size());
    description.param = tensor.param.data();
    Check(opt_attach(get(), &description, 1, &tensor.index));
  }
}

std::vector<void*> Training::Grads(uint32_t step) {
  std::vector<void*> grads;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    tensors_[i].grad.Fill(kGrads + StreamOf(kinds_[i]), step);
    grads.push_back(step < kinds_[i].first_step ? nullptr
                                                : tensors_[i].grad.data());
  }
  return grads;
}

void Training::Steps(uint32_t from, uint32_t to) {
  for (uint32_t step = from; step < to; ++step) {
    const std::vector<void*> grads = Grads(step);
    opt_info info = OPT_INFO_INIT;
    Check(opt_get_info(get(), &info));
    opt_step_args args = OPT_STEP_ARGS_INIT;
    opt_lent buffers = OPT_LENT_INIT;
    args.lent = &buffers;
    buffers.count = info.index_count;
    // Gradients that were accumulated for this step are used instead.
    if (info.pending_samples == 0) buffers.grads = grads.data();
    Check(opt_step(get(), &args));
  }
}

void Training::StepsWithMetrics(uint32_t from, uint32_t to) {
  for (uint32_t step = from; step < to; ++step) {
    Steps(step, step + 1);
    Check(opt_report_metric(get(), OPT_ALL_GROUPS,
                            step % 5 == 0 ? 1.0 / (step + 1) : 2));
  }
}

void Training::Accumulate(uint32_t step) { Accumulate(Grads(step)); }

void Training::AccumulateInf(uint32_t step) {
  const std::vector<void*> grads = Grads(step);
  const float inf = std::numeric_limits<float>::infinity();
  std::memcpy(grads.back(), &inf, sizeof(inf));
  Accumulate(grads);
}

void Training::Accumulate(const std::vector<void*>& grads) {
  opt_accumulate_args args = OPT_ACCUMULATE_ARGS_INIT;
  opt_lent buffers = OPT_LENT_INIT;
  args.lent = &buffers;
  buffers.count = static_cast<int64_t>(grads.size());
  args.samples = 3;
  buffers.grads = grads.data();
  Check(opt_accumulate(get(), &args));
}

std::string Training::Save() const {
  opt_save_args args = OPT_SAVE_ARGS_INIT;
  args.flags = OPT_SAVE_PARAMS;
  return SaveWith(get(), args);
}

void Training::Load(std::string_view checkpoint) {
  Check(LoadAll(get(), checkpoint));
}

std::string SaveWith(opt_optimizer optimizer, const opt_save_args& args) {
  int64_t size = 0;
  Check(opt_save_memory(optimizer, nullptr, 0, &size, &args));
  std::string saved(static_cast<size_t>(size), '\0');
  Check(opt_save_memory(optimizer, saved.data(), size, nullptr, &args));
  return saved;
}

opt_status LoadAll(opt_optimizer optimizer, std::string_view checkpoint) {
  opt_load_args args = OPT_LOAD_ARGS_INIT;
  args.flags = OPT_LOAD_PARAMS;
  return opt_load_memory(optimizer, checkpoint.data(),
                         static_cast<int64_t>(checkpoint.size()), &args);
}

opt_status LoadByCallback(opt_optimizer optimizer, std::string_view checkpoint,
                          uint32_t flags) {
  Dripping source = {checkpoint, 0};
  opt_load_args args = OPT_LOAD_ARGS_INIT;
  args.flags = flags;
  return opt_load_callback(optimizer, Drip, &source, &args);
}

std::map<std::string, std::string> EntriesOf(std::string_view checkpoint) {
  std::map<std::string, std::string> entries;
  opt_checkpoint opened = nullptr;
  Check(opt_checkpoint_open_memory(nullptr, checkpoint.data(),
                                   static_cast<int64_t>(checkpoint.size()),
                                   &opened));
  int64_t count = 0;
  Check(opt_checkpoint_count(opened, &count));
  for (int64_t i = 0; i < count; ++i) {
    opt_entry_info info = OPT_ENTRY_INFO_INIT;
    Check(opt_checkpoint_at(opened, i, &info));
    std::string data(static_cast<size_t>(info.bytes), '\0');
    Check(opt_checkpoint_read(opened, i, data.data(), info.bytes));
    std::string form = std::to_string(info.dtype);
    for (int32_t k = 0; k < info.rank; ++k) {
      form += ' ' + std::to_string(info.shape[k]);
    }
    entries[info.name] = form + ": " + data;
  }
  Check(opt_checkpoint_close(opened));
  return entries;
}

}  // namespace opt_test
