// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Buffers that are lent to a call. Include <opt/opt.hpp>.
#ifndef OPT_HPP_LENT_HPP_
#define OPT_HPP_LENT_HPP_

#include <cstddef>
#include <cstdint>
#include <type_traits>
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
// it does in C. Made by Optimizer::Lend; good until a tensor is attached or
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

  struct Element {
    int64_t count;  // -1: no tensor has this index
    opt_dtype param_dtype;
    opt_dtype grad_dtype;
  };

  bool Has(int64_t index) const {
    return index >= 0 && static_cast<size_t>(index) < elements_.size() &&
           elements_[static_cast<size_t>(index)].count >= 0;
  }

  template <typename T>
  internal::Outcome Check(int64_t index, Span<T> span,
                          opt_dtype Element::*dtype) const {
    static_assert(!std::is_const_v<T>, "a step writes what is lent to it");
    if (!Has(index)) {
      return {OPT_ERR_RANGE, "no tensor of this index can be lent buffers"};
    }
    const Element& element = elements_[static_cast<size_t>(index)];
    if (DTypeOf<T>() != element.*dtype) {
      return {OPT_ERR_DTYPE,
              "a lent buffer has another dtype than its tensor was attached "
              "with: float for OPT_F32, double for OPT_F64"};
    }
    if (static_cast<int64_t>(span.size()) != element.count) {
      return {OPT_ERR_ARGUMENT,
              "a lent buffer has another length than its tensor: "
              "TensorInfo::count tells it"};
    }
    return OPT_OK;
  }

  // Sets those that are not null, or neither.
  template <typename P, typename G>
  internal::Outcome Put(int64_t index, const Span<P>* param,
                        const Span<G>* grad) {
    internal::Outcome outcome = OPT_OK;
    if (param != nullptr) {
      outcome = Check(index, *param, &Element::param_dtype);
    }
    if (outcome.status == OPT_OK && grad != nullptr) {
      outcome = Check(index, *grad, &Element::grad_dtype);
    }
    if (outcome.status != OPT_OK) return outcome;
    const auto i = static_cast<size_t>(index);
    if (param != nullptr) params_[i] = param->data();
    if (grad != nullptr) {
      grads_[i] = grad->data();
      lends_grads_ = true;
    }
    return outcome;
  }

  // Makes room for the next index.
  void Add(const Element& element) {
    elements_.push_back(element);
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
