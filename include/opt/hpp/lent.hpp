// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Buffers that are lent to a call. Include <opt/opt.hpp>.
#ifndef OPT_HPP_LENT_HPP_
#define OPT_HPP_LENT_HPP_

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "opt/hpp/error.hpp"
#include "opt/hpp/span.hpp"
#include "opt/opt.h"

namespace opt {
inline namespace OPT_HPP_NAMESPACE {

class Optimizer;

// The buffers that a step, an accumulation, a save or a load borrows: a
// parameter and a gradient for each index, or none. Length and dtype are
// checked when a buffer is set, so that a call which uses them again costs what
// it does in C. Made by Optimizer::Lend; valid until a tensor is attached or
// detached.
class Lent {
 public:
  // Parameter and gradient of a tensor.
  template <typename Param, typename Grad>
  Returned<void> Set(int64_t index, Param&& param, Grad&& grad) {
    const auto p = MakeSpan(param);
    const auto g = MakeSpan(grad);
    return internal::Finish(Put(index, &p, &g));
  }
  template <typename Param>
  Returned<void> SetParam(int64_t index, Param&& param) {
    const auto p = MakeSpan(param);
    return internal::Finish(Put(index, &p, static_cast<decltype(&p)>(nullptr)));
  }
  template <typename Grad>
  Returned<void> SetGrad(int64_t index, Grad&& grad) {
    const auto g = MakeSpan(grad);
    return internal::Finish(Put(index, static_cast<decltype(&g)>(nullptr), &g));
  }

  // No gradient this time: a step passes the tensor over. An index out of range
  // changes nothing.
  void SkipGrad(int64_t index) {
    if (!Has(index)) return;
    grads_[static_cast<size_t>(index)] = nullptr;
    lends_grads_ = true;
  }

 private:
  friend class Optimizer;

  // The buffers that a tensor takes.
  struct Element {
    Element() = default;  // no tensor has this index
    explicit Element(const opt_tensor_info& tensor)
        : count(tensor.count),
          param_dtype(tensor.param_dtype),
          grad_dtype(tensor.grad_dtype),
          name(tensor.name) {}

    template <typename T>
    internal::Outcome Check(Span<T> span, opt_dtype Element::*dtype) const {
      static_assert(!std::is_const_v<T>, "a step writes what is lent to it");
      const bool is_param = dtype == &Element::param_dtype;
      if (DTypeOf<T>() != this->*dtype) {
        return {OPT_ERR_DTYPE,
                "tensor '" + name + "': its " +
                    (is_param ? "parameters are " : "gradients are ") +
                    internal::TypeName(this->*dtype) +
                    ", as they were attached, but " +
                    internal::TypeName(DTypeOf<T>()) + " is given"};
      }
      if (static_cast<int64_t>(span.size()) != count) {
        return {OPT_ERR_ARGUMENT,
                "tensor '" + name + "': it has " + std::to_string(count) +
                    " elements, but a buffer of " +
                    std::to_string(span.size()) + " is given for its " +
                    (is_param ? "parameters" : "gradients")};
      }
      return OPT_OK;
    }

    int64_t count = -1;
    opt_dtype param_dtype = 0;
    opt_dtype grad_dtype = 0;
    std::string name;
  };

  bool Has(int64_t index) const {
    return index >= 0 && static_cast<size_t>(index) < elements_.size() &&
           elements_[static_cast<size_t>(index)].count >= 0;
  }

  // Sets those that are not null, or neither.
  template <typename P, typename G>
  internal::Outcome Put(int64_t index, const Span<P>* param,
                        const Span<G>* grad) {
    if (!Has(index)) {
      return {OPT_ERR_RANGE,
              "there is no tensor " + std::to_string(index) +
                  " to lend buffers to: it was detached, or never attached"};
    }
    const auto i = static_cast<size_t>(index);
    internal::Outcome outcome = OPT_OK;
    if (param != nullptr) {
      outcome = elements_[i].Check(*param, &Element::param_dtype);
    }
    if (outcome.status == OPT_OK && grad != nullptr) {
      outcome = elements_[i].Check(*grad, &Element::grad_dtype);
    }
    if (outcome.status != OPT_OK) return outcome;
    if (param != nullptr) params_[i] = param->data();
    if (grad != nullptr) {
      grads_[i] = grad->data();
      lends_grads_ = true;
    }
    return outcome;
  }

  // Makes room for the next index.
  void Add(Element element) {
    elements_.push_back(std::move(element));
    params_.push_back(nullptr);
    grads_.push_back(nullptr);
  }

  // As the C API takes them.
  opt_lent Get() const {
    opt_lent lent = OPT_LENT_INIT;
    lent.count = static_cast<int64_t>(params_.size());
    lent.params = params_.data();
    lent.grads = grads_.data();
    return lent;
  }

  std::vector<Element> elements_;
  std::vector<void*> params_;
  std::vector<void*> grads_;
  bool lends_grads_ = false;
  uint64_t layout_ = 0;  // the optimizer's when these were made
};

}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_LENT_HPP_
