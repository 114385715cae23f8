/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#ifndef OPT_EXAMPLES_RULE_NAMES_H_
#define OPT_EXAMPLES_RULE_NAMES_H_

/* Names the update rules that libopt has, as many as `max`: the forms of
 * gradient descent by their aliases ("gd", "momentum"), then every other rule.
 * Returns their number. */
int rule_names(const char** names, int max);

#endif /* OPT_EXAMPLES_RULE_NAMES_H_ */
