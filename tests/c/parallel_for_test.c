/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The host's job system: whatever it does with the calls, the step is done
 * once and whole.
 */

#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "host.h"

enum { kLarge = 50001, kSteps = 2 };

typedef struct {
  float params[kTensors][kLarge];
  float grads[kTensors][kLarge];
} buffers;

static buffers* expected;
static buffers* got;

/* Fills the buffers, and steps with an optimizer of the context. */
static void step_in(opt_context context, buffers* b) {
  opt_tensor tensors[kTensors];
  opt_optimizer optimizer = NULL;
  for (int i = 0; i < kTensors; ++i) {
    fill(b->params[i], kLarge, (uint32_t)i);
    fill(b->grads[i], kLarge, (uint32_t)(10 + i));
    tensors[i] = tensor_of(NULL, b->params[i], b->grads[i], kLarge);
  }
  CHECK_OK(opt_create(context, OPT_RULE_ADAMW, &optimizer));
  CHECK_OK(opt_attach(optimizer, tensors, kTensors, NULL));
  for (int step = 0; step < kSteps; ++step) {
    CHECK_OK(opt_step(optimizer, NULL));
    CHECK_EQ(step_of(optimizer, kTensors - 1), step + 1);
  }
  CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_zero_grads(optimizer, NULL));
  CHECK_OK(opt_destroy(optimizer));
}

/* Steps with a host and compares with the calling thread alone. */
static void expect_as_serial(host* host, int32_t threads) {
  opt_context_config config = host_config(host, kJobs | kLog);
  opt_context context = NULL;
  config.threads = threads;
  expected = malloc(sizeof *expected);
  got = malloc(sizeof *got);
  CHECK(expected != NULL && got != NULL);
  step_in(NULL, expected);
  CHECK_OK(opt_context_create(&config, &context));
  step_in(context, got);
  CHECK_OK(opt_context_destroy(context));
  CHECK(memcmp(got, expected, sizeof *got) == 0);
  CHECK(host->parallel_calls >= kSteps);
  free(expected);
  free(got);
}

static void a_host_that_runs_all_calls(void) {
  host host = HOST_INIT;
  expect_as_serial(&host, 2);
  CHECK(host.parallel_parts >= 2);
  CHECK_EQ(host.logged[OPT_LOG_WARNING], 0);
}

static void a_host_that_runs_them_backwards(void) {
  host host = HOST_INIT;
  host.order = kBackward;
  expect_as_serial(&host, 3);
  CHECK_EQ(host.logged[OPT_LOG_WARNING], 0);
}

static void a_host_that_runs_every_other_call(void) {
  host host = HOST_INIT;
  host.order = kEveryOther;
  expect_as_serial(&host, 4);
  CHECK_EQ(host.logged[OPT_LOG_WARNING], host.parallel_calls);
  CHECK_CONTAINS(host.last_log, "parallel_for");
}

static void a_host_that_runs_none(void) {
  host host = HOST_INIT;
  host.order = kNone;
  expect_as_serial(&host, 2);
  CHECK_EQ(host.logged[OPT_LOG_WARNING], host.parallel_calls);
}

static void a_host_that_fails_before_any_call(void) {
  host host = HOST_INIT;
  host.order = kNone;
  host.parallel_result = -1;
  expect_as_serial(&host, 2);
  CHECK_EQ(host.logged[OPT_LOG_WARNING], host.parallel_calls);
  CHECK_CONTAINS(host.last_log, "-1");
}

static void a_host_that_fails_after_all_calls(void) {
  host host = HOST_INIT;
  host.parallel_result = 7;
  expect_as_serial(&host, 2);
  CHECK_EQ(host.logged[OPT_LOG_WARNING], host.parallel_calls);
  CHECK_CONTAINS(host.last_log, "7");
}

static void a_host_that_runs_each_call_twice_and_others_besides(void) {
  host host = HOST_INIT;
  host.order = kTwice;
  expect_as_serial(&host, 2);
  CHECK_EQ(host.logged[OPT_LOG_WARNING], 0);
}

static void a_step_is_cut_into_as_many_parts_as_there_are_threads(void) {
  host host = HOST_INIT;
  expect_as_serial(&host, 7);
  CHECK(host.parallel_parts >= 7);
}

static void a_host_without_a_thread_count_is_asked_as_well(void) {
  host host = HOST_INIT;
  expect_as_serial(&host, 0);
}

static void a_tiny_step_does_not_bother_the_host(void) {
  host host = HOST_INIT;
  opt_context_config config = host_config(&host, kJobs);
  float values[2] = {1, 1};
  const opt_tensor tensor = tensor_of("w", &values[0], &values[1], 1);
  opt_context context = NULL;
  opt_optimizer optimizer = NULL;
  config.threads = 4;
  CHECK_OK(opt_context_create(&config, &context));
  CHECK_OK(opt_create(context, OPT_RULE_SGD, &optimizer));
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_EQ(host.parallel_calls, 0);
  CHECK_OK(opt_destroy(optimizer));
  CHECK_OK(opt_context_destroy(context));
}

void parallel_for_tests(void) {
  RUN(a_host_that_runs_all_calls);
  RUN(a_host_that_runs_them_backwards);
  RUN(a_host_that_runs_every_other_call);
  RUN(a_host_that_runs_none);
  RUN(a_host_that_fails_before_any_call);
  RUN(a_host_that_fails_after_all_calls);
  RUN(a_host_that_runs_each_call_twice_and_others_besides);
  RUN(a_step_is_cut_into_as_many_parts_as_there_are_threads);
  RUN(a_host_without_a_thread_count_is_asked_as_well);
  RUN(a_tiny_step_does_not_bother_the_host);
}
