// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The calls of an optimizer for options and groups. Include <opt/opt.hpp>.
#ifndef OPT_HPP_OPTION_CALLS_HPP_
#define OPT_HPP_OPTION_CALLS_HPP_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "opt/hpp/error.hpp"
#include "opt/hpp/options.hpp"
#include "opt/opt.h"

namespace opt {
inline namespace OPT_HPP_NAMESPACE {
namespace internal {

// The values of every option, optimizer-wide and of each group, to go back to.
class OptionValues {
 public:
  explicit OptionValues(opt_optimizer optimizer) : optimizer_(optimizer) {
    opt_info info = OPT_INFO_INIT;
    opt_rule_info rule = OPT_RULE_INFO_INIT;
    if (opt_get_info(optimizer, &info) != OPT_OK) return;
    if (opt_rule_find(info.rule, &rule) != OPT_OK) return;
    for (int32_t i = 0; i < rule.option_count; ++i) {
      opt_option_info option = OPT_OPTION_INFO_INIT;
      if (opt_option_at(info.rule, i, &option) != OPT_OK) return;
      for (int32_t group = OPT_ALL_GROUPS; group < info.group_count; ++group) {
        Saved saved = {group, option.name, 0};
        if (opt_get(optimizer, group, option.name, &saved.value) == OPT_OK) {
          saved_.push_back(saved);
        }
      }
    }
  }

  void Restore() const {
    for (const Saved& saved : saved_) {
      opt_set(optimizer_, saved.group, saved.option, saved.value);
    }
  }

 private:
  struct Saved {
    int32_t group;
    const char* option;
    double value;
  };
  opt_optimizer optimizer_;
  std::vector<Saved> saved_;
};

// Sets all that typed options hold, or nothing; `message` keeps that of the
// outcome.
template <typename Rule>
Outcome SetAll(opt_optimizer optimizer, int32_t group, const Rule& rule,
               std::string* message) {
  opt_info info = OPT_INFO_INIT;
  opt_status status = opt_get_info(optimizer, &info);
  if (status != OPT_OK) return status;
  if (std::strcmp(info.rule, Rule::kBaseRule) != 0) {
    return {OPT_ERR_NAME,
            "these options are of another rule than the "
            "optimizer"};
  }
  const OptionValues before(optimizer);
  if (rule.preset() != nullptr) {
    status = opt_set_preset(optimizer, group, rule.preset());
  }
  for (const OptionValue& value : rule.values()) {
    if (status != OPT_OK) break;
    status = opt_set(optimizer, group, value.option, value.value);
  }
  if (status == OPT_OK) return status;
  *message = opt_last_error();
  before.Restore();
  return {status, message->c_str()};
}

}  // namespace internal

template <typename Self>
class OptionCalls {
 public:
  Returned<int32_t> AddGroup() {
    int32_t group = 0;
    const opt_status status = opt_add_group(handle(), &group);
    return internal::Finish(status, group);
  }
  Returned<void> Set(int32_t group, const char* option, double value) {
    return internal::Finish(opt_set(handle(), group, option, value));
  }
  Returned<void> Set(const char* option, double value) {
    return Set(OPT_ALL_GROUPS, option, value);
  }
  // Typed options: all of them, or none if one is refused.
  template <typename Rule, typename = decltype(Rule::kRule)>
  Returned<void> Set(int32_t group, const Rule& rule) {
    std::string message;
    return internal::Finish(internal::SetAll(handle(), group, rule, &message));
  }
  Returned<double> Get(int32_t group, const char* option) const {
    double value = 0;
    const opt_status status = opt_get(handle(), group, option, &value);
    return internal::Finish(status, value);
  }
  Returned<double> Get(const char* option) const {
    return Get(OPT_ALL_GROUPS, option);
  }
  Returned<void> SetPreset(const char* preset, int32_t group = OPT_ALL_GROUPS) {
    return internal::Finish(opt_set_preset(handle(), group, preset));
  }

 private:
  const Self& self() const { return static_cast<const Self&>(*this); }
  opt_optimizer handle() const { return self().handle(); }
};

}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

#endif  // OPT_HPP_OPTION_CALLS_HPP_
