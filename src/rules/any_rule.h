// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Options that any rule can bear, added to its descriptor: those of cautious
// updates and of lookahead, with lookahead's slot. They follow the rule's own,
// so that no rule knows of them; src/kernel does what they say.

#ifndef OPT_SRC_RULES_ANY_RULE_H_
#define OPT_SRC_RULES_ANY_RULE_H_

#include <array>
#include <cstddef>

#include "src/rules/descriptor.h"

namespace libopt {

constexpr OptionDescriptor kCautiousOption = {
    "cautious",
    nullptr,
    kCautiousOff,
    0,
    2,
    OPT_OPTION_CHOICE,
    "off,mean,count",
    "update only elements whose update and gradient have the same sign, and "
    "scale the update of the tensor's n elements for those that are left out: "
    "mean by 1 / max(agreeing / n, 0.001), count by n / (agreeing + 1); weight "
    "decay that is decoupled acts on all elements"};

constexpr OptionDescriptor kLookaheadOptions[] = {
    {"lookahead", nullptr, 0, 0, kInfinity,
     OPT_OPTION_LAYOUT | OPT_OPTION_MAX_OPEN | OPT_OPTION_INTEGER, nullptr,
     "lookahead: after every so many steps of a tensor, slow weights move to "
     "its "
     "parameters by lookahead_alpha, and the parameters become the slow "
     "weights; "
     "0 is no lookahead"},
    {"lookahead_alpha", nullptr, 0.5, 0, 1, 0, nullptr,
     "how far the slow weights of lookahead move: 0 is not at all, 1 all the "
     "way"},
};

// The descriptor of a rule with these options. Cautious updates need a rule
// whose update can be made without the parameter, and that does not use sums
// itself; lookahead needs one whose parameters are not made of others.
template <class R, bool kHasFinish, bool kHasEvalFactor>
class AnyRule {
  static constexpr RuleDescriptor kOwn = R::kDescriptor;
  static constexpr bool kIsCautious = !kOwn.reads_param && !kHasFinish;
  static constexpr bool kLooksAhead = !kHasEvalFactor;
  static constexpr int kCautious = kOwn.option_count;
  static constexpr int kLookahead = kOwn.option_count + (kIsCautious ? 1 : 0);
  static constexpr int kOptionCount = kLookahead + (kLooksAhead ? 2 : 0);
  static constexpr int kSlotCount = kOwn.slot_count + (kLooksAhead ? 1 : 0);
  static_assert(kOptionCount <= kMaxOptions && kSlotCount <= kMaxSlots);

  static constexpr std::array<OptionDescriptor, kOptionCount> MakeOptions() {
    std::array<OptionDescriptor, kOptionCount> options = {};
    for (int i = 0; i < kOwn.option_count; ++i) {
      options[static_cast<size_t>(i)] = kOwn.options[i];
    }
    if (kIsCautious) options[kCautious] = kCautiousOption;
    for (int i = 0; kLooksAhead && i < 2; ++i) {
      options[size_t{kLookahead} + static_cast<size_t>(i)] =
          kLookaheadOptions[i];
    }
    return options;
  }
  static constexpr std::array<OptionDescriptor, kOptionCount> kOptions =
      MakeOptions();

  static constexpr std::array<SlotDescriptor, kSlotCount + 1> MakeSlots() {
    std::array<SlotDescriptor, kSlotCount + 1> slots = {};
    for (int i = 0; i < kOwn.slot_count; ++i) {
      slots[static_cast<size_t>(i)] = kOwn.slots[i];
    }
    if (kLooksAhead) {
      slots[static_cast<size_t>(kOwn.slot_count)] = {
          "slow", "slow weights of lookahead", kLookahead, kParamCopy};
    }
    return slots;
  }
  static constexpr std::array<SlotDescriptor, kSlotCount + 1> kSlots =
      MakeSlots();

  static constexpr RuleDescriptor Make() {
    RuleDescriptor rule = kOwn;
    rule.options = kOptions.data();
    rule.option_count = kOptionCount;
    rule.slots = kSlots.data();
    rule.slot_count = kSlotCount;
    if (kIsCautious) rule.cautious_option = kCautious;
    if (kLooksAhead) {
      rule.lookahead_option = kLookahead;
      rule.lookahead_slot = kOwn.slot_count;
    }
    return rule;
  }

 public:
  static constexpr RuleDescriptor kDescriptor = Make();
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_ANY_RULE_H_
