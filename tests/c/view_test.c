/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Looking at state without copying it.
 */

#include <string.h>

#include "fixture.h"

/* One tensor of zeros, with the gradients 0, 1, 2, ... */
static opt_optimizer attached_zeros(const char* rule) {
  const opt_optimizer optimizer = attached(rule, 1);
  for (int i = 0; i < kCount; ++i) {
    params[0][i] = 0;
    grads[0][i] = (float)i;
  }
  return optimizer;
}

static const float* view_of(opt_optimizer optimizer, const char* slot) {
  opt_view view = OPT_VIEW_INIT;
  CHECK_OK(opt_state_view(optimizer, 0, slot, &view));
  CHECK_EQ(view.count, kCount);
  CHECK_EQ(view.dtype, OPT_F32);
  CHECK(view.data != NULL);
  return view.data;
}

static void a_view_shows_the_state_as_it_is(void) {
  const opt_optimizer optimizer = attached_zeros("momentum");
  const float* const velocity = view_of(optimizer, OPT_SLOT_MOMENTUM_BUFFER);
  for (int i = 0; i < kCount; ++i) CHECK(velocity[i] == 0);
  CHECK_OK(opt_step(optimizer, NULL));
  for (int i = 0; i < kCount; ++i) CHECK(velocity[i] == (float)i);
  CHECK(view_of(optimizer, OPT_SLOT_MOMENTUM_BUFFER) == velocity);
  CHECK_OK(opt_destroy(optimizer));
}

static void state_has_the_dtype_of_the_parameter(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  const opt_tensor tensor = wide_tensor("w");
  opt_view view = OPT_VIEW_INIT;
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_OK(opt_state_view(optimizer, 0, OPT_SLOT_EXP_AVG_SQ, &view));
  CHECK_EQ(view.dtype, OPT_F64);
  CHECK_OK(opt_destroy(optimizer));
}

static void the_initial_state_is_what_the_options_say(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAGRAD);
  const opt_tensor tensor = float_tensor(0);
  CHECK_OK(opt_set(optimizer, 0, "initial_accumulator", 0.25));
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  const float* const sum = view_of(optimizer, OPT_SLOT_SUM);
  for (int i = 0; i < kCount; ++i) CHECK(sum[i] == 0.25F);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_slot_that_does_not_exist_is_refused(void) {
  const opt_optimizer optimizer = attached_zeros(OPT_RULE_ADAM);
  opt_view view = OPT_VIEW_INIT;
  CHECK_REFUSES(optimizer, opt_state_view(optimizer, 0, "exp_agv", &view),
                OPT_ERR_NAME, "exp_avg");
  CHECK(view.data == NULL && view.count == 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_slot_that_these_options_leave_out_is_refused(void) {
  const opt_optimizer optimizer = attached_zeros(OPT_RULE_ADAM);
  opt_view view = OPT_VIEW_INIT;
  CHECK_REFUSES(optimizer,
                opt_state_view(optimizer, 0, OPT_SLOT_MAX_EXP_AVG_SQ, &view),
                OPT_ERR_NAME, OPT_AMSGRAD);
  CHECK_OK(opt_destroy(optimizer));
}

static void the_accumulator_is_seen_once_there_is_one(void) {
  const opt_optimizer optimizer = attached_zeros(OPT_RULE_SGD);
  opt_view view = OPT_VIEW_INIT;
  CHECK_REFUSES(optimizer,
                opt_state_view(optimizer, 0, OPT_SLOT_GRAD_ACCUMULATOR, &view),
                OPT_ERR_NAME, "opt_accumulate");
  CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_OK(opt_accumulate(optimizer, NULL));
  const float* const sum = view_of(optimizer, OPT_SLOT_GRAD_ACCUMULATOR);
  for (int i = 0; i < kCount; ++i) CHECK(sum[i] == 2 * (float)i);
  CHECK_OK(opt_destroy(optimizer));
}

/* Bringing a run here: state and step of one optimizer, written into another.
 */
static void state_and_step_that_are_brought_over_go_on_to_the_same_bytes(void) {
  static float expected[kCount];
  static float moments[2][kCount];
  static const char* const kSlots[] = {OPT_SLOT_EXP_AVG, OPT_SLOT_EXP_AVG_SQ};
  const opt_optimizer first = attached_zeros(OPT_RULE_ADAM);
  for (int i = 0; i < 3; ++i) CHECK_OK(opt_step(first, NULL));
  for (int k = 0; k < 2; ++k) {
    memcpy(moments[k], view_of(first, kSlots[k]), sizeof moments[k]);
  }
  memcpy(expected, params[0], sizeof expected);
  const opt_optimizer second = new_optimizer(OPT_RULE_ADAM);
  opt_tensor tensor = tensor_of("a", expected, grads[0], kCount);
  CHECK_OK(opt_attach(second, &tensor, 1, NULL));
  for (int k = 0; k < 2; ++k) {
    opt_view view = OPT_VIEW_INIT;
    CHECK_OK(opt_state_view(second, 0, kSlots[k], &view));
    memcpy(view.data, moments[k], sizeof moments[k]);
  }
  CHECK_OK(opt_tensor_set_step(second, 0, 3));
  CHECK_EQ(step_of(second, 0), 3);
  CHECK_OK(opt_step(first, NULL));
  CHECK_OK(opt_step(second, NULL));
  CHECK(memcmp(expected, params[0], sizeof expected) == 0);
  CHECK_OK(opt_destroy(first));
  CHECK_OK(opt_destroy(second));
}

static void a_step_that_no_tensor_has_taken_is_refused(void) {
  const opt_optimizer optimizer = attached_zeros(OPT_RULE_ADAM);
  CHECK_REFUSES(optimizer, opt_tensor_set_step(optimizer, 0, -1),
                OPT_ERR_ARGUMENT, "'a' would be -1");
  CHECK_REFUSES(optimizer, opt_tensor_set_step(optimizer, 0, INT64_MAX),
                OPT_ERR_ARGUMENT, "number of steps");
  CHECK_REFUSES(optimizer, opt_tensor_set_step(optimizer, 1, 0), OPT_ERR_RANGE,
                "no tensor 1");
  CHECK_OK(opt_destroy(optimizer));
}

void view_tests(void) {
  RUN(a_view_shows_the_state_as_it_is);
  RUN(state_has_the_dtype_of_the_parameter);
  RUN(the_initial_state_is_what_the_options_say);
  RUN(a_slot_that_does_not_exist_is_refused);
  RUN(a_slot_that_these_options_leave_out_is_refused);
  RUN(the_accumulator_is_seen_once_there_is_one);
  RUN(state_and_step_that_are_brought_over_go_on_to_the_same_bytes);
  RUN(a_step_that_no_tensor_has_taken_is_refused);
}
