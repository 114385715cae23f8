/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Shutting down, and using the library again.
 */

#include "fixture.h"

static void a_shutdown_without_live_handles_succeeds(void) {
  CHECK_OK(opt_shutdown());
  CHECK_OK(opt_shutdown());
}

static void live_handles_are_counted(void) {
  const opt_optimizer a = new_optimizer(OPT_RULE_SGD);
  const opt_optimizer b = new_optimizer(OPT_RULE_SGD);
  opt_context context = NULL;
  CHECK_OK(opt_context_create(NULL, &context));
  CHECK_FAILS(opt_shutdown(), OPT_ERR_STATE, "3");
  CHECK_OK(opt_context_destroy(context));
  CHECK_FAILS(opt_shutdown(), OPT_ERR_STATE, "2");
  CHECK_OK(opt_step(a, NULL));
  CHECK_OK(opt_destroy(a));
  CHECK_OK(opt_destroy(b));
  CHECK_OK(opt_shutdown());
}

static void an_open_checkpoint_is_counted(void) {
  static char data[4096];
  opt_checkpoint checkpoint = NULL;
  int64_t size = 0;
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  CHECK_OK(opt_save_memory(optimizer, data, sizeof data, &size, NULL));
  CHECK_OK(opt_destroy(optimizer));
  CHECK_OK(opt_checkpoint_open_memory(NULL, data, size, &checkpoint));
  CHECK_FAILS(opt_shutdown(), OPT_ERR_STATE, "1");
  CHECK_OK(opt_checkpoint_close(checkpoint));
  CHECK_OK(opt_shutdown());
}

static void a_schedule_is_counted(void) {
  opt_schedule schedule = NULL;
  CHECK_OK(opt_schedule_create(NULL, OPT_SCHEDULE_COSINE, &schedule));
  CHECK_FAILS(opt_shutdown(), OPT_ERR_STATE, "1");
  CHECK_OK(opt_schedule_destroy(schedule));
  CHECK_OK(opt_shutdown());
}

static void the_library_works_again_afterwards(void) {
  float param = 1;
  float grad = 1;
  const opt_tensor tensor = tensor_of("w", &param, &grad, 1);
  CHECK_OK(opt_shutdown());
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(param < 1);
  CHECK_OK(opt_destroy(optimizer));
  CHECK_OK(opt_shutdown());
}

void shutdown_tests(void) {
  RUN(a_shutdown_without_live_handles_succeeds);
  RUN(live_handles_are_counted);
  RUN(an_open_checkpoint_is_counted);
  RUN(a_schedule_is_counted);
  RUN(the_library_works_again_afterwards);
}
