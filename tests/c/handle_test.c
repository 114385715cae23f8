/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Handles: creating, destroying, running out of them; and every function times
 * every kind of handle that is no live object of its type, which is refused
 * with OPT_ERR_HANDLE, never undefined behaviour.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "fixture.h"
#include "host.h"

enum { kHandleLimit = 65535, kManyTimes = 200000 };

static void a_created_optimizer_is_empty_and_described(void) {
  opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAMW);
  opt_info info = OPT_INFO_INIT;
  CHECK(optimizer != NULL);
  CHECK_OK(opt_get_info(optimizer, &info));
  CHECK_EQ(info.struct_size, sizeof info);
  CHECK_EQ(info.group_count, 1);
  CHECK_EQ(info.index_count, 0);
  CHECK_EQ(info.tensor_count, 0);
  CHECK_EQ(info.param_count, 0);
  CHECK_EQ(info.state_bytes, 0);
  CHECK_EQ(info.steps, 0);
  CHECK_EQ(info.pending_samples, 0);
  CHECK_STR(info.rule, OPT_RULE_ADAMW);
  CHECK_OK(opt_destroy(optimizer));
}

static void destroying_NULL_does_nothing(void) {
  CHECK_OK(opt_destroy(NULL));
  CHECK_OK(opt_context_destroy(NULL));
}

static void a_failed_create_leaves_the_handle_alone(void) {
  opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  const opt_optimizer before = optimizer;
  CHECK_FAILS(opt_create(NULL, "adamm", &optimizer), OPT_ERR_NAME, "adam");
  CHECK(optimizer == before);
  CHECK_FAILS(opt_create(NULL, NULL, &optimizer), OPT_ERR_ARGUMENT, "");
  CHECK(optimizer == before);
  CHECK_OK(opt_destroy(optimizer));
}

static void an_unknown_rule_is_named_with_the_nearest(void) {
  opt_optimizer optimizer = NULL;
  CHECK_FAILS(opt_create(NULL, "adagrat", &optimizer), OPT_ERR_NAME, "adagrat");
  CHECK_CONTAINS(opt_last_error(), "adagrad");
  CHECK_FAILS(opt_create(NULL, "momentun", &optimizer), OPT_ERR_NAME,
              "momentum");
  CHECK_FAILS(opt_create(NULL, "", &optimizer), OPT_ERR_NAME, "rule");
  CHECK(optimizer == NULL);
}

static void an_alias_names_its_rule(void) {
  opt_optimizer optimizer = new_optimizer("momentum");
  opt_info info = OPT_INFO_INIT;
  double momentum = 0;
  CHECK_OK(opt_get_info(optimizer, &info));
  CHECK_STR(info.rule, OPT_RULE_SGD);
  CHECK_OK(opt_get(optimizer, 0, OPT_MOMENTUM, &momentum));
  CHECK(momentum == 0.9);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_second_destroy_is_refused(void) {
  opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  CHECK_OK(opt_destroy(optimizer));
  CHECK_FAILS(opt_destroy(optimizer), OPT_ERR_HANDLE, "");
}

static void an_old_handle_stays_stale_however_often_its_place_is_reused(void) {
  const opt_optimizer first = new_optimizer(OPT_RULE_SGD);
  opt_info info = OPT_INFO_INIT;
  int64_t mistaken = 0;
  CHECK_OK(opt_destroy(first));
  for (int64_t i = 0; i < kManyTimes; ++i) {
    opt_optimizer optimizer = NULL;
    if (opt_create(NULL, OPT_RULE_SGD, &optimizer) != OPT_OK) ++mistaken;
    if (opt_get_info(first, &info) != OPT_ERR_HANDLE) ++mistaken;
    if (opt_destroy(optimizer) != OPT_OK) ++mistaken;
  }
  CHECK_EQ(mistaken, 0);
}

static void the_handle_after_the_last_is_refused_until_one_is_free(void) {
  opt_optimizer* const all = malloc((kHandleLimit + 1) * sizeof *all);
  int64_t live = 0;
  opt_status status = OPT_OK;
  CHECK(all != NULL);
  while (live <= kHandleLimit) {
    status = opt_create(NULL, OPT_RULE_SGD, &all[live]);
    if (status != OPT_OK) break;
    ++live;
  }
  CHECK_EQ(live, kHandleLimit);
  CHECK_FAILS(status, OPT_ERR_LIMIT, "65535");
  CHECK_OK(opt_destroy(all[--live]));
  CHECK_OK(opt_create(NULL, OPT_RULE_SGD, &all[live++]));
  int64_t destroyed = 0;
  while (live > 0) destroyed += opt_destroy(all[--live]) == OPT_OK;
  CHECK_EQ(destroyed, kHandleLimit);
  free(all);
}

static void a_checkpoint_without_a_handle_left_is_closed_again(void) {
  static char data[4096];
  host host = HOST_INIT;
  int64_t size = 0;
  const opt_context context = host_context(&host, kMemory);
  const int64_t blocks = host.live_blocks;
  opt_checkpoint* const all = malloc(kHandleLimit * sizeof *all);
  int64_t live = 0;
  opt_checkpoint refused = NULL;
  opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  CHECK_OK(opt_save_memory(optimizer, data, sizeof data, &size, NULL));
  CHECK_OK(opt_destroy(optimizer));
  while (live < kHandleLimit &&
         opt_checkpoint_open_memory(NULL, data, size, &all[live]) == OPT_OK) {
    ++live;
  }
  CHECK_EQ(live, kHandleLimit - 1); /* the context has one */
  CHECK_FAILS(opt_checkpoint_open_memory(context, data, size, &refused),
              OPT_ERR_LIMIT, "65535");
  CHECK(refused == NULL);
  CHECK_EQ(host.live_blocks, blocks);
  while (live > 0) opt_checkpoint_close(all[--live]);
  free(all);
  CHECK_OK(opt_context_destroy(context));
  CHECK_EQ(host.live_blocks, 0);
}

static void two_live_optimizers_have_different_handles(void) {
  const opt_optimizer a = new_optimizer(OPT_RULE_SGD);
  const opt_optimizer b = new_optimizer(OPT_RULE_SGD);
  CHECK(a != b);
  CHECK_OK(opt_destroy(a));
  CHECK_OK(opt_set(b, 0, OPT_LR, 0.5));
  CHECK_OK(opt_destroy(b));
}

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
    /* By its name: Windows has two addresses of a function of a DLL. */
    if (optimizer == NULL && strcmp(c->name, "opt_destroy") == 0) continue;
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

void handle_tests(void) {
  RUN(a_created_optimizer_is_empty_and_described);
  RUN(destroying_NULL_does_nothing);
  RUN(a_failed_create_leaves_the_handle_alone);
  RUN(an_unknown_rule_is_named_with_the_nearest);
  RUN(an_alias_names_its_rule);
  RUN(a_second_destroy_is_refused);
  RUN(an_old_handle_stays_stale_however_often_its_place_is_reused);
  RUN(the_handle_after_the_last_is_refused_until_one_is_free);
  RUN(a_checkpoint_without_a_handle_left_is_closed_again);
  RUN(two_live_optimizers_have_different_handles);
  RUN(NULL_is_no_optimizer);
  RUN(NULL_is_no_checkpoint);
  RUN(a_destroyed_handle_is_refused);
  RUN(a_stale_handle_is_refused_though_its_place_is_taken);
  RUN(a_handle_of_another_type_is_refused);
  RUN(an_address_is_no_handle);
  RUN(a_handle_with_any_bit_flipped_is_refused);
}
