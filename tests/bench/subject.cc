// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/subject.h"

#include <cstring>
#include <stdexcept>

namespace bench {
namespace {

struct Variant {
  const char* rule;
  const char* option;
  double value;
};
constexpr Variant kVariants[] = {
    {"sgd", "momentum", 0.9},
    {"rmsprop", "centered", 1},
    {"adam", "amsgrad", 1},
};

double DefaultOf(const std::string& rule, int option_count, const char* name) {
  for (int i = 0; i < option_count; ++i) {
    opt_option_info option = OPT_OPTION_INFO_INIT;
    Check(opt_option_at(rule.c_str(), i, &option));
    if (std::strcmp(option.name, name) == 0) return option.default_value;
  }
  throw std::runtime_error("rule " + rule + " has no option " + name);
}

int CountSlots(const Case& options, const opt_rule_info& info) {
  int count = 0;
  for (int i = 0; i < info.slot_count; ++i) {
    opt_slot_info slot = OPT_SLOT_INFO_INIT;
    Check(opt_slot_at(info.name, i, &slot));
    if (slot.shape != OPT_SHAPE_PARAM) continue;
    bool exists =
        slot.when_option == nullptr ||
        DefaultOf(info.name, info.option_count, slot.when_option) != 0;
    for (const auto& [name, value] : options.options) {
      if (slot.when_option != nullptr && name == slot.when_option) {
        exists = value != 0;
      }
    }
    if (exists) ++count;
  }
  return count;
}

}  // namespace

void Check(opt_status status) {
  if (status != OPT_OK) {
    throw std::runtime_error(std::string(opt_status_name(status)) + ": " +
                             opt_last_error());
  }
}

std::vector<Case> FindCases(const std::string& rule) {
  std::vector<Case> cases;
  int32_t rule_count = 0;
  Check(opt_rule_count(&rule_count));
  for (int32_t i = 0; i < rule_count; ++i) {
    opt_rule_info info = OPT_RULE_INFO_INIT;
    Check(opt_rule_at(i, &info));
    if (!rule.empty() && rule != info.name) continue;
    cases.push_back({info.name, info.name, {}, 0});
    cases.back().slot_count = CountSlots(cases.back(), info);
    for (const Variant& variant : kVariants) {
      if (std::strcmp(variant.rule, info.name) != 0) continue;
      cases.push_back({std::string(info.name) + " " + variant.option,
                       info.name,
                       {{variant.option, variant.value}},
                       0});
      cases.back().slot_count = CountSlots(cases.back(), info);
    }
  }
  if (cases.empty()) {
    throw std::runtime_error("no rule is named '" + rule + "'");
  }
  for (const Case& one : cases) {
    if (one.slot_count <= kMaxSlots) continue;
    throw std::runtime_error(
        one.name + " has " + std::to_string(one.slot_count) +
        " slots like the parameter: raise kMaxSlots in tests/bench/buffers.h, "
        "and add a loop of as many to FindStream() in tests/bench/limit.cc");
  }
  return cases;
}

Subject::Subject(const Case& options, int threads, const char* preset) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  config.threads = threads;
  Check(opt_context_create(&config, &context_));
  Check(opt_create(context_, options.rule.c_str(), &optimizer_));
  if (preset != nullptr) {
    Check(opt_set_preset(optimizer_, OPT_ALL_GROUPS, preset));
  }
  for (const auto& [name, value] : options.options) {
    Check(opt_set(optimizer_, OPT_ALL_GROUPS, name.c_str(), value));
  }
}

Subject::~Subject() {
  opt_destroy(optimizer_);
  opt_context_destroy(context_);
}

template <class T>
void Subject::Attach(const Arrays<T>& arrays, int64_t tensors,
                     const std::vector<int64_t>& shape) {
  const int64_t count = arrays.count / tensors;
  for (int64_t i = 0; i < tensors; ++i) {
    opt_tensor tensor = OPT_TENSOR_INIT;
    tensor.param_dtype = sizeof(T) == sizeof(float) ? OPT_F32 : OPT_F64;
    tensor.grad_dtype = tensor.param_dtype;
    tensor.count = count;
    if (!shape.empty()) {
      tensor.shape = shape.data();
      tensor.rank = static_cast<int32_t>(shape.size());
    }
    tensor.param = arrays.param + i * count;
    tensor.grad = arrays.grad + i * count;
    Check(opt_attach(optimizer_, &tensor, 1, nullptr));
  }
}
template void Subject::Attach<float>(const Arrays<float>&, int64_t,
                                     const std::vector<int64_t>&);
template void Subject::Attach<double>(const Arrays<double>&, int64_t,
                                      const std::vector<int64_t>&);

void Subject::StepAndZero() {
  opt_step_args args = OPT_STEP_ARGS_INIT;
  args.flags = OPT_STEP_ZERO_GRADS;
  Check(opt_step(optimizer_, &args));
}

void Subject::StartAverage(double decay) {
  opt_average_config config = OPT_AVERAGE_CONFIG_INIT;
  config.kind = OPT_AVERAGE_EMA;
  config.decay = decay;
  Check(opt_average_start(optimizer_, &config));
}

void Subject::StepWith(const opt_grad_work& work, uint32_t flags) {
  opt_step_args args = OPT_STEP_ARGS_INIT;
  args.flags = flags;
  args.work = &work;
  Check(opt_step(optimizer_, &args));
}

double Subject::GetOption(const char* name) const {
  double value = 0;
  const opt_status status = opt_get(optimizer_, 0, name, &value);
  if (status == OPT_ERR_NAME) return 0;
  Check(status);
  return value;
}

Hyper Subject::GetHyper() const {
  return {GetOption("lr"),       GetOption("weight_decay"),
          GetOption("momentum"), GetOption("dampening"),
          GetOption("alpha"),    GetOption("beta1"),
          GetOption("beta2"),    GetOption("eps")};
}

}  // namespace bench
