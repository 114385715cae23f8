/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Calls from inside a callback: refused with OPT_ERR_BUSY for the optimizer
 * whose call it serves, fine for any other.
 */

#include <stdlib.h>

#include "calls.h"
#include "fixture.h"
#include "host.h"

enum { kLarge = 1 << 17 };

static opt_optimizer other; /* another optimizer of the same context */
static int64_t callbacks;

static void every_call_is_busy(host* host) {
  if (host->optimizer == NULL) return;
  ++callbacks;
  for (int64_t i = 0; i < kOptimizerCallCount; ++i) {
    const opt_status status = kOptimizerCalls[i].call(host->optimizer);
    if (status != OPT_ERR_BUSY) {
      check_fail(__FILE__, __LINE__, kOptimizerCalls[i].name,
                 opt_status_name(status));
    }
    CHECK_FAILS(status, OPT_ERR_BUSY, "callback");
  }
}

static void another_optimizer_works(host* host) {
  double rate = 0;
  if (host->optimizer == NULL) return;
  ++callbacks;
  CHECK_OK(opt_set(other, 0, OPT_LR, 0.5));
  CHECK_OK(opt_get(other, 0, OPT_LR, &rate));
  CHECK_OK(opt_step(other, NULL));
  CHECK(rate == 0.5);
}

/* Calls, and has `during` called in the callbacks of those calls. */
static void call_with(void (*during)(host* host)) {
  host host = HOST_INIT;
  opt_context_config config = host_config(&host, kMemory | kLog | kJobs);
  float* const values = calloc(2 * kLarge, sizeof *values);
  const opt_tensor tensors[2] = {
      tensor_of("weight", values, values + kLarge, kLarge),
      tensor_of("bias", NULL, NULL, 4)};
  opt_context context = NULL;
  opt_optimizer optimizer = NULL;
  config.threads = 2;
  host.during = during;
  host.order = kEveryOther; /* so that it logs */
  callbacks = 0;
  CHECK_OK(opt_context_create(&config, &context));
  CHECK_OK(opt_create(context, OPT_RULE_ADAM, &optimizer));
  CHECK_OK(opt_create(context, OPT_RULE_ADAM, &other));

  host.optimizer = optimizer;
  CHECK_OK(opt_attach(optimizer, tensors, 2, NULL));
  CHECK(callbacks > 0); /* memory */
  callbacks = 0;
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(callbacks >= 2); /* jobs, log */
  CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_EQ(step_of(optimizer, 0), 2);
  host.optimizer = NULL;

  CHECK_OK(opt_destroy(optimizer));
  CHECK_OK(opt_destroy(other));
  CHECK_OK(opt_context_destroy(context));
  CHECK_EQ(host.live_blocks, 0);
  free(values);
}

static void every_call_with_the_same_optimizer_is_refused(void) {
  call_with(every_call_is_busy);
}

static void calls_with_another_optimizer_are_served(void) {
  call_with(another_optimizer_works);
}

void callback_tests(void) {
  RUN(every_call_with_the_same_optimizer_is_refused);
  RUN(calls_with_another_optimizer_are_served);
}
