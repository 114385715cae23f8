// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Tensors: to attach, and attached. Include <opt/opt.hpp>.
#ifndef OPT_HPP_TENSOR_HPP_
#define OPT_HPP_TENSOR_HPP_

#include <cstddef>
#include <cstdint>
#include <memory>
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

// A parameter tensor with its gradient, described for Optimizer::Attach. The
// elements are float or double, gradients of either for parameters of either.
class TensorSpec {
 public:
  // Retained buffers, of equal length: they must stay in place until the tensor
  // is detached or re-bound, or the optimizer closed. An empty name is made up.
  template <typename Param, typename Grad>
  TensorSpec(std::string name, Param&& param, Grad&& grad)
      : TensorSpec(Described{}, std::move(name), MakeSpan(param),
                   MakeSpan(grad)) {}

  // `count` elements whose buffers are lent to each call.
  template <typename P, typename G = P>
  static TensorSpec Lent(std::string name, int64_t count) {
    TensorSpec tensor(Described{}, std::move(name), Span<P>(), Span<G>());
    tensor.tensor_.count = tensor.grad_count_ = count;
    return tensor;
  }

  // Extents whose product is the number of elements; one extent otherwise.
  TensorSpec& Shape(std::vector<int64_t> shape) {
    shape_ = std::move(shape);
    has_shape_ = true;
    return *this;
  }
  // The parameter group that Optimizer::AddGroup gave.
  TensorSpec& Group(int32_t group) {
    tensor_.group = group;
    return *this;
  }
  // Keeps the owner of the buffers alive until the tensor is detached or the
  // optimizer closed.
  TensorSpec& Keep(std::shared_ptr<const void> owner) {
    owner_ = std::move(owner);
    return *this;
  }

 private:
  friend class Optimizer;

  struct Described {};

  template <typename P, typename G>
  TensorSpec(Described, std::string name, Span<P> param, Span<G> grad)
      : name_(std::move(name)), grad_count_(static_cast<int64_t>(grad.size())) {
    static_assert(std::is_floating_point_v<P> && std::is_floating_point_v<G>,
                  "parameters and gradients are float or double, not const");
    static_assert(!std::is_const_v<P> && !std::is_const_v<G>,
                  "a step writes parameters, and gradients to zero them");
    tensor_.param_dtype = DTypeOf<P>();
    tensor_.grad_dtype = DTypeOf<G>();
    tensor_.count = static_cast<int64_t>(param.size());
    tensor_.param = param.data();
    tensor_.grad = grad.data();
  }

  // Whether parameter and gradient have one length.
  internal::Outcome Check() const {
    if (tensor_.count == grad_count_) return OPT_OK;
    const std::string title =
        name_.empty() ? "a tensor without a name" : "tensor '" + name_ + "'";
    return {OPT_ERR_ARGUMENT,
            title + ": its parameter has " + std::to_string(tensor_.count) +
                " elements, but its gradient has " +
                std::to_string(grad_count_) + ": the numbers must be equal"};
  }

  // As C takes it; its pointers are valid as long as this object is.
  opt_tensor Get() const {
    opt_tensor tensor = tensor_;
    tensor.name = name_.empty() ? nullptr : name_.c_str();
    if (has_shape_) {
      static constexpr int64_t kScalar = 1;  // rank 0 has no extents
      tensor.shape = shape_.empty() ? &kScalar : shape_.data();
      tensor.rank = static_cast<int32_t>(shape_.size());
    }
    return tensor;
  }

  opt_tensor tensor_ = OPT_TENSOR_INIT;
  std::string name_;
  std::vector<int64_t> shape_;
  std::shared_ptr<const void> owner_;
  int64_t grad_count_;
  bool has_shape_ = false;
};

// An attached tensor, described.
using TensorInfo = opt_tensor_info;

}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_TENSOR_HPP_
