// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// As calls.h: the calls that take gradients.

#ifndef OPT_BINDINGS_STEP_CALL_H_
#define OPT_BINDINGS_STEP_CALL_H_

#ifndef SWIG
#include <cstddef>
#include <cstdint>
#include <vector>

#include "opt/opt.h"
#endif

// opt_step(), opt_step_begin(), opt_step_slice(), opt_accumulate(),
// opt_zero_grads(), opt_grad_norm(), opt_clip_grads(), opt_swap_eval_weights()
// and opt_read_eval_weights() with flags, with work on the gradients and with
// lent buffers, if there are any. Lent buffers stay until they are lent again
// or forgotten, so that what does not move is handed over once; so does the
// work until other work is set.
class StepCall {
 public:
  // Lends the buffers of one tensor; NULL: the retained parameter, no gradient.
  void lend(int64_t index, void* param, void* grad) {
    const auto count = static_cast<size_t>(index) + 1;
    if (count > params_.size()) {
      params_.resize(count);
      grads_.resize(count);
    }
    params_[count - 1] = param;
    grads_[count - 1] = grad;
  }
  void forget() {
    params_.clear();
    grads_.clear();
  }

  // The fields of opt_grad_work; with zeros alone nothing is done. `reports`:
  // whether steps fill in the report, which costs a norm.
  void set_work(uint32_t flags, double loss_scale, double max_value,
                double max_tensor_norm, double max_norm, int32_t norm,
                int32_t nonfinite, bool reports) {
    work_ = {sizeof work_,    flags,    loss_scale, max_value,
             max_tensor_norm, max_norm, norm,       nonfinite};
    reports_ = reports;
  }
  // The fields of opt_grad_report, after a call that filled it in.
  bool skipped() const { return report_.skipped != 0; }
  double norm() const { return report_.norm; }
  double factor() const { return report_.factor; }
  int64_t nonfinite_tensor() const { return report_.nonfinite_tensor; }
  double group_norm(int32_t group) const {
    return group_norms_[static_cast<size_t>(group)];
  }

  opt_status step(opt_optimizer optimizer, uint32_t flags) {
    return Step(optimizer, flags, Lent(optimizer));
  }
  // Accumulated gradients with lent parameters.
  opt_status step_accumulated(opt_optimizer optimizer, uint32_t flags) {
    opt_lent lent = Lent(optimizer);
    lent.grads = nullptr;
    return Step(optimizer, flags, lent);
  }
  // The same for a step in slices.
  opt_status begin_step(opt_optimizer optimizer, uint32_t flags) {
    return Step(optimizer, flags, Lent(optimizer), true);
  }
  opt_status begin_step_accumulated(opt_optimizer optimizer, uint32_t flags) {
    opt_lent lent = Lent(optimizer);
    lent.grads = nullptr;
    return Step(optimizer, flags, lent, true);
  }
  // Begins a list of tensors, and adds one to it, for a slice.
  void clear_slice() { slice_.clear(); }
  void add_to_slice(int64_t index) { slice_.push_back(index); }
  opt_status step_slice(opt_optimizer optimizer) {
    return Slice(optimizer, static_cast<int64_t>(slice_.size()));
  }
  opt_status step_remaining(opt_optimizer optimizer) {
    return Slice(optimizer, OPT_REMAINING);
  }
  // Tensors that have not had their turn, after a call of a step in slices.
  int64_t remaining() const { return remaining_; }
  opt_status accumulate(opt_optimizer optimizer, int64_t samples,
                        uint32_t flags) {
    const opt_lent lent = Lent(optimizer);
    opt_accumulate_args args = OPT_ACCUMULATE_ARGS_INIT;
    args.flags = flags;
    args.samples = samples;
    args.lent = &lent;
    return opt_accumulate(optimizer, &args);
  }
  opt_status zero_grads(opt_optimizer optimizer) {
    const opt_lent lent = Lent(optimizer);
    return opt_zero_grads(optimizer, &lent);
  }
  opt_status grad_norm(opt_optimizer optimizer, uint32_t flags) {
    const opt_lent lent = Lent(optimizer);
    const opt_grad_args args = GradArgs(flags, lent);
    return opt_grad_norm(optimizer, &args, EmptyReport(optimizer));
  }
  opt_status clip_grads(opt_optimizer optimizer) {
    const opt_lent lent = Lent(optimizer);
    const opt_grad_args args = GradArgs(0, lent);
    return opt_clip_grads(optimizer, &args, EmptyReport(optimizer));
  }
  opt_status swap_eval_weights(opt_optimizer optimizer) {
    const opt_lent lent = Lent(optimizer);
    return opt_swap_eval_weights(optimizer, &lent);
  }
  opt_status read_eval_weights(opt_optimizer optimizer, int64_t index,
                               void* weights) {
    const opt_lent lent = Lent(optimizer);
    return opt_read_eval_weights(optimizer, &lent, index, weights);
  }

 private:
  opt_status Step(opt_optimizer optimizer, uint32_t flags, const opt_lent& lent,
                  bool begins = false) {
    opt_step_args args = OPT_STEP_ARGS_INIT;
    args.flags = flags;
    args.lent = &lent;
    args.work = &work_;
    args.report = reports_ ? EmptyReport(optimizer) : nullptr;
    return begins ? opt_step_begin(optimizer, &args, &remaining_)
                  : opt_step(optimizer, &args);
  }
  opt_status Slice(opt_optimizer optimizer, int64_t count) {
    const opt_lent lent = Lent(optimizer);
    return opt_step_slice(optimizer, &lent, slice_.data(), count, &remaining_);
  }
  opt_grad_args GradArgs(uint32_t flags, const opt_lent& lent) const {
    opt_grad_args args = OPT_GRAD_ARGS_INIT;
    args.flags = flags;
    args.lent = &lent;
    args.work = &work_;
    return args;
  }
  opt_grad_report* EmptyReport(opt_optimizer optimizer) {
    opt_info info = OPT_INFO_INIT;
    if (opt_get_info(optimizer, &info) == OPT_OK) {
      group_norms_.resize(static_cast<size_t>(info.group_count));
    }
    const opt_grad_report empty = OPT_GRAD_REPORT_INIT;
    report_ = empty;
    report_.group_norms = group_norms_.data();
    report_.group_capacity = static_cast<int64_t>(group_norms_.size());
    return &report_;
  }

  // The lent arrays, made as long as the optimizer asks for.
  opt_lent Lent(opt_optimizer optimizer) {
    opt_lent lent = OPT_LENT_INIT;
    if (params_.empty()) return lent;
    opt_info info = OPT_INFO_INIT;
    if (opt_get_info(optimizer, &info) == OPT_OK) {
      const auto count = static_cast<size_t>(info.index_count);
      if (params_.size() < count) {
        params_.resize(count);
        grads_.resize(count);
      }
    }
    lent.count = static_cast<int64_t>(params_.size());
    lent.params = params_.data();
    lent.grads = grads_.data();
    return lent;
  }

  std::vector<void*> params_;
  std::vector<void*> grads_;
  opt_grad_work work_ = OPT_GRAD_WORK_INIT;
  opt_grad_report report_ = OPT_GRAD_REPORT_INIT;
  std::vector<double> group_norms_;
  bool reports_ = false;
  std::vector<int64_t> slice_;
  int64_t remaining_ = 0;
};

#endif  // OPT_BINDINGS_STEP_CALL_H_
