/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Every function that takes an optimizer, as a table: the same question can
 * then be put to all of them.
 */
#ifndef OPT_TESTS_C_CALLS_H_
#define OPT_TESTS_C_CALLS_H_

#include <stdint.h>

#include "opt/opt.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Calls a function with arguments that an optimizer of rule adam accepts, with
 * a tensor "weight" of one element or more at index 0. */
typedef struct optimizer_call {
  const char* name;
  opt_status (*call)(opt_optimizer optimizer);
} optimizer_call;

extern const optimizer_call kOptimizerCalls[];
extern const int64_t kOptimizerCallCount;

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OPT_TESTS_C_CALLS_H_ */
