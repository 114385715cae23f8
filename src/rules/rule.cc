// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The functions of one rule on numbers. This file is compiled once for each
// line of rules.inc, with OPT_RULE_NAME, OPT_RULE_CLASS and OPT_RULE_HEADER
// defined.

#include <type_traits>

#include "src/rules/any_rule.h"
#include "src/rules/check.h"
#include "src/rules/rule_objects.h"
#include OPT_RULE_HEADER

namespace libopt {
namespace {

// Steps over all elements with the Reference of a rule that looks at one at a
// time.
template <class R>
void ReferenceOfElements(const ReferenceStep& step) {
  constexpr int kSlots = R::kDescriptor.slot_count;
  for (int64_t i = 0; i < step.shape.count; ++i) {
    double slots[kSlots + 1] = {};
    for (int k = 0; k < kSlots; ++k) slots[k] = step.slots[k][i];
    R::Reference(step.options, step.step, step.smallest_normal, step.grad[i],
                 &step.param[i], slots);
    for (int k = 0; k < kSlots; ++k) step.slots[k][i] = slots[k];
  }
}

template <class R>
constexpr ReferenceFunction ReferenceOf() {
  if constexpr (std::is_convertible_v<decltype(&R::Reference),
                                      ReferenceFunction>) {
    return &R::Reference;
  } else {
    return &ReferenceOfElements<R>;
  }
}

// R::PrepareGroup, if there is one.
template <class R>
constexpr auto PrepareGroupOf(int) -> decltype(&R::PrepareGroup) {
  return &R::PrepareGroup;
}
template <class R>
constexpr PrepareGroupFunction PrepareGroupOf(double /*worse*/) {
  return nullptr;
}

// R::EvalFactor, likewise.
template <class R>
constexpr auto EvalFactorOf(int) -> decltype(&R::EvalFactor) {
  return &R::EvalFactor;
}
template <class R>
constexpr EvalFactorFunction EvalFactorOf(double /*worse*/) {
  return nullptr;
}

// R::Finish, likewise.
template <class R>
constexpr auto FinishOf(int) -> decltype(&R::Finish) {
  return &R::Finish;
}
template <class R>
constexpr FinishFunction FinishOf(double /*worse*/) {
  return nullptr;
}

// R::SettlesAt, likewise.
template <class R>
constexpr auto SettlesAtOf(int) -> decltype(&R::SettlesAt) {
  return &R::SettlesAt;
}
template <class R>
constexpr SettleFunction SettlesAtOf(double /*worse*/) {
  return nullptr;
}

constexpr bool kHasFinish = FinishOf<OPT_RULE_CLASS>(0) != nullptr;
constexpr bool kHasEvalFactor = EvalFactorOf<OPT_RULE_CLASS>(0) != nullptr;

using Described = AnyRule<OPT_RULE_CLASS, kHasFinish, kHasEvalFactor>;
static_assert(IsValid(OPT_RULE_CLASS::kDescriptor, Described::kDescriptor));
static_assert(OPT_RULE_CLASS::Kernel::kScalars <= kMaxScalars);

}  // namespace

#define OPT_TEXT(text) #text
#define OPT_TEXT_OF(macro) OPT_TEXT(macro)

const Rule OPT_RULE_OBJECT(OPT_RULE_NAME) = {
    &Described::kDescriptor,           &OPT_RULE_CLASS::Prepare,
    PrepareGroupOf<OPT_RULE_CLASS>(0), EvalFactorOf<OPT_RULE_CLASS>(0),
    FinishOf<OPT_RULE_CLASS>(0),       ReferenceOf<OPT_RULE_CLASS>(),
    OPT_RULE_INDEX(OPT_RULE_NAME),     SettlesAtOf<OPT_RULE_CLASS>(0),
    OPT_TEXT_OF(OPT_RULE_CLASS),
};

}  // namespace libopt
