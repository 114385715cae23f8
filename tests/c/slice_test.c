/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Steps in slices: what ends them, what they refuse, and what is refused while
 * one is open. That they give the bytes of one call is for
 * tests/rules/slice_test.cc.
 */

#include <math.h>
#include <string.h>

#include "calls.h"
#include "fixture.h"

static const int64_t kFirst[] = {0};
static const int64_t kOthers[] = {2, 1};

/* Begins a step; returns the number of tensors that must have their turn. */
static int64_t begin(opt_optimizer optimizer) {
  int64_t remaining = -1;
  CHECK_OK(opt_step_begin(optimizer, NULL, &remaining));
  return remaining;
}

static int64_t slice(opt_optimizer optimizer, const int64_t* indices,
                     int64_t count) {
  int64_t remaining = -1;
  CHECK_OK(opt_step_slice(optimizer, NULL, indices, count, &remaining));
  return remaining;
}

static void a_slice_steps_its_tensors_and_the_last_one_ends_the_step(void) {
  const opt_optimizer optimizer = descent(3);
  for (int i = 0; i < kTensors; ++i) grads[i][0] = (float)(i + 1);
  CHECK_EQ(begin(optimizer), 3);
  CHECK(params[0][0] == 0);
  CHECK_EQ(slice(optimizer, kFirst, 1), 2);
  CHECK(params[0][0] == -1);
  CHECK(params[1][0] == 0);
  CHECK_EQ(step_of(optimizer, 0), 1);
  CHECK_EQ(step_of(optimizer, 1), 0);
  CHECK_EQ(info_of(optimizer).remaining, 2);
  CHECK_EQ(info_of(optimizer).steps, 0);
  CHECK_EQ(slice(optimizer, kOthers, 2), 0);
  CHECK(params[1][0] == -2);
  CHECK(params[2][0] == -3);
  CHECK_EQ(info_of(optimizer).remaining, 0);
  CHECK_EQ(info_of(optimizer).steps, 1);
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(params[0][0] == -2);
  CHECK_OK(opt_destroy(optimizer));
}

static void all_tensors_that_remain_are_one_slice(void) {
  const opt_optimizer optimizer = descent(3);
  for (int i = 0; i < kTensors; ++i) grads[i][0] = 1;
  begin(optimizer);
  CHECK_EQ(slice(optimizer, kFirst, 1), 2);
  CHECK_EQ(slice(optimizer, NULL, OPT_REMAINING), 0);
  for (int i = 0; i < kTensors; ++i) CHECK(params[i][0] == -1);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_slice_of_no_tensors_changes_nothing(void) {
  const opt_optimizer optimizer = descent(2);
  begin(optimizer);
  CHECK_EQ(slice(optimizer, NULL, 0), 2);
  CHECK_EQ(slice(optimizer, NULL, OPT_REMAINING), 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_tensor_without_a_gradient_has_its_turn_too(void) {
  const opt_optimizer optimizer = descent(2);
  CHECK_OK(opt_bind(optimizer, 1, params[1], NULL));
  grads[0][0] = 1;
  CHECK_EQ(begin(optimizer), 2);
  CHECK_EQ(slice(optimizer, kFirst, 1), 1);
  CHECK_EQ(slice(optimizer, NULL, OPT_REMAINING), 0);
  CHECK_EQ(step_of(optimizer, 0), 1);
  CHECK_EQ(step_of(optimizer, 1), 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_step_without_tensors_or_gradients_counts(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  CHECK_EQ(begin(optimizer), 0);
  CHECK_EQ(info_of(optimizer).steps, 1);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_tensor_that_has_had_its_turn_is_named_and_refused(void) {
  static const int64_t kTwice[] = {1, 2, 1};
  static const int64_t kAgain[] = {1, 0};
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 3);
  begin(optimizer);
  CHECK_REFUSES(optimizer, opt_step_slice(optimizer, NULL, kTwice, 3, NULL),
                OPT_ERR_ARGUMENT, "'b' (index 1)");
  CHECK_EQ(slice(optimizer, kFirst, 1), 2);
  CHECK_REFUSES(optimizer, opt_step_slice(optimizer, NULL, kAgain, 2, NULL),
                OPT_ERR_ARGUMENT, "'a' (index 0)");
  CHECK_EQ(slice(optimizer, kOthers, 2), 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void an_index_without_a_tensor_is_refused(void) {
  static const int64_t kUnknown[] = {0, 3};
  static const int64_t kNegative[] = {-1};
  static const int64_t kDetached[] = {1};
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 3);
  CHECK_OK(opt_detach(optimizer, 1));
  CHECK_EQ(begin(optimizer), 2);
  CHECK_REFUSES(optimizer, opt_step_slice(optimizer, NULL, kUnknown, 2, NULL),
                OPT_ERR_RANGE, "no tensor 3");
  CHECK_REFUSES(optimizer, opt_step_slice(optimizer, NULL, kNegative, 1, NULL),
                OPT_ERR_RANGE, "-1");
  CHECK_REFUSES(optimizer, opt_step_slice(optimizer, NULL, kDetached, 1, NULL),
                OPT_ERR_RANGE, "detached");
  CHECK_REFUSES(optimizer, opt_step_slice(optimizer, NULL, kFirst, -2, NULL),
                OPT_ERR_ARGUMENT, "OPT_REMAINING");
  CHECK_REFUSES(optimizer, opt_step_slice(optimizer, NULL, NULL, 1, NULL),
                OPT_ERR_ARGUMENT, "indices");
  CHECK_EQ(slice(optimizer, NULL, OPT_REMAINING), 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_slice_needs_an_open_step(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 2);
  CHECK_REFUSES(optimizer, opt_step_slice(optimizer, NULL, kFirst, 1, NULL),
                OPT_ERR_STATE, "opt_step_begin");
  begin(optimizer);
  slice(optimizer, NULL, OPT_REMAINING);
  CHECK_REFUSES(optimizer, opt_step_slice(optimizer, NULL, kFirst, 1, NULL),
                OPT_ERR_STATE, "opt_step_begin");
  CHECK_OK(opt_destroy(optimizer));
}

/* Functions that an open step does not mind. */
static const char* const kHarmless[] = {
    "opt_average_get_info", "opt_destroy",     "opt_get",
    "opt_get_attribute",    "opt_get_info",    "opt_get_scheduled",
    "opt_scaler_get_info",  "opt_state_bytes", "opt_state_view",
    "opt_step_abandon",     "opt_step_slice",  "opt_tensor_at",
    "opt_tensor_find",
};

static int is_harmless(const char* name) {
  for (int64_t i = 0; i < COUNT_OF(kHarmless); ++i) {
    if (strcmp(kHarmless[i], name) == 0) return 1;
  }
  return 0;
}

static void an_open_step_refuses_what_would_disturb_it(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 3);
  begin(optimizer);
  slice(optimizer, kFirst, 1);
  for (int64_t i = 0; i < kOptimizerCallCount; ++i) {
    const optimizer_call* const c = &kOptimizerCalls[i];
    if (is_harmless(c->name)) continue;
    const uint64_t before = snapshot(optimizer);
    CHECK_FAILS(c->call(optimizer), OPT_ERR_STATE,
                "tensor 'b' (index 1) and 1 other have not had a turn");
    CHECK_FAILS(c->call(optimizer), OPT_ERR_STATE, "opt_step_abandon");
    CHECK(snapshot(optimizer) == before);
  }
  CHECK_EQ(slice(optimizer, kOthers, 2), 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void the_last_tensor_that_is_missing_is_named(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 3);
  begin(optimizer);
  slice(optimizer, kOthers, 2);
  CHECK_REFUSES(optimizer, opt_step_begin(optimizer, NULL, NULL), OPT_ERR_STATE,
                "tensor 'a' (index 0) has");
  CHECK_OK(opt_step_abandon(optimizer));
  CHECK_OK(opt_destroy(optimizer));
}

static void a_step_that_is_abandoned_at_once_has_changed_nothing(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 2);
  CHECK_OK(opt_accumulate(optimizer, NULL));
  const uint64_t before = snapshot(optimizer);
  begin(optimizer);
  CHECK_OK(opt_step_abandon(optimizer));
  CHECK(snapshot(optimizer) == before);
  CHECK_EQ(info_of(optimizer).pending_samples, 1);
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_destroy(optimizer));
}

static void a_step_that_is_abandoned_later_leaves_the_others_out(void) {
  const opt_optimizer optimizer = descent(2);
  grads[0][0] = grads[1][0] = 1;
  CHECK_OK(opt_accumulate(optimizer, NULL));
  begin(optimizer);
  slice(optimizer, kFirst, 1);
  CHECK_OK(opt_step_abandon(optimizer));
  CHECK_EQ(info_of(optimizer).steps, 1);
  CHECK_EQ(info_of(optimizer).pending_samples, 0);
  CHECK_EQ(info_of(optimizer).remaining, 0);
  CHECK(params[0][0] == -1);
  CHECK(params[1][0] == 0);
  CHECK_EQ(step_of(optimizer, 1), 0);
  CHECK_OK(opt_step_abandon(optimizer)); /* none is open: nothing to do */
  CHECK_EQ(info_of(optimizer).steps, 1);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_step_that_is_skipped_ends_at_once(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 2);
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  opt_step_args args = OPT_STEP_ARGS_INIT;
  int64_t remaining = -1;
  const float before = params[0][0];
  work.nonfinite = OPT_NONFINITE_SKIP;
  args.work = &work;
  args.report = &report;
  args.flags = OPT_STEP_ZERO_GRADS;
  grads[1][3] = INFINITY;
  CHECK_OK(opt_step_begin(optimizer, &args, &remaining));
  CHECK_EQ(remaining, 0);
  CHECK_EQ(report.skipped, 1);
  CHECK_EQ(report.nonfinite_tensor, 1);
  CHECK(params[0][0] == before);
  CHECK(grads[1][3] == 0);
  CHECK_EQ(info_of(optimizer).skipped, 1);
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_destroy(optimizer));
}

static void a_step_that_cannot_begin_is_not_open(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 2);
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  opt_step_args args = OPT_STEP_ARGS_INIT;
  args.flags = 64;
  CHECK_REFUSES(optimizer, opt_step_begin(optimizer, &args, NULL),
                OPT_ERR_ARGUMENT, "opt_step_args.flags has unknown bits 64");
  args.flags = 0;
  work.nonfinite = OPT_NONFINITE_ERROR;
  args.work = &work;
  grads[1][3] = NAN;
  CHECK_REFUSES(optimizer, opt_step_begin(optimizer, &args, NULL),
                OPT_ERR_NONFINITE, "'b'");
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_OK(opt_destroy(optimizer));
}

static void buffers_that_were_lent_are_lent_to_each_slice(void) {
  static float moved[kCount];
  const opt_optimizer optimizer = descent(2);
  void* lent_params[2] = {NULL, moved};
  void* lent_grads[2] = {grads[2], grads[1]};
  opt_lent lent = OPT_LENT_INIT;
  opt_step_args args = OPT_STEP_ARGS_INIT;
  lent.count = 2;
  lent.params = lent_params;
  lent.grads = lent_grads;
  args.lent = &lent;
  grads[2][0] = grads[1][0] = 3;
  moved[0] = 0;
  CHECK_OK(opt_step_begin(optimizer, &args, NULL));
  CHECK_REFUSES(optimizer, opt_step_slice(optimizer, NULL, kFirst, 1, NULL),
                OPT_ERR_ARGUMENT, "the gradients of tensor 'a' were lent");
  lent_params[1] = NULL;
  CHECK_REFUSES(optimizer,
                opt_step_slice(optimizer, &lent, NULL, OPT_REMAINING, NULL),
                OPT_ERR_ARGUMENT, "the parameters of tensor 'b' were lent");
  lent_params[1] = (char*)moved + 1;
  CHECK_REFUSES(optimizer,
                opt_step_slice(optimizer, &lent, NULL, OPT_REMAINING, NULL),
                OPT_ERR_ARGUMENT, "'b'");
  lent_params[1] = moved;
  CHECK_OK(opt_step_slice(optimizer, &lent, kFirst, 1, NULL));
  lent_grads[0] = NULL; /* has had its turn: is not read */
  CHECK_OK(opt_step_slice(optimizer, &lent, NULL, OPT_REMAINING, NULL));
  CHECK(params[0][0] == -3);
  CHECK(params[1][0] == 0);
  CHECK(moved[0] == -3);
  CHECK_OK(opt_destroy(optimizer));
}

void slice_tests(void) {
  RUN(a_slice_steps_its_tensors_and_the_last_one_ends_the_step);
  RUN(all_tensors_that_remain_are_one_slice);
  RUN(a_slice_of_no_tensors_changes_nothing);
  RUN(a_tensor_without_a_gradient_has_its_turn_too);
  RUN(a_step_without_tensors_or_gradients_counts);
  RUN(a_tensor_that_has_had_its_turn_is_named_and_refused);
  RUN(an_index_without_a_tensor_is_refused);
  RUN(a_slice_needs_an_open_step);
  RUN(an_open_step_refuses_what_would_disturb_it);
  RUN(the_last_tensor_that_is_missing_is_named);
  RUN(a_step_that_is_abandoned_at_once_has_changed_nothing);
  RUN(a_step_that_is_abandoned_later_leaves_the_others_out);
  RUN(a_step_that_is_skipped_ends_at_once);
  RUN(a_step_that_cannot_begin_is_not_open);
  RUN(buffers_that_were_lent_are_lent_to_each_slice);
}
