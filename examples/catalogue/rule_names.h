/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The update rules by name, as the library lists them.
 */
#ifndef OPT_EXAMPLES_CATALOGUE_RULE_NAMES_H_
#define OPT_EXAMPLES_CATALOGUE_RULE_NAMES_H_

#include <string.h>

#include "opt/opt.h"

/* Names the update rules that libopt has, `max` at most: the forms of gradient
 * descent by their aliases ("gd", "momentum"), then every other rule. Returns
 * their number. */
static inline int rule_names(const char** names, int max) {
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

#endif /* OPT_EXAMPLES_CATALOGUE_RULE_NAMES_H_ */
