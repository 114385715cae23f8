// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/rules/harness.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <stdexcept>

#include "tests/rules/data.h"

namespace opt_test {
namespace {

constexpr int64_t kBoundary = 64;  // bytes; a vector register's size or more

// The catalogue of a rule, which is the same for as long as the process lives.
struct Entry {
  std::vector<std::string> presets;
  std::vector<opt_option_info> options;
  std::vector<opt_slot_info> slots;
};

Entry ReadEntry(const char* rule) {
  opt_rule_info info = OPT_RULE_INFO_INIT;
  Check(opt_rule_find(rule, &info));
  Entry entry;
  for (int32_t i = 0; i < info.preset_count; ++i) {
    opt_preset_info preset = OPT_PRESET_INFO_INIT;
    Check(opt_preset_at(rule, i, &preset));
    entry.presets.emplace_back(preset.name);
  }
  for (int32_t i = 0; i < info.option_count; ++i) {
    opt_option_info option = OPT_OPTION_INFO_INIT;
    Check(opt_option_at(rule, i, &option));
    entry.options.push_back(option);
  }
  for (int32_t i = 0; i < info.slot_count; ++i) {
    opt_slot_info slot = OPT_SLOT_INFO_INIT;
    Check(opt_slot_at(rule, i, &slot));
    entry.slots.push_back(slot);
  }
  return entry;
}

const Entry& EntryOf(const std::string& rule) {
  static const auto* const entries = [] {
    auto* all = new std::map<std::string, Entry>;
    for (const std::string& name : Rules()) {
      (*all)[name] = ReadEntry(name.c_str());
    }
    return all;
  }();
  const auto found = entries->find(rule);
  if (found != entries->end()) return found->second;
  opt_rule_info info = OPT_RULE_INFO_INIT;
  Check(opt_rule_find(rule.c_str(), &info));  // the name of an alias
  return entries->at(info.name);
}

template <typename T>
std::string BitsOf(const T* data, int64_t count) {
  std::string bits(reinterpret_cast<const char*>(data),
                   static_cast<size_t>(count) * sizeof(T));
  const T nan = std::numeric_limits<T>::quiet_NaN();
  for (int64_t i = 0; i < count; ++i) {
    if (data[i] == data[i]) continue;
    std::memcpy(&bits[static_cast<size_t>(i) * sizeof(T)], &nan, sizeof(T));
  }
  return bits;
}

}  // namespace

void Check(opt_status status) {
  if (status == OPT_OK) return;
  throw std::runtime_error(std::string(opt_status_name(status)) + ": " +
                           opt_last_error());
}

std::vector<std::string> Rules() {
  int32_t count = 0;
  Check(opt_rule_count(&count));
  std::vector<std::string> names;
  for (int32_t i = 0; i < count; ++i) {
    opt_rule_info info = OPT_RULE_INFO_INIT;
    Check(opt_rule_at(i, &info));
    names.emplace_back(info.name);
  }
  return names;
}

const std::vector<std::string>& Presets(const std::string& rule) {
  return EntryOf(rule).presets;
}

const std::vector<opt_option_info>& OptionInfos(const std::string& rule) {
  return EntryOf(rule).options;
}

std::vector<std::string> Targets() {
  int32_t count = 0;
  Check(opt_target_count(&count));
  std::vector<std::string> names;
  for (int32_t i = 0; i < count; ++i) {
    opt_target_info info = OPT_TARGET_INFO_INIT;
    Check(opt_target_at(i, &info));
    if (info.supported != 0) names.emplace_back(info.name);
  }
  return names;
}

size_t ElementSize(opt_dtype dtype) {
  return dtype == OPT_F64 ? sizeof(double) : sizeof(float);
}

double ElementOf(opt_dtype dtype, const void* data, int64_t i) {
  return dtype == OPT_F64 ? static_cast<const double*>(data)[i]
                          : static_cast<const float*>(data)[i];
}

std::string Bits(opt_dtype dtype, const void* data, int64_t count) {
  return dtype == OPT_F64 ? BitsOf(static_cast<const double*>(data), count)
                          : BitsOf(static_cast<const float*>(data), count);
}

Array::Array(opt_dtype dtype, int64_t count, int64_t offset)
    : dtype_(dtype),
      count_(count),
      memory_(static_cast<size_t>(count + offset) * ElementSize(dtype) +
              kBoundary) {
  void* start = memory_.data();
  size_t space = memory_.size();
  std::align(kBoundary, 0, start, space);
  data_ = static_cast<unsigned char*>(start) +
          static_cast<size_t>(offset) * ElementSize(dtype);
}

double Array::Get(int64_t i) const { return ElementOf(dtype_, data_, i); }

void Array::Set(int64_t i, double value) {
  if (dtype_ == OPT_F64) {
    static_cast<double*>(data_)[i] = value;
  } else {
    static_cast<float*>(data_)[i] = static_cast<float>(value);
  }
}

void Array::Fill(uint32_t stream, uint32_t step) {
  for (int64_t i = 0; i < count_; ++i) {
    Set(i, Varied(stream, step, static_cast<uint32_t>(i)));
  }
}

Context::Context(const opt_context_config& config) {
  Check(opt_context_create(&config, &handle_));
}

Context::Context(const std::string& target, int32_t threads) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  config.threads = threads;
  config.target = target.c_str();
  Check(opt_context_create(&config, &handle_));
}

Context::~Context() { opt_context_destroy(handle_); }

Optimizer::Optimizer(const std::string& rule, const std::string& preset,
                     const Options& options, opt_context context)
    : rule_(rule) {
  Check(opt_create(context, rule.c_str(), &handle_));
  if (!preset.empty()) {
    Check(opt_set_preset(handle_, OPT_ALL_GROUPS, preset.c_str()));
  }
  for (const auto& [option, value] : options) Set(option, value);
}

Optimizer::~Optimizer() { opt_destroy(handle_); }

void Optimizer::Set(const std::string& option, double value) {
  Check(opt_set(handle_, OPT_ALL_GROUPS, option.c_str(), value));
}

double Optimizer::Get(const std::string& option) const {
  double value = 0;
  Check(opt_get(handle_, 0, option.c_str(), &value));
  return value;
}

Options Optimizer::Values() const {
  Options values;
  for (const opt_option_info& info : OptionInfos(rule_)) {
    values[info.name] = Get(info.name);
  }
  return values;
}

void Optimizer::Attach(Tensor* tensor, const std::vector<int64_t>& shape) {
  opt_tensor description = OPT_TENSOR_INIT;
  description.param_dtype = tensor->param.dtype();
  description.grad_dtype = tensor->grad.dtype();
  description.count = tensor->param.count();
  if (!shape.empty()) {
    description.shape = shape.data();
    description.rank = static_cast<int32_t>(shape.size());
  }
  description.param = tensor->param.data();
  description.grad = tensor->grad.data();
  Check(opt_attach(handle_, &description, 1, &tensor->index));
}

void Optimizer::Step(uint32_t flags) {
  opt_step_args args = OPT_STEP_ARGS_INIT;
  args.flags = flags;
  Check(opt_step(handle_, &args));
}

void Optimizer::StepWith(const std::vector<const Tensor*>& tensors) {
  std::vector<void*> grads;
  for (const Tensor* tensor : tensors) {
    grads.push_back(tensor == nullptr ? nullptr
                                      : const_cast<void*>(tensor->grad.data()));
  }
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_lent buffers = OPT_LENT_INIT;
  args.lent = &buffers;
  buffers.count = static_cast<int64_t>(grads.size());
  buffers.grads = grads.data();
  Check(opt_step(handle_, &args));
}

int64_t Optimizer::StepCount(const Tensor& tensor) const {
  opt_tensor_info info = OPT_TENSOR_INFO_INIT;
  Check(opt_tensor_at(handle_, tensor.index, &info));
  return info.step;
}

std::vector<std::string> Optimizer::SlotsOf(const Tensor& tensor) const {
  std::vector<std::string> names;
  for (const std::string& slot : Slots()) {
    opt_view view = OPT_VIEW_INIT;
    const opt_status status =
        opt_state_view(handle_, tensor.index, slot.c_str(), &view);
    // A tensor whose second moment is factored has other slots.
    if (status != OPT_ERR_NAME) names.push_back(slot);
  }
  return names;
}

std::vector<std::string> Optimizer::Slots() const {
  std::vector<std::string> names;
  for (const opt_slot_info& info : EntryOf(rule_).slots) {
    if (info.when_option == nullptr || Get(info.when_option) != 0) {
      names.emplace_back(info.name);
    }
  }
  return names;
}

opt_shape Optimizer::ShapeOf(const std::string& slot) const {
  for (const opt_slot_info& info : EntryOf(rule_).slots) {
    if (slot == info.name) return info.shape;
  }
  throw std::runtime_error(rule_ + " has no slot " + slot);
}

opt_view Optimizer::View(const Tensor& tensor, const std::string& slot) const {
  opt_view view = OPT_VIEW_INIT;
  Check(opt_state_view(handle_, tensor.index, slot.c_str(), &view));
  return view;
}

double Optimizer::State(const Tensor& tensor, const std::string& slot,
                        int64_t i) const {
  const opt_view view = View(tensor, slot);
  return ElementOf(view.dtype, view.data, i);
}

std::vector<std::string> Optimizer::AllBits(const Tensor& tensor) const {
  std::vector<std::string> bits = {
      Bits(tensor.param.dtype(), tensor.param.data(), tensor.param.count())};
  for (const std::string& slot : SlotsOf(tensor)) {
    if (ShapeOf(slot) == OPT_SHAPE_GROUP_NUMBER) continue;
    const opt_view view = View(tensor, slot);
    bits.push_back(Bits(view.dtype, view.data, view.count));
  }
  return bits;
}

std::string AverageBits(const Optimizer& optimizer, const Tensor& tensor) {
  const opt_view view = optimizer.View(tensor, OPT_SLOT_PARAM_AVERAGE);
  return Bits(view.dtype, view.data, view.count);
}

}  // namespace opt_test
