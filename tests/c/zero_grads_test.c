/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Zeroing the gradients.
 */

#include <string.h>

#include "fixture.h"

static float lent_grads[2][kCount];

static opt_optimizer attached_and_lent(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_SGD, 2);
  memcpy(lent_grads, grads, sizeof lent_grads);
  return optimizer;
}

static int is_zero(const float* values) {
  for (int i = 0; i < kCount; ++i) {
    if (values[i] != 0) return 0;
  }
  return 1;
}

static void retained_gradients_become_zero(void) {
  const opt_optimizer optimizer = attached_and_lent();
  CHECK_OK(opt_zero_grads(optimizer, NULL));
  CHECK(is_zero(grads[0]));
  CHECK(is_zero(grads[1]));
  CHECK_EQ(step_of(optimizer, 0), 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void lent_gradients_become_zero_and_NULL_is_left_out(void) {
  const opt_optimizer optimizer = attached_and_lent();
  void* const lent[2] = {NULL, lent_grads[1]};
  opt_lent args = OPT_LENT_INIT;
  args.count = 2;
  args.grads = lent;
  CHECK_OK(opt_zero_grads(optimizer, &args));
  CHECK(!is_zero(lent_grads[0]));
  CHECK(is_zero(lent_grads[1]));
  CHECK(!is_zero(grads[0]));
  CHECK(!is_zero(grads[1]));
  CHECK_OK(opt_destroy(optimizer));
}

static void what_was_accumulated_stays(void) {
  const opt_optimizer optimizer = attached_and_lent();
  CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_OK(opt_zero_grads(optimizer, NULL));
  CHECK_EQ(info_of(optimizer).pending_samples, 1);
  params[0][1] = 0;
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(params[0][1] != 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void bad_arguments_are_refused(void) {
  const opt_optimizer optimizer = attached_and_lent();
  void* const lent[2] = {lent_grads[0], (char*)lent_grads[1] + 2};
  void* const same[2] = {lent_grads[0], lent_grads[0]};
  opt_lent args = OPT_LENT_INIT;
  args.reserved = 1;
  CHECK_REFUSES(optimizer, opt_zero_grads(optimizer, &args), OPT_ERR_ARGUMENT,
                "reserved");
  args.reserved = 0;
  args.grads = lent;
  args.count = 3;
  CHECK_REFUSES(optimizer, opt_zero_grads(optimizer, &args), OPT_ERR_ARGUMENT,
                "count");
  args.count = 2;
  CHECK_REFUSES(optimizer, opt_zero_grads(optimizer, &args), OPT_ERR_ARGUMENT,
                "'b'");
  CHECK(!is_zero(lent_grads[0]));
  args.grads = same;
  CHECK_REFUSES(optimizer, opt_zero_grads(optimizer, &args), OPT_ERR_OVERLAP,
                "'a'");
  CHECK(!is_zero(lent_grads[0]));
  CHECK_OK(opt_destroy(optimizer));
}

void zero_grads_tests(void) {
  RUN(retained_gradients_become_zero);
  RUN(lent_gradients_become_zero_and_NULL_is_left_out);
  RUN(what_was_accumulated_stays);
  RUN(bad_arguments_are_refused);
}
