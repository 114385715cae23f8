/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Every function that takes an optimizer, as a table: the same question can
 * then be put to all of them.
 */
#ifndef OPT_TESTS_C_CALLS_H_
#define OPT_TESTS_C_CALLS_H_

#include <stdint.h>

#include "opt/opt.h"

/* Calls a function with arguments that a rule-adam optimizer with a retained
 * tensor at index 0 accepts. */
typedef struct optimizer_call {
  const char* name;
  opt_status (*call)(opt_optimizer optimizer);
} optimizer_call;

extern const optimizer_call kOptimizerCalls[];
extern const int64_t kOptimizerCallCount;

#endif /* OPT_TESTS_C_CALLS_H_ */
