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

static opt_checkpoint checkpoint_of(opt_optimizer optimizer) {
  opt_checkpoint checkpoint = NULL;
  memcpy(&checkpoint, &optimizer, sizeof checkpoint);
  return checkpoint;
}

static opt_optimizer optimizer_of_checkpoint(opt_checkpoint checkpoint) {
  opt_optimizer optimizer = NULL;
  memcpy(&optimizer, &checkpoint, sizeof optimizer);
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

static opt_status open_in(opt_context context) {
  opt_checkpoint checkpoint = NULL;
  const opt_status status =
      opt_checkpoint_open_memory(context, "", 0, &checkpoint);
  CHECK(checkpoint == NULL);
  return status;
}

static opt_status open_file_in(opt_context context) {
  opt_checkpoint checkpoint = NULL;
  return opt_checkpoint_open_file(context, "/nonexistent", &checkpoint);
}

static const struct {
  const char* name;
  opt_status (*call)(opt_context context);
} kContextCalls[] = {
    {"opt_checkpoint_open_memory", open_in},
    {"opt_checkpoint_open_file", open_file_in},
    {"opt_context_destroy", opt_context_destroy},
    {"opt_context_get_info", context_get_info},
    {"opt_create", create_in},
};

static opt_status count(opt_checkpoint checkpoint) {
  int64_t entries = 0;
  return opt_checkpoint_count(checkpoint, &entries);
}

static opt_status at(opt_checkpoint checkpoint) {
  opt_entry_info info = OPT_ENTRY_INFO_INIT;
  return opt_checkpoint_at(checkpoint, 0, &info);
}

static opt_status find(opt_checkpoint checkpoint) {
  int64_t index = 0;
  return opt_checkpoint_find(checkpoint, "__options__", &index);
}

static opt_status read_entry(opt_checkpoint checkpoint) {
  char data[16];
  return opt_checkpoint_read(checkpoint, 0, data, sizeof data);
}

static const struct {
  const char* name;
  opt_status (*call)(opt_checkpoint checkpoint);
} kCheckpointCalls[] = {
    {"opt_checkpoint_close", opt_checkpoint_close},
    {"opt_checkpoint_count", count},
    {"opt_checkpoint_at", at},
    {"opt_checkpoint_find", find},
    {"opt_checkpoint_read", read_entry},
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

static void every_checkpoint_function_refuses(opt_checkpoint checkpoint) {
  for (int64_t i = 0; i < COUNT_OF(kCheckpointCalls); ++i) {
    if (checkpoint == NULL && i == 0) continue; /* closing it is fine */
    expect_refused(kCheckpointCalls[i].call(checkpoint),
                   kCheckpointCalls[i].name);
  }
}

static void every_function_refuses(opt_optimizer handle) {
  every_optimizer_function_refuses(handle);
  every_context_function_refuses(context_of(handle));
  every_checkpoint_function_refuses(checkpoint_of(handle));
}

/* A checkpoint of an optimizer without tensors; it stays in place. */
static opt_checkpoint open_checkpoint(void) {
  static char data[4096];
  opt_checkpoint checkpoint = NULL;
  int64_t size = 0;
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  CHECK_OK(opt_save_memory(optimizer, data, sizeof data, &size, NULL));
  CHECK_OK(opt_checkpoint_open_memory(NULL, data, size, &checkpoint));
  CHECK_OK(opt_destroy(optimizer));
  return checkpoint;
}

static void NULL_is_no_optimizer(void) {
  every_optimizer_function_refuses(NULL);
}

static void NULL_is_no_checkpoint(void) {
  every_checkpoint_function_refuses(NULL);
  CHECK_OK(opt_checkpoint_close(NULL));
}

static void a_destroyed_handle_is_refused(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  CHECK_OK(opt_destroy(optimizer));
  every_function_refuses(optimizer);

  opt_context context = NULL;
  CHECK_OK(opt_context_create(NULL, &context));
  CHECK_OK(opt_context_destroy(context));
  every_function_refuses(optimizer_of(context));

  const opt_checkpoint checkpoint = open_checkpoint();
  CHECK_OK(opt_checkpoint_close(checkpoint));
  every_function_refuses(optimizer_of_checkpoint(checkpoint));
}

static void a_stale_handle_is_refused_though_its_place_is_taken(void) {
  const opt_optimizer stale = new_optimizer(OPT_RULE_ADAM);
  CHECK_OK(opt_destroy(stale));
  const opt_optimizer live = new_optimizer(OPT_RULE_ADAM);
  every_function_refuses(stale);
  CHECK_OK(opt_set(live, 0, OPT_LR, 0.25));
  CHECK_OK(opt_destroy(live));
}

static void a_handle_of_another_type_is_refused(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  opt_context context = NULL;
  CHECK_OK(opt_context_create(NULL, &context));
  every_optimizer_function_refuses(optimizer_of(context));
  every_context_function_refuses(context_of(optimizer));
  every_checkpoint_function_refuses(checkpoint_of(optimizer));
  every_checkpoint_function_refuses(checkpoint_of(optimizer_of(context)));
  const opt_checkpoint checkpoint = open_checkpoint();
  every_optimizer_function_refuses(optimizer_of_checkpoint(checkpoint));
  every_context_function_refuses(
      context_of(optimizer_of_checkpoint(checkpoint)));
  CHECK_OK(opt_checkpoint_close(checkpoint));
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
  RUN(NULL_is_no_checkpoint);
  RUN(a_destroyed_handle_is_refused);
  RUN(a_stale_handle_is_refused_though_its_place_is_taken);
  RUN(a_handle_of_another_type_is_refused);
  RUN(an_address_is_no_handle);
  RUN(a_handle_with_any_bit_flipped_is_refused);
}
