/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The life of handles: creating, destroying, running out of them.
 */

#include <stdlib.h>

#include "fixture.h"
#include "topics.h"

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
}
