// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Shared options, which are added to the descriptor of each rule that can bear
// them: those of lookahead,
// with its slot, of steps that take care of signs and of the size of weight
// decay, and of update clipping. They follow the rule's own, so that no rule
// knows of them; src/optimizer and src/kernel do what they say.

#ifndef OPT_SRC_RULES_ANY_RULE_H_
#define OPT_SRC_RULES_ANY_RULE_H_

#include <array>
#include <cstddef>

#include "src/rules/descriptor.h"

namespace libopt {

constexpr OptionDescriptor kLookaheadOptionsOf[kLookaheadOptions] = {
    {"lookahead", "sync_period", 0, 0, kInfinity,
     OPT_OPTION_LAYOUT | OPT_OPTION_MAX_OPEN | OPT_OPTION_INTEGER, nullptr,
     "lookahead: every so many steps of a tensor, its slow weights move "
     "towards its parameters by the share lookahead_alpha, and the parameters "
     "are set to them; 0 means no lookahead"},
    {"lookahead_alpha", "slow_step_size", 0.5, 0, 1, 0, nullptr,
     "how far the slow weights of lookahead move: 0 means not at all, 1 all "
     "the way"},
};

constexpr OptionDescriptor kCarefulOptionsOf[kCarefulOptions] = {
    {"cautious", "caution", kCautiousOff, 0, 2, OPT_OPTION_CHOICE,
     "off,mean,count",
     "update only elements whose update and gradient agree in sign, and scale "
     "that update up to make up for the others: mean multiplies it by 1 / "
     "max(agreeing / n, 0.001), count by n / (agreeing + 1), for a tensor of n "
     "elements; decoupled weight decay still acts on all elements"},
    BoolOption("cautious_weight_decay", false,
               "let decoupled weight decay act only on elements that the "
               "update does not take further from zero"),
    {"corrected_weight_decay", nullptr, kNotCorrected, 0, 2, OPT_OPTION_CHOICE,
     "off,squared,relative",
     "the number that multiplies decoupled weight decay instead of lr: "
     "squared, as in AdamC and timm, is lr^2 / max_lr; relative is lr / "
     "max_lr, so that weight_decay is the share removed by a step at max_lr"},
    {"max_lr", nullptr, 0, 0, kInfinity, OPT_OPTION_MAX_OPEN, nullptr,
     "the largest learning rate of the training, for corrected_weight_decay; 0 "
     "means the value that lr is set to, whatever its schedule"},
};

constexpr OptionDescriptor ClippingOption(double value) {
  return {"update_clipping",
          nullptr,
          value,
          0,
          kInfinity,
          OPT_OPTION_MAX_OPEN,
          nullptr,
          "limit on the root mean square, over a tensor, of g / "
          "max(sqrt(v_hat), eps), where v_hat includes this step's gradient; "
          "where it is exceeded, the update and decoupled weight decay are "
          "scaled down by the same ratio; 0 means no limit"};
}

// The descriptor of a rule with these options. Lookahead needs a rule whose
// parameters are not made of others; the rest needs one whose update can be
// made without the parameter, and clipping one that uses no sums itself.
template <class R, bool kHasFinish, bool kHasEvalFactor>
class AnyRule {
  static constexpr RuleDescriptor kOwn = R::kDescriptor;
  static constexpr bool kLooksAhead = !kHasEvalFactor;
  static constexpr bool kIsCareful = !kOwn.reads_param;
  static constexpr bool kClips =
      kIsCareful && !kHasFinish && kOwn.clipping_slot != kNone;
  static constexpr int kFirstLookahead = kOwn.option_count;
  static constexpr int kFirstCareful =
      kFirstLookahead + (kLooksAhead ? kLookaheadOptions : 0);
  static constexpr int kClipping =
      kFirstCareful + (kIsCareful ? CarefulOptionsOf(kOwn) : 0);
  static constexpr int kOptionCount = kClipping + (kClips ? 1 : 0);
  static constexpr int kSlotCount = kOwn.slot_count + (kLooksAhead ? 1 : 0);
  static_assert(kOptionCount <= kMaxOptions && kSlotCount <= kMaxSlots);

  static constexpr std::array<OptionDescriptor, kOptionCount> MakeOptions() {
    std::array<OptionDescriptor, kOptionCount> options = {};
    for (int i = 0; i < kOptionCount; ++i) {
      options[static_cast<size_t>(i)] =
          i < kFirstLookahead ? kOwn.options[i]
          : i < kFirstCareful ? kLookaheadOptionsOf[i - kFirstLookahead]
          : i < kClipping     ? kCarefulOptionsOf[i - kFirstCareful]
                              : ClippingOption(kOwn.update_clipping);
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
          "slow", "slow weights of lookahead", kFirstLookahead + kLookahead,
          kParamCopy};
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
    if (kLooksAhead) {
      rule.lookahead_option = kFirstLookahead;
      rule.lookahead_slot = kOwn.slot_count;
    }
    if (kIsCareful) rule.careful_option = kFirstCareful;
    if (kClips) rule.clipping_option = kClipping;
    return rule;
  }

 public:
  static constexpr RuleDescriptor kDescriptor = Make();
};

}  // namespace libopt

#endif  // OPT_SRC_RULES_ANY_RULE_H_
