// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The calls of the C API whose arguments are arrays, structs with memory of
// their own or callbacks, for languages that have none of these: each object
// gathers the arguments, owns them, and makes the call. An object serves one
// thread at a time; opt.h documents the calls, their statuses and the units.

#ifndef OPT_BINDINGS_CALLS_H_
#define OPT_BINDINGS_CALLS_H_

#ifndef SWIG
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "opt/opt.h"
#endif

// A context without callbacks: threads (0: one; OPT_ALL_CORES), how long they
// spin (0: a short time) and a SIMD target (NULL: the best).
inline opt_status opt_context_create_with(int32_t threads,
                                          int32_t spin_microseconds,
                                          const char* target,
                                          opt_context* context) {
  opt_context_config config = OPT_CONTEXT_CONFIG_INIT;
  config.threads = threads;
  config.spin_microseconds = spin_microseconds;
  config.target = target;
  return opt_context_create(&config, context);
}

// The retained buffers, no other argument: the shortest way to a step.
inline opt_status opt_step_retained(opt_optimizer optimizer) {
  return opt_step(optimizer, nullptr);
}

// A weight average: the fields of opt_average_config.
inline opt_status opt_average_start_with(opt_optimizer optimizer, int32_t kind,
                                         double decay, int64_t start,
                                         int64_t period, uint32_t flags) {
  opt_average_config config = OPT_AVERAGE_CONFIG_INIT;
  config.kind = kind;
  config.decay = decay;
  config.start = start;
  config.period = period;
  config.flags = flags;
  return opt_average_start(optimizer, &config);
}

// A loss scaler; zeros stand for the defaults.
inline opt_status opt_scaler_start_with(opt_optimizer optimizer,
                                        double initial_scale,
                                        double growth_factor,
                                        double backoff_factor,
                                        int64_t growth_interval) {
  opt_scaler_config config = OPT_SCALER_CONFIG_INIT;
  config.initial_scale = initial_scale;
  config.growth_factor = growth_factor;
  config.backoff_factor = backoff_factor;
  config.growth_interval = growth_interval;
  return opt_scaler_start(optimizer, &config);
}

// One of the `rank` extents of a shape.
inline int64_t opt_shape_at(const opt_tensor_info* info, int32_t i) {
  return info->shape[i];
}
inline int64_t opt_shape_at(const opt_entry_info* info, int32_t i) {
  return info->shape[i];
}
inline int64_t opt_shape_at(const opt_view* view, int32_t i) {
  return view->shape[i];
}

// An option, in the order of opt_schedule_option_at(), or a milestone of a part
// of a schedule.
inline double opt_part_option_at(const opt_schedule_part_info* info,
                                 int32_t i) {
  return info->options[i];
}
inline int64_t opt_part_milestone_at(const opt_schedule_part_info* info,
                                     int64_t i) {
  return info->milestones[i];
}

// opt_set_options() and opt_add_group(): a preset and the values of options.
class OptionList {
 public:
  // NULL: none.
  void set_preset(const char* preset) {
    has_preset_ = preset != nullptr;
    preset_ = has_preset_ ? preset : "";
  }
  // A name that is NULL is the library's to refuse.
  void add(const char* option, double value) {
    names_.emplace_back(option != nullptr ? option : "");
    values_.push_back(
        {option != nullptr ? names_.back().c_str() : nullptr, value});
  }

  opt_status set(opt_optimizer optimizer, int32_t group) const {
    return opt_set_options(optimizer, group, Preset(), values_.data(), Count());
  }
  opt_status add_group(opt_optimizer optimizer, int32_t* group) const {
    return opt_add_group(optimizer, Preset(), values_.data(), Count(), group);
  }

 private:
  const char* Preset() const { return has_preset_ ? preset_.c_str() : nullptr; }
  int64_t Count() const { return static_cast<int64_t>(values_.size()); }

  std::string preset_;
  bool has_preset_ = false;
  std::deque<std::string> names_;  // whose texts stay where they are
  std::vector<opt_option_value> values_;
};

// opt_attach() and opt_state_bytes().
class TensorList {
 public:
  // Describes one more tensor. `name` may be NULL; the buffers may be NULL, to
  // be lent; without extend() the tensor is 1-D.
  void add(const char* name, int32_t group, opt_dtype param_dtype,
           opt_dtype grad_dtype, int64_t count, void* param, void* grad) {
    opt_tensor tensor = OPT_TENSOR_INIT;
    tensor.group = group;
    tensor.param_dtype = param_dtype;
    tensor.grad_dtype = grad_dtype;
    tensor.count = count;
    tensor.param = param;
    tensor.grad = grad;
    names_.emplace_back(name != nullptr ? name : "");
    tensor.name = name != nullptr ? names_.back().c_str() : nullptr;
    shapes_.emplace_back();
    tensors_.push_back(tensor);
  }
  // Appends an extent to the shape of the tensor added last.
  void extend(int64_t extent) { shapes_.back().push_back(extent); }

  opt_status attach(opt_optimizer optimizer) {
    SetShapes();
    indices_.assign(tensors_.size(), -1);
    return opt_attach(optimizer, tensors_.data(), Count(), indices_.data());
  }
  opt_status state_bytes(opt_optimizer optimizer, int64_t* bytes) {
    SetShapes();
    return opt_state_bytes(optimizer, tensors_.data(), Count(), bytes);
  }
  // The index that the i-th tensor got.
  int64_t index(int64_t i) const { return indices_[static_cast<size_t>(i)]; }

 private:
  int64_t Count() const { return static_cast<int64_t>(tensors_.size()); }
  void SetShapes() {
    for (size_t i = 0; i < tensors_.size(); ++i) {
      if (shapes_[i].empty()) continue;
      tensors_[i].shape = shapes_[i].data();
      tensors_[i].rank = static_cast<int32_t>(shapes_[i].size());
    }
  }

  std::vector<opt_tensor> tensors_;
  std::deque<std::string> names_;  // whose texts stay where they are
  std::vector<std::vector<int64_t>> shapes_;
  std::vector<int64_t> indices_;
};

#ifndef SWIG
// The parameters that are lent to a save or a load, for opt_lent.
class LentParams {
 public:
  void lend(int64_t index, void* param) {
    const auto count = static_cast<size_t>(index) + 1;
    if (count > params_.size()) params_.resize(count);
    params_[count - 1] = param;
  }
  // As long as the optimizer asks for; nothing if nothing was lent.
  const opt_lent* Get(opt_optimizer optimizer) {
    opt_info info = OPT_INFO_INIT;
    if (!params_.empty() && opt_get_info(optimizer, &info) == OPT_OK) {
      params_.resize(
          std::max(params_.size(), static_cast<size_t>(info.index_count)));
    }
    lent_.count = static_cast<int64_t>(params_.size());
    lent_.params = params_.empty() ? nullptr : params_.data();
    return &lent_;
  }

 private:
  opt_lent lent_ = OPT_LENT_INIT;
  std::vector<void*> params_;
};
#endif

// opt_save_*().
class SaveCall {
 public:
  explicit SaveCall(uint32_t flags) { args_.flags = flags; }
  // One of the caller's own entries; its data must stay in place.
  void add(const char* name, opt_dtype dtype, int64_t count, void* data) {
    opt_entry entry = OPT_ENTRY_INIT;
    entry.dtype = dtype;
    entry.count = count;
    entry.data = data;
    names_.emplace_back(name);
    entry.name = names_.back().c_str();
    entries_.push_back(entry);
  }
  void lend(int64_t index, void* param) { lent_.lend(index, param); }
  opt_status to_file(opt_optimizer optimizer, const char* path) {
    return opt_save_file(optimizer, path, &Args(optimizer));
  }
  // Bytes that the checkpoint has.
  opt_status measure(opt_optimizer optimizer, int64_t* size) {
    return opt_save_memory(optimizer, nullptr, 0, size, &Args(optimizer));
  }
  opt_status to_memory(opt_optimizer optimizer, void* buffer,
                       int64_t capacity) {
    return opt_save_memory(optimizer, buffer, capacity, nullptr,
                           &Args(optimizer));
  }

 private:
  const opt_save_args& Args(opt_optimizer optimizer) {
    args_.lent = lent_.Get(optimizer);
    args_.entry_count = static_cast<int64_t>(entries_.size());
    args_.entries = entries_.data();
    return args_;
  }

  opt_save_args args_ = OPT_SAVE_ARGS_INIT;
  LentParams lent_;
  std::vector<opt_entry> entries_;
  std::deque<std::string> names_;
};

// opt_load_*(), with what the load reports.
class LoadCall {
 public:
  explicit LoadCall(uint32_t flags) {
    args_.flags = flags;
    args_.report = &Report;
    args_.user = this;
  }
  // Loads only the tensors that are selected.
  void select(const char* name) { selected_.emplace_back(name); }
  void lend(int64_t index, void* param) { lent_.lend(index, param); }
  opt_status from_file(opt_optimizer optimizer, const char* path) {
    return opt_load_file(optimizer, path, &Args(optimizer));
  }
  opt_status from_memory(opt_optimizer optimizer, void* data, int64_t size) {
    return opt_load_memory(optimizer, data, size, &Args(optimizer));
  }
  opt_status from_checkpoint(opt_optimizer optimizer,
                             opt_checkpoint checkpoint) {
    return opt_load_checkpoint(optimizer, checkpoint, &Args(optimizer));
  }

  // The names that did not fit, after the call.
  int64_t report_count() const { return static_cast<int64_t>(found_.size()); }
  int32_t report_kind(int64_t i) const { return At(i).kind; }
  const char* report_name(int64_t i) const { return At(i).name.c_str(); }
  const char* report_detail(int64_t i) const { return At(i).detail.c_str(); }

 private:
  struct Finding {
    int32_t kind;
    std::string name;
    std::string detail;
  };
  static void Report(void* user, int32_t kind, const char* name,
                     const char* detail) {
    static_cast<LoadCall*>(user)->found_.push_back({kind, name, detail});
  }
  const Finding& At(int64_t i) const { return found_[static_cast<size_t>(i)]; }
  const opt_load_args& Args(opt_optimizer optimizer) {
    found_.clear();
    names_.clear();
    for (const std::string& name : selected_) names_.push_back(name.c_str());
    args_.name_count = static_cast<int64_t>(names_.size());
    args_.names = names_.empty() ? nullptr : names_.data();
    args_.lent = lent_.Get(optimizer);
    return args_;
  }

  opt_load_args args_ = OPT_LOAD_ARGS_INIT;
  LentParams lent_;
  std::vector<std::string> selected_;
  std::vector<const char*> names_;
  std::vector<Finding> found_;
};

#endif  // OPT_BINDINGS_CALLS_H_
