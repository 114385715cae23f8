// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The description of every rule of the registry is complete and makes
// sense.

#include "src/rules/descriptor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "src/optimizer/attributes.h"
#include "src/rules/check.h"
#include "tests/rules/configs.h"
#include "tests/rules/harness.h"
#include "tests/rules/reference.h"

namespace opt_test {
namespace {

// The names in a list with commas, or none of nullptr.
std::vector<std::string> Listed(const char* list) {
  std::vector<std::string> names;
  std::istringstream text(list == nullptr ? "" : list);
  for (std::string name; std::getline(text, name, ',');) names.push_back(name);
  return names;
}

bool IsIdentifier(const char* name) {
  if (name == nullptr || *name < 'a' || *name > 'z') return false;
  return std::strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") ==
         std::strlen(name);
}

bool IsSentence(const char* text) {
  return text != nullptr && *text != '\0' && std::strchr(text, '\n') == nullptr;
}

class Descriptor : public testing::TestWithParam<std::string> {
 protected:
  const libopt::RuleDescriptor& descriptor_ = *FindRule(GetParam()).descriptor;
  const std::vector<opt_option_info> options_ = OptionInfos(GetParam());
};

TEST_P(Descriptor, TextsAreThere) {
  EXPECT_TRUE(IsIdentifier(descriptor_.name));
  EXPECT_TRUE(IsSentence(descriptor_.summary));
  EXPECT_TRUE(IsSentence(descriptor_.reference));
  ASSERT_NE(descriptor_.formula, nullptr);
  EXPECT_NE(std::strstr(descriptor_.formula, "param = "), nullptr);
}

TEST_P(Descriptor, CommonOptionsComeFirst) {
  ASSERT_GE(options_.size(), static_cast<size_t>(libopt::kFirstRuleOption));
  EXPECT_STREQ(options_[libopt::kLr].name, OPT_LR);
  EXPECT_STREQ(options_[libopt::kWeightDecay].name, OPT_WEIGHT_DECAY);
  EXPECT_STREQ(options_[libopt::kWeightDecayKind].name, OPT_WEIGHT_DECAY_KIND);
  EXPECT_STREQ(options_[libopt::kMaximize].name, OPT_MAXIMIZE);
  EXPECT_STREQ(options_[libopt::kFrozen].name, OPT_FROZEN);
}

TEST_P(Descriptor, OptionNamesAreUniqueIdentifiers) {
  std::set<std::string> names;
  for (const opt_option_info& option : options_) {
    EXPECT_TRUE(IsIdentifier(option.name));
    EXPECT_TRUE(names.insert(option.name).second) << option.name;
    for (const std::string& alias : Listed(option.aliases)) {
      EXPECT_TRUE(IsIdentifier(alias.c_str()));
      EXPECT_TRUE(names.insert(alias).second) << alias;
    }
  }
  EXPECT_LE(options_.size(), static_cast<size_t>(libopt::kMaxOptions));
}

TEST_P(Descriptor, OptionsHaveARangeThatHoldsTheirDefault) {
  for (const opt_option_info& option : options_) {
    SCOPED_TRACE(option.name);
    EXPECT_TRUE(IsSentence(option.doc));
    EXPECT_TRUE(std::isfinite(option.min));
    EXPECT_LT(option.min, option.max);
    EXPECT_TRUE(InRange(option, option.default_value));
    if ((option.flags & OPT_OPTION_BOOL) != 0) {
      EXPECT_EQ(option.min, 0);
      EXPECT_EQ(option.max, 1);
    }
    ASSERT_EQ((option.flags & OPT_OPTION_CHOICE) != 0,
              option.choices != nullptr);
    if (option.choices == nullptr) continue;
    const std::string choices = option.choices;
    EXPECT_EQ(option.min, 0);
    EXPECT_EQ(option.max, std::count(choices.begin(), choices.end(), ','));
  }
}

TEST_P(Descriptor, SlotsExistByALayoutOptionOrAlways) {
  EXPECT_LE(descriptor_.slot_count, libopt::kMaxSlots);
  std::set<std::string> names;
  std::set<int> deciding;
  for (int i = 0; i < descriptor_.slot_count; ++i) {
    const libopt::SlotDescriptor& slot = descriptor_.slots[i];
    SCOPED_TRACE(slot.name);
    EXPECT_TRUE(IsIdentifier(slot.name));
    EXPECT_TRUE(names.insert(slot.name).second);
    EXPECT_STRNE(slot.name, OPT_SLOT_GRAD_ACCUMULATOR);
    EXPECT_STRNE(slot.name, OPT_SLOT_PARAM_AVERAGE);
    EXPECT_EQ(libopt::TryFindAttribute(slot.name), -1);
    EXPECT_TRUE(IsSentence(slot.doc));
    ASSERT_LT(slot.initial_option, descriptor_.option_count);
    ASSERT_LT(slot.when_option, descriptor_.option_count);
    if (slot.when_option != libopt::kAlways) deciding.insert(slot.when_option);
  }
  if (descriptor_.factor_option >= 0) {
    deciding.insert(descriptor_.factor_option);
  }
  for (int i = 0; i < descriptor_.option_count; ++i) {
    const bool layout = (options_[i].flags & OPT_OPTION_LAYOUT) != 0;
    EXPECT_EQ(layout, deciding.count(i) != 0) << options_[i].name;
  }
}

// The value at which a slot of an F32 parameter starts.
double InitialValue(const Optimizer& optimizer,
                    const libopt::SlotDescriptor& slot) {
  if (slot.initial_option == libopt::kOnes) return 1;
  if (slot.initial_option < 0) return 0;
  return static_cast<float>(
      optimizer.Get(FindRule(optimizer.rule())
                        .descriptor->options[slot.initial_option]
                        .name));
}

TEST_P(Descriptor, SlotsStartAsTheDescriptorSays) {
  Tensor tensor(OPT_F32, OPT_F32, 5);
  Optimizer optimizer(GetParam());
  for (const opt_option_info& option : options_) {
    if ((option.flags & OPT_OPTION_LAYOUT) != 0) {
      optimizer.Set(option.name, Values(option).back());
    }
  }
  optimizer.Attach(&tensor);
  EXPECT_EQ(optimizer.Slots().size(),
            static_cast<size_t>(descriptor_.slot_count));
  for (int i = 0; i < descriptor_.slot_count; ++i) {
    const libopt::SlotDescriptor& slot = descriptor_.slots[i];
    const std::vector<std::string> has = optimizer.SlotsOf(tensor);
    if (std::count(has.begin(), has.end(), slot.name) == 0) continue;
    const opt_dtype dtype = optimizer.View(tensor, slot.name).dtype;
    Array initial(dtype, 1);
    initial.Set(0, InitialValue(optimizer, slot));
    for (int64_t j = 0; j < optimizer.View(tensor, slot.name).count; ++j) {
      EXPECT_EQ(optimizer.State(tensor, slot.name, j), initial.Get(0))
          << slot.name;
    }
  }
}

TEST_P(Descriptor, FirstPresetIsTextbookAndEqualsTheDefaults) {
  const std::vector<std::string> presets = Presets(GetParam());
  ASSERT_FALSE(presets.empty());
  EXPECT_EQ(presets[0], OPT_PRESET_TEXTBOOK);
  const std::set<std::string> names(presets.begin(), presets.end());
  EXPECT_EQ(names.size(), presets.size());
  Optimizer fresh(GetParam());
  for (const opt_option_info& option : options_) {
    EXPECT_EQ(fresh.Get(option.name), option.default_value) << option.name;
  }
}

TEST_P(Descriptor, PresetsGiveEveryOptionAValueWithinItsRange) {
  for (const std::string& preset : Presets(GetParam())) {
    const Optimizer optimizer(GetParam(), preset);
    for (const opt_option_info& option : options_) {
      double value = NAN;
      Check(opt_preset_value(GetParam().c_str(), preset.c_str(), option.name,
                             &value));
      EXPECT_TRUE(InRange(option, value)) << preset << ' ' << option.name;
      EXPECT_EQ(optimizer.Get(option.name), value) << preset;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AllRules, Descriptor, testing::ValuesIn(Rules()),
                         [](const auto& info) { return info.param; });

// Other libraries' names of options; "" is any rule that has the option.
struct ForeignName {
  const char* rule;
  const char* there;
  const char* here;
};
const ForeignName kForeignNames[] = {
    {"", "wd", "weight_decay"},
    {"", "decoupled_weight_decay", "weight_decay_kind"},
    {"", "beta_1", "beta1"},
    {"", "b1", "beta1"},
    {"", "beta_2", "beta2"},
    {"", "b2", "beta2"},
    {"", "epsilon", "eps"},
    {"", "learning_rate", "lr"},
    {"", "caution", "cautious"},
    {"", "sync_period", "lookahead"},
    {"", "slow_step_size", "lookahead_alpha"},
    {"adam", "eta", "lr"},
    {"adam", "lambda", "weight_decay"},
    {"adam", "decoupled", "weight_decay_kind"},
    {"adan", "decouple", "weight_decay_kind"},
    {"adabelief", "weight_decouple", "weight_decay_kind"},
    {"sgd", "rho", "momentum"},
    {"rmsprop", "rho", "alpha"},
    {"rmsprop", "beta", "alpha"},
    {"rmsprop", "initial_scale", "initial_accumulator"},
    {"adagrad", "initial_accumulator_value", "initial_accumulator"},
    {"nadam", "schedule_decay", "momentum_decay"},
    {"radam", "threshold", "rho_threshold"},
    {"adopt", "use_clipping", "clip"},
    {"ademamix", "b3", "beta3"},
    {"ademamix", "beta_3", "beta3"},
    {"ademamix", "t_alpha", "alpha_warmup"},
    {"ademamix", "t_beta3", "beta3_warmup"},
    {"adan", "b3", "beta3"},
    {"signum", "momentum", "beta"},
    {"ftrl", "l1_regularization_strength", "l1"},
    {"ftrl", "l2_regularization_strength", "l2"},
    {"ftrl", "l2_shrinkage_regularization_strength", "l2_shrinkage"},
    {"ftrl", "initial_accumulator_value", "initial_accumulator"},
    {"schedule_free_sgd", "momentum", "beta1"},
    {"lamb", "trust_clip", "trust_max"},
    {"lamb", "always_adapt", "adapt_without_decay"},
    {"lamb", "use_nvlamb", "adapt_without_decay"},
    {"lars", "trust_coeff", "trust_coefficient"},
    {"lars", "always_adapt", "adapt_without_decay"},
    {"adafactor", "d", "clip_threshold"},
    {"adafactor", "clipping_threshold", "clip_threshold"},
    {"adafactor", "epsilon_1", "eps1"},
    {"adafactor", "epsilon_2", "eps2"},
    {"adafactor", "multiply_by_parameter_scale", "scale_parameter"},
    {"adafactor", "min_dim_size_to_factor", "min_dim_factored"},
    {"adafactor", "weight_decay_rate", "weight_decay"},
};

TEST_P(Descriptor, OtherLibrariesNamesOfOptionsAreTakenUnderEveryPreset) {
  for (const std::string& preset : Presets(GetParam())) {
    Optimizer optimizer(GetParam(), preset);
    const Options all = optimizer.Values();
    for (const ForeignName& name : kForeignNames) {
      SCOPED_TRACE(name.there);
      const bool is_meant = *name.rule == '\0' ? all.count(name.here) != 0
                                               : GetParam() == name.rule;
      if (!is_meant) continue;
      for (const opt_option_info& option : options_) {
        if (std::strcmp(option.name, name.here) != 0) continue;
        for (const double value : Values(option)) {
          optimizer.Set(name.there, value);
          EXPECT_EQ(optimizer.Get(name.here), value);
          EXPECT_EQ(optimizer.Get(name.there), value);
        }
      }
      EXPECT_EQ(all.count(name.here), 1U) << name.here;
      EXPECT_EQ(all.count(name.there), 0U);  // it is told by the own name
    }
  }
}

TEST(Registry, HasTheRulesThatOtherLibrariesHaveByTheirNames) {
  for (const char* rule : {"adadelta",
                           "adamax",
                           "nadam",
                           "radam",
                           "rprop",
                           "asgd",
                           "ftrl",
                           "signum",
                           "signsgd",
                           "adabelief",
                           "adan",
                           "ademamix",
                           "yogi",
                           "adopt",
                           "schedule_free_sgd",
                           "schedule_free_adamw",
                           "schedule_free_radam",
                           "lamb",
                           "lars",
                           "novograd",
                           "adafactor",
                           "stableadamw",
                           "lion",
                           "rmsprop_tf",
                           "adamaxw",
                           "nadamw",
                           "radamw",
                           "lambc",
                           "ranger"}) {
    opt_rule_info info = OPT_RULE_INFO_INIT;
    EXPECT_EQ(opt_rule_find(rule, &info), OPT_OK) << rule;
  }
}

TEST(Registry, NamesOfRulesAndAliasesAreUnique) {
  std::set<std::string> names;
  for (const std::string& rule : Rules()) {
    EXPECT_TRUE(names.insert(rule).second) << rule;
  }
  int32_t count = 0;
  Check(opt_alias_count(&count));
  for (int32_t i = 0; i < count; ++i) {
    opt_alias_info alias = OPT_ALIAS_INFO_INIT;
    Check(opt_alias_at(i, &alias));
    EXPECT_TRUE(IsIdentifier(alias.name));
    EXPECT_TRUE(IsSentence(alias.doc));
    EXPECT_TRUE(names.insert(alias.name).second) << alias.name;
    EXPECT_EQ(names.count(alias.rule), 1u) << alias.rule;
  }
}

// Typed languages have one enumeration for an option that many rules have.
TEST(Registry, AChoiceStandsForTheSameNumberInEveryRule) {
  std::map<std::string, std::string> longest;
  for (const std::string& rule : Rules()) {
    for (const opt_option_info& option : OptionInfos(rule)) {
      if (option.choices == nullptr) continue;
      const std::string choices = std::string(option.choices) + ',';
      std::string& known = longest[option.name];
      const size_t common = std::min(known.size(), choices.size());
      EXPECT_EQ(choices.substr(0, common), known.substr(0, common))
          << rule << ' ' << option.name;
      if (choices.size() > known.size()) known = choices;
    }
  }
  EXPECT_EQ(longest.count(OPT_EPS_PLACEMENT), 1u);
}

TEST(Registry, HasTheRulesOfTheFormulas) {
  for (const char* rule :
       {OPT_RULE_SGD, OPT_RULE_GD, OPT_RULE_MOMENTUM, OPT_RULE_ADAGRAD,
        OPT_RULE_RMSPROP, OPT_RULE_ADAM, OPT_RULE_ADAMW}) {
    opt_rule_info info = OPT_RULE_INFO_INIT;
    EXPECT_EQ(opt_rule_find(rule, &info), OPT_OK) << rule;
  }
}

TEST(Registry, TextbookDefaultsAreThoseOfTheFormulas) {
  struct Expected {
    const char* rule;
    const char* option;
    double value;
  };
  const Expected all[] = {
      {"sgd", "lr", 1e-3},
      {"adagrad", "lr", 1e-2},
      {"rmsprop", "lr", 1e-3},
      {"adam", "lr", 1e-3},
      {"adamw", "lr", 1e-3},
      {"sgd", "dampening", 0},
      {"rmsprop", "alpha", 0.9},
      {"adam", "beta1", 0.9},
      {"adam", "beta2", 0.999},
      {"adamw", "beta1", 0.9},
      {"adamw", "beta2", 0.999},
      {"adagrad", "eps", 1e-8},
      {"rmsprop", "eps", 1e-8},
      {"adam", "eps", 1e-8},
      {"adamw", "eps", 1e-8},
      {"sgd", "weight_decay", 0},
      {"adam", "weight_decay", 0},
      {"adamw", "weight_decay", 1e-2},
      {"adam", "weight_decay_kind", 0},
      {"adamw", "weight_decay_kind", 1},
      {"rmsprop", "beta", 0.9},
  };
  for (const Expected& e : all) {
    EXPECT_EQ(Optimizer(e.rule).Get(e.option), e.value)
        << e.rule << ' ' << e.option;
  }
}

constexpr opt_shape kShapes[] = {
    OPT_SHAPE_PARAM,         OPT_SHAPE_ROWS,       OPT_SHAPE_ROW_FACTOR,
    OPT_SHAPE_COLUMN_FACTOR, OPT_SHAPE_ROW_SQUARE, OPT_SHAPE_COLUMN_SQUARE,
    OPT_SHAPE_BLOCKS,        OPT_SHAPE_NUMBER,     OPT_SHAPE_GROUP_NUMBER};

libopt::SlotDescriptor SlotOf(opt_shape shape, opt_dtype dtype) {
  return {"slot", "a slot", libopt::kAlways, libopt::kZeros, shape, dtype};
}

TEST(SlotType, OfBytesOrOfHalfAFloatIsRefusedForEveryShape) {
  for (const opt_shape shape : kShapes) {
    EXPECT_FALSE(libopt::HasUsableType(SlotOf(shape, OPT_U8))) << shape;
    EXPECT_FALSE(libopt::HasUsableType(SlotOf(shape, OPT_BF16))) << shape;
  }
  EXPECT_TRUE(libopt::HasUsableType(SlotOf(OPT_SHAPE_BLOCKS, OPT_F32)));
  EXPECT_TRUE(libopt::HasUsableType(SlotOf(OPT_SHAPE_NUMBER, OPT_F64)));
}

TEST(SlotCount, IsAtMostEight) {
  std::vector<libopt::SlotDescriptor> slots(
      9, SlotOf(OPT_SHAPE_PARAM, OPT_DTYPE_PARAM));
  libopt::RuleDescriptor rule = {};
  rule.slots = slots.data();
  rule.slot_count = 8;
  EXPECT_TRUE(libopt::HasValidSlots(rule));
  rule.slot_count = 9;
  EXPECT_FALSE(libopt::HasValidSlots(rule));
}

}  // namespace
}  // namespace opt_test
