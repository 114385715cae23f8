/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Every function times every kind of handle that is not a live object of its
 * type: refused with OPT_ERR_HANDLE, never undefined behaviour.
 */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "calls.h"
#include "fixture.h"
#include "topics.h"

/* A handle of given bits. */
static opt_optimizer optimizer_of_bits(uint64_t bits) {
  const uintptr_t value = (uintptr_t)bits;
  opt_optimizer optimizer = NULL;
  memcpy(&optimizer, &value, sizeof optimizer);
  return optimizer;
}

static uint64_t bits_of(const void* pointer) {
  return (uint64_t)(uintptr_t)pointer;
}

static opt_context context_of(opt_optimizer optimizer) {
  opt_context context = NULL;
  memcpy(&context, &optimizer, sizeof context);
  return context;
}

static opt_optimizer optimizer_of(opt_context context) {
  opt_optimizer optimizer = NULL;
  memcpy(&optimizer, &context, sizeof optimizer);
  return optimizer;
}

static opt_status context_get_info(opt_context context) {
  opt_context_info info = OPT_CONTEXT_INFO_INIT;
  return opt_context_get_info(context, &info);
}

static opt_status create_in(opt_context context) {
  opt_optimizer optimizer = NULL;
  const opt_status status = opt_create(context, OPT_RULE_SGD, &optimizer);
  CHECK(optimizer == NULL);
  return status;
}

static const struct {
  const char* name;
  opt_status (*call)(opt_context context);
} kContextCalls[] = {
    {"opt_context_destroy", opt_context_destroy},
    {"opt_context_get_info", context_get_info},
    {"opt_create", create_in},
};

static void expect_refused(opt_status status, const char* function) {
  if (status != OPT_ERR_HANDLE) {
    check_fail(__FILE__, __LINE__, function, opt_status_name(status));
  }
  CHECK_FAILS(status, OPT_ERR_HANDLE, "");
}

static void every_optimizer_function_refuses(opt_optimizer optimizer) {
  for (int64_t i = 0; i < kOptimizerCallCount; ++i) {
    const optimizer_call* const c = &kOptimizerCalls[i];
    if (optimizer == NULL && c->call == opt_destroy) continue;
    expect_refused(c->call(optimizer), c->name);
  }
}

static void every_context_function_refuses(opt_context context) {
  for (int64_t i = 0; i < COUNT_OF(kContextCalls); ++i) {
    expect_refused(kContextCalls[i].call(context), kContextCalls[i].name);
  }
}

static void every_function_refuses(opt_optimizer handle) {
  every_optimizer_function_refuses(handle);
  every_context_function_refuses(context_of(handle));
}

static void NULL_is_no_optimizer(void) {
  every_optimizer_function_refuses(NULL);
}

static void a_destroyed_handle_is_refused(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  CHECK_OK(opt_destroy(optimizer));
  every_function_refuses(optimizer);

  opt_context context = NULL;
  CHECK_OK(opt_context_create(NULL, &context));
  CHECK_OK(opt_context_destroy(context));
  every_function_refuses(optimizer_of(context));
}

static void a_stale_handle_is_refused_though_its_place_is_taken(void) {
  const opt_optimizer stale = new_optimizer(OPT_RULE_ADAM);
  CHECK_OK(opt_destroy(stale));
  const opt_optimizer live = new_optimizer(OPT_RULE_ADAM);
  every_function_refuses(stale);
  CHECK_OK(opt_set(live, 0, OPT_LR, 0.25));
  CHECK_OK(opt_destroy(live));
}

static void a_handle_of_the_other_type_is_refused(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  opt_context context = NULL;
  CHECK_OK(opt_context_create(NULL, &context));
  every_optimizer_function_refuses(optimizer_of(context));
  every_context_function_refuses(context_of(optimizer));
  CHECK_OK(opt_destroy(optimizer));
  CHECK_OK(opt_context_destroy(context));
}

static void an_address_is_no_handle(void) {
  static char in_data[64];
  char on_stack[64];
  every_function_refuses(optimizer_of_bits(bits_of(on_stack)));
  every_function_refuses(optimizer_of_bits(bits_of(in_data)));
  every_function_refuses(optimizer_of_bits(bits_of("text")));
}

static void a_handle_with_any_bit_flipped_is_refused(void) {
  const opt_optimizer live = new_optimizer(OPT_RULE_ADAM);
  for (unsigned bit = 0; bit < 8 * sizeof live; ++bit) {
    const uint64_t flipped = bits_of(live) ^ (UINT64_C(1) << bit);
    every_function_refuses(optimizer_of_bits(flipped));
  }
  every_function_refuses(optimizer_of_bits(UINT64_MAX));
  CHECK_OK(opt_destroy(live));
}

void bad_handle_tests(void) {
  RUN(NULL_is_no_optimizer);
  RUN(a_destroyed_handle_is_refused);
  RUN(a_stale_handle_is_refused_though_its_place_is_taken);
  RUN(a_handle_of_the_other_type_is_refused);
  RUN(an_address_is_no_handle);
  RUN(a_handle_with_any_bit_flipped_is_refused);
}
