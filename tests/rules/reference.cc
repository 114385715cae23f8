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

// What may have been rounded before: an option that is a factor, and the two
// operations of coupled weight decay.
constexpr int kRoundingsBefore = 3;

struct Stepper {
  const libopt::Rule& rule;
  std::vector<double> options;
  int64_t step;
  double smallest_normal;

  Element operator()(Element element) const {
    const double before = element[kParam];
    // A group's numbers come before the step, a tensor's are slots of it.
    std::array<double, libopt::kMaxSlots> numbers;
    std::copy_n(&element[kSlots], libopt::kMaxSlots, numbers.begin());
    if (rule.prepare_group != nullptr) {
      rule.prepare_group(options.data(), numbers.data());
    }
    const int64_t one = 1;
    libopt::ReferenceStep one_element = {
        options.data(),   step, smallest_normal, {&one, 1, 1}, &element[kGrad],
        &element[kParam], {},   numbers.data()};
    for (int slot = 0; slot < libopt::kMaxSlots; ++slot) {
      one_element.slots[slot] = &element[kSlots + slot];
    }
    rule.reference(one_element);
    for (int slot = 0; slot < rule.descriptor->slot_count; ++slot) {
      if (!rule.descriptor->slots[slot].is_group_number()) continue;
      element[kSlots + slot] = numbers[slot];
    }
    // An infinite parameter stays what it is, as if it was added.
    if (std::isfinite(before)) element[kParam] -= before;
    return element;
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

After ReferenceStep(const libopt::Rule& rule, const Options& options,
                    int64_t step, opt_dtype dtype, const Before& before,
                    const After* oracle) {
  if (options.at("frozen") != 0) return Unchanged(before);
  const libopt::RuleDescriptor& descriptor = *rule.descriptor;
  const Stepper stepper = {rule, InOrder(rule, options), step,
                           SmallestNormal(dtype)};
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
      const double scale = std::max(std::fabs(result[at]), terms[at]);
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

}  // namespace opt_test
