# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""include/opt/hpp/rules.hpp: a class of typed options for each rule."""

from catalog import Entry, render

HEADER = '''
// ${NOTICE}
// ${LICENSE}
//
// The options of each rule, typed: opt::AdamW().lr(3e-4).weight_decay(0.1). A
// value that was not given is left alone. Include <opt/opt.hpp>.
#ifndef OPT_HPP_RULES_HPP_
#define OPT_HPP_RULES_HPP_

#include "opt/hpp/error.hpp"
#include "opt/hpp/rule_options.hpp"
#include "opt/opt.h"

// clang-format off

namespace opt {
inline namespace OPT_HPP_NAMESPACE {
% for option in catalog.options:
%   if option.choices:

// ${option.enum_doc}
enum class ${option.enum} {
  k${upper_camel(choice)} = ${number},  %% for number, choice in enumerate(option.choices)
};
% for rule in catalog.classes:

// ${sentence(rule.summary, rule.reference)}
class ${rule.class_name} {
 public:
  static constexpr const char* kRule = "${rule.name}";
  static constexpr const char* kBaseRule = "${rule.rule}";

  // Sets every option to a preset's values, before those that are given.
  ${rule.class_name}& preset(const char* preset) {
    options_.SetPreset(preset);
    return *this;
  }
%   for option in rule.options:

  // ${option.text}
  ${rule.class_name}& ${option.name}(${by_type(option, 'double', 'bool', option.enum)} value) {
    options_.Set("${option.name}", ${by_type(option, 'value', 'value ? 1 : 0', 'static_cast<double>(value)')});
    return *this;
  }
%   end

  const RuleOptions<${len(rule.options)}>& options() const { return options_; }

 private:
  RuleOptions<${len(rule.options)}> options_;
};
% end

}  // namespace OPT_HPP_NAMESPACE
}  // namespace opt

// clang-format on

#endif  // OPT_HPP_RULES_HPP_
'''


def files(catalog: Entry) -> list[tuple[str, str]]:
    return [('include/opt/hpp/rules.hpp', render(HEADER, 80, locals()))]
