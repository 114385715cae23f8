/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The evaluation weights: those of averages, and those that a rule makes. The
 * values of a rule's are compared with other libraries' in
 * tests/golden/peers_test.cc.
 */

#include <string.h>

#include "fixture.h"

static float weights[kCount];
static float trained[2][kCount];

/* An optimizer after some steps; `trained` are its parameters. */
static opt_optimizer stepped(const char* rule) {
  const opt_optimizer optimizer = attached(rule, 2);
  for (int i = 0; i < 3; ++i) CHECK_OK(opt_step(optimizer, NULL));
  memcpy(trained, params, sizeof trained);
  return optimizer;
}

static const float* slot_of(opt_optimizer optimizer, const char* slot) {
  opt_view view = OPT_VIEW_INIT;
  CHECK_OK(opt_state_view(optimizer, 0, slot, &view));
  CHECK_EQ(view.count, kCount);
  return view.data;
}

static void asgd_evaluates_at_its_average(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ASGD, 2);
  CHECK_OK(opt_set(optimizer, 0, OPT_T0, 0));
  for (int i = 0; i < 3; ++i) CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_read_eval_weights(optimizer, NULL, 0, weights));
  CHECK(memcmp(weights, slot_of(optimizer, OPT_SLOT_AX), sizeof weights) == 0);
  CHECK(memcmp(weights, params[0], sizeof weights) != 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void schedule_free_evaluates_between_its_sequences(void) {
  const opt_optimizer optimizer = stepped(OPT_RULE_SCHEDULE_FREE_ADAMW);
  CHECK_OK(opt_read_eval_weights(optimizer, NULL, 0, weights));
  const float* z = slot_of(optimizer, OPT_SLOT_Z);
  for (int i = 0; i < kCount; ++i) {
    const double y = params[0][i];
    const double x = y + (1 - 1 / 0.9) * (z[i] - y);
    CHECK(weights[i] > x - 1e-6 && weights[i] < x + 1e-6);
  }
  CHECK_OK(opt_destroy(optimizer));
}

static void a_read_changes_nothing_and_a_swap_gives_the_same(void) {
  const opt_optimizer optimizer = stepped(OPT_RULE_SCHEDULE_FREE_ADAMW);
  const uint64_t before = snapshot(optimizer);
  CHECK_OK(opt_read_eval_weights(optimizer, NULL, 0, weights));
  CHECK(snapshot(optimizer) == before);
  CHECK(memcmp(params, trained, sizeof trained) == 0);
  CHECK_OK(opt_swap_eval_weights(optimizer, NULL));
  CHECK(memcmp(params[0], weights, sizeof weights) == 0);
  CHECK(memcmp(params[1], trained[1], sizeof weights) != 0);
  CHECK_OK(opt_swap_eval_weights(optimizer, NULL));
  CHECK(memcmp(params, trained, sizeof trained) == 0);
  CHECK(snapshot(optimizer) == before);
  CHECK_OK(opt_destroy(optimizer));
}

static void nothing_trains_while_they_are_in_place(void) {
  const opt_optimizer optimizer = stepped(OPT_RULE_SCHEDULE_FREE_ADAMW);
  CHECK_OK(opt_swap_eval_weights(optimizer, NULL));
  CHECK_REFUSES(optimizer, opt_step(optimizer, NULL), OPT_ERR_STATE,
                "opt_swap_eval_weights");
  CHECK_REFUSES(optimizer, opt_read_eval_weights(optimizer, NULL, 0, weights),
                OPT_ERR_STATE, "opt_swap_eval_weights");
  CHECK_REFUSES(optimizer, opt_detach(optimizer, 0), OPT_ERR_STATE,
                "opt_swap_eval_weights");
  CHECK_OK(opt_swap_eval_weights(optimizer, NULL));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_destroy(optimizer));
}

static void a_step_count_that_is_set_meanwhile_changes_nothing(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_SCHEDULE_FREE_ADAMW, 2);
  for (int i = 0; i < 3; ++i) CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_tensor_set_step(optimizer, 1, 0));
  memcpy(trained, params, sizeof trained);
  CHECK_OK(opt_swap_eval_weights(optimizer, NULL));
  CHECK_OK(opt_tensor_set_step(optimizer, 0, 0));
  CHECK_OK(opt_tensor_set_step(optimizer, 1, 7));
  CHECK_OK(opt_swap_eval_weights(optimizer, NULL));
  CHECK(memcmp(params, trained, sizeof trained) == 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void an_average_that_is_kept_comes_first(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_SCHEDULE_FREE_ADAMW, 2);
  CHECK_OK(opt_average_start(optimizer, NULL));
  for (int i = 0; i < 3; ++i) CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_read_eval_weights(optimizer, NULL, 0, weights));
  CHECK(memcmp(weights, slot_of(optimizer, OPT_SLOT_PARAM_AVERAGE),
               sizeof weights) == 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void before_the_first_step_they_are_the_parameters(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_SCHEDULE_FREE_ADAMW, 2);
  CHECK_OK(opt_read_eval_weights(optimizer, NULL, 1, weights));
  CHECK(memcmp(weights, params[1], sizeof weights) == 0);
  memcpy(trained, params, sizeof trained);
  CHECK_OK(opt_swap_eval_weights(optimizer, NULL));
  CHECK(memcmp(params, trained, sizeof trained) == 0);
  CHECK_OK(opt_swap_eval_weights(optimizer, NULL));
  CHECK_OK(opt_destroy(optimizer));
}

static void a_rule_without_any_says_so(void) {
  const opt_optimizer optimizer = stepped(OPT_RULE_ADAM);
  CHECK_REFUSES(optimizer, opt_swap_eval_weights(optimizer, NULL),
                OPT_ERR_STATE, "opt_average_start");
  CHECK_REFUSES(optimizer, opt_read_eval_weights(optimizer, NULL, 0, weights),
                OPT_ERR_STATE, "opt_average_start");
  CHECK_OK(opt_destroy(optimizer));
}

static void wrong_arguments_are_refused(void) {
  const opt_optimizer optimizer = stepped(OPT_RULE_SCHEDULE_FREE_ADAMW);
  CHECK_REFUSES(optimizer, opt_read_eval_weights(optimizer, NULL, 0, NULL),
                OPT_ERR_ARGUMENT, "weights");
  CHECK_REFUSES(
      optimizer,
      opt_read_eval_weights(optimizer, NULL, 0, (char*)(void*)weights + 1),
      OPT_ERR_ARGUMENT, "aligned");
  CHECK_REFUSES(optimizer, opt_read_eval_weights(optimizer, NULL, 2, weights),
                OPT_ERR_RANGE, "2");
  CHECK_OK(opt_bind(optimizer, 0, NULL, NULL));
  CHECK_REFUSES(optimizer, opt_read_eval_weights(optimizer, NULL, 0, weights),
                OPT_ERR_STATE, "opt_bind");
  CHECK_OK(opt_destroy(optimizer));
}

void eval_weights_tests(void) {
  RUN(asgd_evaluates_at_its_average);
  RUN(schedule_free_evaluates_between_its_sequences);
  RUN(a_read_changes_nothing_and_a_swap_gives_the_same);
  RUN(nothing_trains_while_they_are_in_place);
  RUN(a_step_count_that_is_set_meanwhile_changes_nothing);
  RUN(an_average_that_is_kept_comes_first);
  RUN(before_the_first_step_they_are_the_parameters);
  RUN(a_rule_without_any_says_so);
  RUN(wrong_arguments_are_refused);
}
