// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

#include "tests/rules/reference.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "src/rules/registry.h"

namespace opt_test {
namespace {

// One element: parameter, gradient, slots; and what a step makes of it: update
// (in place of the parameter), nothing, slots.
constexpr size_t kParam = 0;
constexpr size_t kGrad = 1;
constexpr size_t kSlots = 2;
using Element = std::array<double, kSlots + libopt::kMaxSlots>;

// Numbers that may have been rounded: an option that is a factor, and the two
// operations of coupled weight decay.
constexpr int kRoundingsBefore = 3;

// A tensor as the Reference sees it.
struct Whole {
  std::vector<double> param;
  std::vector<double> grad;
  std::array<std::vector<double>, libopt::kMaxSlots> slots;
};

struct Stepper {
  const libopt::Rule& rule;
  std::vector<double> options;
  int64_t step;
  double smallest_normal;

  // Steps with all elements; `param` becomes the update.
  void Step(Whole* whole) const {
    const std::vector<double> before = whole->param;
    // A group's numbers come before the step, a tensor's are slots of it.
    std::array<double, libopt::kMaxSlots> numbers;
    const int slot_count = rule.descriptor->slot_count;
    for (int slot = 0; slot < slot_count; ++slot) {
      const std::vector<double>& values = whole->slots[slot];
      numbers[slot] = values.empty() ? 0 : values[0];
    }
    if (rule.prepare_group != nullptr) {
      rule.prepare_group(options.data(), numbers.data());
    }
    const auto count = static_cast<int64_t>(before.size());
    libopt::ReferenceStep all = {options.data(),
                                 step,
                                 smallest_normal,
                                 {&count, 1, count},
                                 whole->grad.data(),
                                 whole->param.data(),
                                 {},
                                 numbers.data()};
    for (int slot = 0; slot < slot_count; ++slot) {
      all.slots[slot] = whole->slots[slot].data();
    }
    libopt::Reference(rule, all);
    for (int slot = 0; slot < slot_count; ++slot) {
      if (!rule.descriptor->slots[slot].is_group_number()) continue;
      whole->slots[slot] = {numbers[slot]};
    }
    for (size_t i = 0; i < before.size(); ++i) {
      // An infinite parameter stays what it is, as if it was added.
      if (std::isfinite(before[i])) whole->param[i] -= before[i];
    }
  }

  Element operator()(const Element& element) const {
    Whole whole = {{element[kParam]}, {element[kGrad]}, {}};
    for (int slot = 0; slot < rule.descriptor->slot_count; ++slot) {
      whole.slots[slot] = {element[kSlots + slot]};
    }
    Step(&whole);
    Element result = element;
    result[kParam] = whole.param[0];
    for (int slot = 0; slot < rule.descriptor->slot_count; ++slot) {
      result[kSlots + slot] = whole.slots[slot][0];
    }
    return result;
  }
};

// The sum of the sizes of the terms in each result.
Element FindTerms(const Stepper& stepper, const Element& element,
                  const Element& result, opt_dtype dtype) {
  // Far above the roundings of double, and as small as the dtype's own allow.
  const double nudge = dtype == OPT_F64 ? 0x1p-26 : 0x1p-20;
  Element terms = {};
  for (size_t input = 0; input < element.size(); ++input) {
    if (element[input] == 0) continue;
    Element larger = element;
    Element smaller = element;
    larger[input] *= 1 + nudge;
    smaller[input] *= 1 - nudge;
    const Element after_larger = stepper(larger);
    const Element after_smaller = stepper(smaller);
    for (size_t i = 0; i < result.size(); ++i) {
      terms[i] += std::max(std::fabs(after_larger[i] - result[i]),
                           std::fabs(after_smaller[i] - result[i])) /
                  nudge;
    }
  }
  return terms;
}

Element ElementAt(const libopt::RuleDescriptor& rule, const Before& before,
                  size_t i) {
  Element element = {};
  element[kParam] = static_cast<double>(before.param[i]);
  element[kGrad] = static_cast<double>(before.grad[i]);
  for (int slot = 0; slot < rule.slot_count; ++slot) {
    const auto values = before.slots.find(rule.slots[slot].name);
    if (values == before.slots.end()) continue;
    // A number counts for all elements.
    element[kSlots + slot] =
        static_cast<double>(values->second[values->second.size() == 1 ? 0 : i]);
  }
  return element;
}

Whole WholeOf(const libopt::RuleDescriptor& rule, const Before& before) {
  Whole whole;
  whole.param.assign(before.param.begin(), before.param.end());
  whole.grad.assign(before.grad.begin(), before.grad.end());
  for (int slot = 0; slot < rule.slot_count; ++slot) {
    const auto values = before.slots.find(rule.slots[slot].name);
    if (values == before.slots.end()) {
      whole.slots[slot].resize(before.param.size());
    } else {
      whole.slots[slot].assign(values->second.begin(), values->second.end());
    }
  }
  return whole;
}

// A result with the scale of the oracle's or, without one, with that of the
// largest number of the tensor, before or after the step.
std::vector<Tracked> Tracks(const std::vector<double>& values,
                            const std::vector<Tracked>* known,
                            const std::vector<long double>& before) {
  long double largest = 0;
  for (const long double value : before) {
    if (std::isfinite(value)) largest = std::max(largest, std::fabs(value));
  }
  for (const double value : values) {
    if (std::isfinite(value)) {
      largest = std::max<long double>(largest, std::fabs(value));
    }
  }
  std::vector<Tracked> tracked;
  for (size_t i = 0; i < values.size(); ++i) {
    tracked.emplace_back(
        values[i], known != nullptr ? (*known)[i].scale : largest,
        known != nullptr ? (*known)[i].inherited : kRoundingsBefore * largest);
  }
  return tracked;
}

After StepOfWhole(const Stepper& stepper, const Before& before,
                  const After* oracle) {
  const libopt::RuleDescriptor& rule = *stepper.rule.descriptor;
  Whole whole = WholeOf(rule, before);
  stepper.Step(&whole);
  After after;
  // The parameter is stored before the slow weights of lookahead move to it.
  const int lookahead = rule.lookahead_option;
  const bool stores_slow =
      lookahead >= 0 && stepper.options[static_cast<size_t>(lookahead)] != 0;
  after.update =
      Tracks(whole.param, oracle != nullptr ? &oracle->update : nullptr,
             stores_slow ? before.param : std::vector<long double>());
  for (int slot = 0; slot < rule.slot_count; ++slot) {
    const char* const name = rule.slots[slot].name;
    if (before.slots.count(name) == 0) continue;
    after.slots[name] =
        Tracks(whole.slots[slot],
               oracle != nullptr ? &oracle->slots.at(name) : nullptr,
               before.slots.at(name));
  }
  return after;
}

}  // namespace

const libopt::Rule& FindRule(const std::string& name) {
  return *libopt::FindRule(name).rule;
}

std::vector<double> InOrder(const libopt::Rule& rule, const Options& options) {
  std::vector<double> values;
  for (int i = 0; i < rule.descriptor->option_count; ++i) {
    values.push_back(options.at(rule.descriptor->options[i].name));
  }
  return values;
}

bool StepsAsAWhole(const std::string& rule, const Options& options) {
  const libopt::RuleDescriptor& descriptor = *FindRule(rule).descriptor;
  const auto is_on = [&](const std::string& name) {
    const auto found = options.find(name);
    if (found != options.end()) return found->second != 0;
    for (int i = 0; i < descriptor.option_count; ++i) {
      const libopt::OptionDescriptor& option = descriptor.options[i];
      if (name == option.name) return option.default_value != 0;
    }
    return false;
  };
  return FindRule(rule).finish != nullptr || is_on("cautious") ||
         is_on("update_clipping");
}

After ReferenceStep(const libopt::Rule& rule, const Options& options,
                    int64_t step, opt_dtype dtype, const Before& before,
                    const After* oracle) {
  if (options.at("frozen") != 0) return Unchanged(before);
  const libopt::RuleDescriptor& descriptor = *rule.descriptor;
  const Stepper stepper = {rule, InOrder(rule, options), step,
                           SmallestNormal(dtype)};
  const auto lookahead = options.find("lookahead");
  const bool stores_slow = lookahead != options.end() && lookahead->second != 0;
  if (StepsAsAWhole(descriptor.name, options)) {
    return StepOfWhole(stepper, before, oracle);
  }
  After after;
  std::vector<Tracked>* slots[libopt::kMaxSlots] = {};
  const std::vector<Tracked>* known_slots[libopt::kMaxSlots] = {};
  for (int slot = 0; slot < descriptor.slot_count; ++slot) {
    const char* const name = descriptor.slots[slot].name;
    if (before.slots.count(name) == 0) continue;
    slots[slot] = &after.slots[name];
    if (oracle != nullptr) known_slots[slot] = &oracle->slots.at(name);
  }
  for (size_t i = 0; i < before.param.size(); ++i) {
    const Element element = ElementAt(descriptor, before, i);
    const Element result = stepper(element);
    const Element terms = oracle != nullptr
                              ? Element{}
                              : FindTerms(stepper, element, result, dtype);
    const auto tracked = [&](size_t at, const Tracked* known) -> Tracked {
      if (known != nullptr) return {result[at], known->scale, known->inherited};
      double scale = std::max(std::fabs(result[at]), terms[at]);
      // The parameter is stored before the slow weights move to it.
      if (stores_slow && at == kParam) {
        scale = std::max(scale, std::fabs(element[kParam]));
      }
      return Rounded({result[at], scale, 0}, kRoundingsBefore);
    };
    after.update.push_back(
        tracked(kParam, oracle != nullptr ? &oracle->update[i] : nullptr));
    for (int slot = 0; slot < descriptor.slot_count; ++slot) {
      if (slots[slot] == nullptr) continue;
      if (i > 0 && !descriptor.slots[slot].is_like_param()) continue;
      slots[slot]->push_back(
          tracked(kSlots + slot,
                  oracle != nullptr ? &(*known_slots[slot])[i] : nullptr));
    }
  }
  return after;
}

Tolerance ReferenceTolerance(opt_dtype dtype) {
  const double roundings = dtype == OPT_F64 ? 2 : 1;
  return {roundings * kStepTolerance.state_ulps,
          roundings * kStepTolerance.update_ulps,
          roundings * kStepTolerance.param_ulps};
}

ReferenceTensor::ReferenceTensor(const Optimizer& optimizer,
                                 const Tensor& tensor,
                                 const std::vector<int64_t>& shape)
    : rule_(FindRule(optimizer.rule())),
      options_(InOrder(rule_, optimizer.Values())),
      shape_(shape) {
  for (int64_t i = 0; i < tensor.param.count(); ++i) {
    param_.push_back(tensor.param.Get(i));
  }
  grad_.resize(param_.size());
  const libopt::TensorShape view = {
      shape_.data(), static_cast<int32_t>(shape_.size()), tensor.param.count()};
  for (int k = 0; k < rule_.descriptor->slot_count; ++k) {
    slots_.emplace_back(static_cast<size_t>(
        libopt::SlotElements(rule_.descriptor->slots[k].shape, view)));
  }
}

void ReferenceTensor::Step(const Array& grad) {
  for (size_t i = 0; i < grad_.size(); ++i) {
    grad_[i] = grad.Get(static_cast<int64_t>(i));
  }
  libopt::ReferenceStep step = {
      options_.data(),
      ++step_,
      SmallestNormal(OPT_F64),
      {shape_.data(), static_cast<int32_t>(shape_.size()),
       static_cast<int64_t>(param_.size())},
      grad_.data(),
      param_.data(),
      {},
      nullptr};
  for (size_t k = 0; k < slots_.size(); ++k) step.slots[k] = slots_[k].data();
  libopt::Reference(rule_, step);
}

double ReferenceTensor::DistanceOf(const Optimizer& optimizer,
                                   const Tensor& tensor) const {
  const auto distance = [](const std::vector<double>& expected,
                           const double* got) {
    double error = 0;
    double largest = 0;
    for (size_t i = 0; i < expected.size() && !std::isnan(error); ++i) {
      const double one = std::fabs(got[i] - expected[i]);
      if (!(one <= error)) error = one;  // NaN, too
      largest = std::max(largest, std::fabs(expected[i]));
    }
    return largest == 0 ? error : error / largest;
  };
  double result =
      distance(param_, static_cast<const double*>(tensor.param.data()));
  for (const std::string& slot : optimizer.SlotsOf(tensor)) {
    size_t k = 0;
    while (slot != rule_.descriptor->slots[k].name) ++k;
    const opt_view view = optimizer.View(tensor, slot);
    const double one =
        distance(slots_[k], static_cast<const double*>(view.data));
    if (std::isnan(one)) return one;
    result = std::max(result, one);
  }
  return result;
}

}  // namespace opt_test
