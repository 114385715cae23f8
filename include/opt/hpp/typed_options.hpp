// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The values that typed options of a rule or a schedule hold. Include
// <opt/opt.hpp>.
#ifndef OPT_HPP_TYPED_OPTIONS_HPP_
#define OPT_HPP_TYPED_OPTIONS_HPP_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "opt/hpp/error.hpp"
#include "opt/hpp/span.hpp"
#include "opt/opt.h"

namespace opt {
inline namespace OPT_HPP_NAMESPACE {

// An option and a value for it: {OPT_LR, 3e-4}.
using OptionValue = opt_option_value;

// A preset or milestones, and values of options in the order in which they were
// given; what was not given stays as it is. Only milestones allocate memory.
template <size_t kCapacity>
class TypedOptions {
 public:
  // Sets every option to a preset's values, before the other values. The name
  // must outlive this object.
  void SetPreset(const char* preset) { preset_ = preset; }
  // Sets `option`, a string that outlives this object.
  void Set(const char* option, double value) {
    size_t i = 0;
    while (i < size_ && std::strcmp(values_[i].option, option) != 0) ++i;
    if (i == size_) ++size_;
    values_[i] = {option, value};
  }
  // Ticks of a schedule, in ascending order.
  void SetMilestones(Span<const int64_t> milestones) {
    milestones_.assign(milestones.begin(), milestones.end());
  }

  // The preset, or nullptr.
  const char* preset() const { return preset_; }
  Span<const OptionValue> values() const { return {values_.data(), size_}; }
  Span<const int64_t> milestones() const { return milestones_; }

 private:
  const char* preset_ = nullptr;
  std::array<OptionValue, kCapacity> values_{};
  size_t size_ = 0;
  std::vector<int64_t> milestones_;
};

}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_TYPED_OPTIONS_HPP_
