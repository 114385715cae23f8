// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The calls of an optimizer for weight averages and the attributes of tensors.
// Include <opt/opt.hpp>.
#ifndef OPT_HPP_AVERAGE_CALLS_HPP_
#define OPT_HPP_AVERAGE_CALLS_HPP_

#include <cstdint>

#include "opt/hpp/buffers.hpp"
#include "opt/hpp/error.hpp"
#include "opt/opt.h"

namespace opt {
inline namespace OPT_HPP_NAMESPACE {

template <typename Self>
class AverageCalls {
 public:
  // Keeps an average of the parameters from now on.
  Returned<void> StartAverage(
      const opt_average_config& config = OPT_AVERAGE_CONFIG_INIT) {
    return internal::Finish(opt_average_start(handle(), &config));
  }
  Returned<void> StopAverage() {
    return internal::Finish(opt_average_stop(handle()));
  }
  Returned<opt_average_info> Average() const {
    opt_average_info info = OPT_AVERAGE_INFO_INIT;
    const opt_status status = opt_average_get(handle(), &info);
    return internal::Finish(status, info);
  }
  // Exchanges the parameters with their averages; a second call puts them back.
  Returned<void> SwapAverage() {
    return internal::Finish(opt_average_swap(handle(), nullptr));
  }
  Returned<void> SwapAverage(const Buffers& buffers) {
    opt_swap_args args = OPT_SWAP_ARGS_INIT;
    args.count = buffers.count();
    args.params = buffers.params_.data();
    return internal::Finish(self().WithBuffers(
        buffers, [&] { return opt_average_swap(handle(), &args); }));
  }

  // An attribute of one tensor: OPT_TENSOR_LR_FACTOR, OPT_TENSOR_FROZEN.
  Returned<void> SetTensor(int64_t index, const char* attribute, double value) {
    return internal::Finish(opt_set_tensor(handle(), index, attribute, value));
  }
  Returned<double> GetTensor(int64_t index, const char* attribute) const {
    double value = 0;
    const opt_status status =
        opt_get_tensor(handle(), index, attribute, &value);
    return internal::Finish(status, value);
  }

 private:
  const Self& self() const { return static_cast<const Self&>(*this); }
  opt_optimizer handle() const { return self().handle(); }
};

}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_AVERAGE_CALLS_HPP_
