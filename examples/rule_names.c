/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/rule_names.h"

#include <string.h>

#include "opt/opt.h"

int rule_names(const char** names, int max) {
  int count = 0;
  opt_alias_info alias = OPT_ALIAS_INFO_INIT;
  for (int32_t i = 0; count < max && opt_alias_at(i, &alias) == OPT_OK; ++i) {
    names[count++] = alias.name;
  }
  opt_rule_info rule = OPT_RULE_INFO_INIT;
  for (int32_t i = 0; count < max && opt_rule_at(i, &rule) == OPT_OK; ++i) {
    if (strcmp(rule.name, OPT_RULE_SGD) != 0) names[count++] = rule.name;
  }
  return count;
}
