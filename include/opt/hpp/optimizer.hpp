// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The optimizer. Include <opt/opt.hpp>; opt.h says what each call does and
// which statuses it fails with.
#ifndef OPT_HPP_OPTIMIZER_HPP_
#define OPT_HPP_OPTIMIZER_HPP_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "opt/hpp/average_calls.hpp"
#include "opt/hpp/buffers.hpp"
#include "opt/hpp/context.hpp"
#include "opt/hpp/error.hpp"
#include "opt/hpp/gradient_calls.hpp"
#include "opt/hpp/option_calls.hpp"
#include "opt/hpp/owner.hpp"
#include "opt/hpp/schedule.hpp"
#include "opt/hpp/span.hpp"
#include "opt/hpp/state_calls.hpp"
#include "opt/hpp/step_calls.hpp"
#include "opt/hpp/tensor.hpp"
#include "opt/opt.h"

namespace opt {
inline namespace OPT_HPP_NAMESPACE {

class Optimizer : public OptionCalls<Optimizer>,
                  public StepCalls<Optimizer>,
                  public GradientCalls<Optimizer>,
                  public AverageCalls<Optimizer>,
                  public ScheduleCalls<Optimizer>,
                  public StateCalls<Optimizer> {
 public:
  // Of a rule's or an alias' name: OPT_RULE_ADAMW, "momentum".
  static Returned<Optimizer> Create(const std::string& rule,
                                    const Context& context = {}) {
    Optimizer made;
    const opt_status status = made.owner_.Make(rule.c_str(), context);
    return internal::Finish(status, std::move(made));
  }
  // Of typed options: Create(opt::AdamW().lr(3e-4)).
  template <typename Rule, typename = decltype(Rule::kRule)>
  static Returned<Optimizer> Create(const Rule& rule,
                                    const Context& context = {}) {
    Optimizer made;
    internal::Outcome outcome = made.owner_.Make(Rule::kRule, context);
    std::string message;
    if (outcome.status == OPT_OK) {
      outcome = internal::SetAll(made.handle(), OPT_ALL_GROUPS, rule, &message);
    }
    return internal::Finish(outcome, std::move(made));
  }

#ifndef OPT_NO_EXCEPTIONS
  explicit Optimizer(const std::string& rule, const Context& context = {})
      : Optimizer(Create(rule, context)) {}
  template <typename Rule, typename = decltype(Rule::kRule)>
  explicit Optimizer(const Rule& rule, const Context& context = {})
      : Optimizer(Create(rule, context)) {}
#endif

  // Destroys it, when a call that another thread is making with it has ended.
  // After Close every other call fails with OPT_ERR_HANDLE. The destructor does
  // the same; it cannot report that it is called from a callback of a call.
  Returned<void> Close() { return internal::Finish(owner_.Close()); }

  // Attaches a tensor and returns its index.
  Returned<int64_t> Attach(const Tensor& tensor) {
    int64_t index = 0;
    const internal::Outcome outcome = owner_.Attach({&tensor, 1}, &index);
    return internal::Finish(outcome, index);
  }
  // Attaches all or none.
  Returned<std::vector<int64_t>> Attach(Span<const Tensor> tensors) {
    std::vector<int64_t> indices(tensors.size());
    const internal::Outcome outcome = owner_.Attach(tensors, indices.data());
    return internal::Finish(outcome, std::move(indices));
  }
  Returned<void> Detach(int64_t index) {
    return internal::Finish(owner_.Detach(index));
  }
  // Other retained buffers, of the same length and dtypes.
  template <typename Param, typename Grad>
  Returned<void> Bind(int64_t index, Param&& param, Grad&& grad) {
    return internal::Finish(
        owner_.Bind(index, MakeSpan(param), MakeSpan(grad)));
  }
  // Room for the buffers that calls borrow.
  Returned<Buffers> Lend() const {
    Buffers buffers;
    const internal::Outcome outcome = owner_.Lend(&buffers);
    return internal::Finish(outcome, std::move(buffers));
  }

  Returned<opt_info> Info() const {
    opt_info info = OPT_INFO_INIT;
    const opt_status status = opt_get_info(handle(), &info);
    return internal::Finish(status, info);
  }
  // Its pointers are good until the tensor is detached or this is closed.
  Returned<opt_tensor_info> TensorAt(int64_t index) const {
    opt_tensor_info info = OPT_TENSOR_INFO_INIT;
    const opt_status status = opt_tensor_at(handle(), index, &info);
    return internal::Finish(status, info);
  }
  Returned<int64_t> FindTensor(const std::string& name) const {
    int64_t index = 0;
    const opt_status status = opt_find_tensor(handle(), name.c_str(), &index);
    return internal::Finish(status, index);
  }
  Returned<void> SetTensorStep(int64_t index, int64_t step) {
    return internal::Finish(opt_set_tensor_step(handle(), index, step));
  }
  // A slot of a tensor's state, whose dtype, the parameter's, must be T's, to
  // read and to write. Good until the next attach, detach, load or close; steps
  // change what is in it.
  template <typename T>
  Returned<Span<T>> State(int64_t index, const char* slot) const {
    opt_view view = OPT_VIEW_INIT;
    internal::Outcome outcome = opt_state_view(handle(), index, slot, &view);
    if (outcome.status == OPT_OK && view.dtype != DtypeOf<T>()) {
      outcome = {OPT_ERR_DTYPE,
                 "the state is of the parameter's dtype: float for OPT_F32, "
                 "double for OPT_F64"};
    }
    return internal::Finish(outcome, Span<T>(static_cast<T*>(view.data),
                                             static_cast<size_t>(view.count)));
  }

  // For calls of opt.h; it stays this object's.
  opt_optimizer handle() const { return owner_.handle(); }

 private:
  friend class StepCalls<Optimizer>;
  friend class GradientCalls<Optimizer>;
  friend class AverageCalls<Optimizer>;
  friend class ScheduleCalls<Optimizer>;
  friend class StateCalls<Optimizer>;
  Optimizer() = default;

  template <typename Call>
  internal::Outcome WithBuffers(const Buffers& buffers,
                                const Call& call) const {
    return owner_.WithBuffers(buffers, call);
  }

  Context context() const { return owner_.context(); }

  internal::Owner owner_;
};

}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_OPTIMIZER_HPP_
