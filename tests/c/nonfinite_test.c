/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Inf and NaN among the gradients, in any position of any tensor: they go where
 * the formulas take them, are an error, or make a step be skipped.
 */

#include <math.h>
#include <string.h>

#include "fixture.h"

/* "a" of floats and "b" of doubles, which have taken a step. */
static opt_optimizer attached_and_stepped(void) {
  const opt_optimizer optimizer = attached(OPT_RULE_ADAM, 1);
  const opt_tensor wide = wide_tensor("b");
  for (int i = 0; i < kCount; ++i)
    wide_params[i] = wide_grads[i] = params[0][i];
  CHECK_OK(opt_attach(optimizer, &wide, 1, NULL));
  CHECK_OK(opt_step(optimizer, NULL));
  return optimizer;
}

static opt_status step(opt_optimizer optimizer, int32_t nonfinite,
                       opt_grad_report* report) {
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.nonfinite = nonfinite;
  args.work = &work;
  args.report = report;
  return opt_step(optimizer, &args);
}

/* All that a skipped step leaves as it is: everything but its counter. */
typedef struct everything {
  float params[kCount];
  float grads[kCount];
  double wide_params[kCount];
  double wide_grads[kCount];
  double state[2][2][kCount];
  int64_t steps[3];
} everything;

static everything everything_of(opt_optimizer optimizer) {
  static const char* const kSlots[] = {OPT_SLOT_EXP_AVG, OPT_SLOT_EXP_AVG_SQ};
  everything all;
  memset(&all, 0, sizeof all);
  memcpy(all.params, params[0], sizeof params[0]);
  memcpy(all.grads, grads[0], sizeof grads[0]);
  memcpy(all.wide_params, wide_params, sizeof wide_params);
  memcpy(all.wide_grads, wide_grads, sizeof wide_grads);
  for (int64_t i = 0; i < 2; ++i) {
    for (int k = 0; k < 2; ++k) {
      memcpy(all.state[i][k], state_of(optimizer, i, kSlots[k]),
             kCount * (i == 0 ? sizeof(float) : sizeof(double)));
    }
    all.steps[i] = step_of(optimizer, i);
  }
  all.steps[2] = info_of(optimizer).steps;
  return all;
}

static int same(const everything* a, const everything* b) {
  return memcmp(a, b, sizeof *a) == 0;
}

/* Calls check(optimizer, index of the tensor) with each value in each place. */
static void for_each_place(void (*check)(opt_optimizer, int64_t)) {
  const double values[] = {NAN, INFINITY, -INFINITY};
  const opt_optimizer optimizer = attached_and_stepped();
  for (int64_t v = 0; v < COUNT_OF(values); ++v) {
    for (int i = 0; i < kCount; ++i) {
      const float grad = grads[0][i];
      const double wide = wide_grads[i];
      grads[0][i] = (float)values[v];
      check(optimizer, 0);
      grads[0][i] = grad;
      wide_grads[i] = values[v];
      check(optimizer, 1);
      wide_grads[i] = wide;
    }
  }
  CHECK_EQ(step(optimizer, OPT_NONFINITE_ERROR, NULL), OPT_OK);
  CHECK_OK(opt_destroy(optimizer));
}

static void check_error(opt_optimizer optimizer, int64_t tensor) {
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  const opt_grad_report before = report;
  const char* name = tensor == 0 ? "'a'" : "'b'";
  CHECK_REFUSES(optimizer, step(optimizer, OPT_NONFINITE_ERROR, NULL),
                OPT_ERR_NONFINITE, name);
  CHECK_REFUSES(optimizer, step(optimizer, OPT_NONFINITE_ERROR, &report),
                OPT_ERR_NONFINITE, name);
  CHECK(memcmp(&report, &before, sizeof report) == 0);
}

static void an_error_names_the_tensor_and_changes_nothing(void) {
  for_each_place(check_error);
}

static void check_skip(opt_optimizer optimizer, int64_t tensor) {
  const everything before = everything_of(optimizer);
  const int64_t count = info_of(optimizer).skipped;
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  CHECK_OK(step(optimizer, OPT_NONFINITE_SKIP, NULL));
  CHECK_OK(step(optimizer, OPT_NONFINITE_SKIP, &report));
  const everything after = everything_of(optimizer);
  CHECK(same(&before, &after));
  CHECK_EQ(info_of(optimizer).skipped, count + 2);
  CHECK_EQ(report.skipped, 1);
  CHECK_EQ(report.nonfinite_tensor, tensor);
  CHECK(!isfinite(report.norm));
}

static void a_skipped_step_leaves_every_byte(void) {
  for_each_place(check_skip);
}

static void check_others(opt_optimizer optimizer, int64_t tensor) {
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  opt_grad_args args = OPT_GRAD_ARGS_INIT;
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  const uint64_t before = snapshot(optimizer);
  work.loss_scale = 2;
  args.work = &work;
  work.nonfinite = OPT_NONFINITE_ERROR;
  CHECK_FAILS(opt_grad_norm(optimizer, &args, &report), OPT_ERR_NONFINITE,
              "Inf or NaN");
  CHECK_FAILS(opt_clip_grads(optimizer, &args, NULL), OPT_ERR_NONFINITE,
              "Inf or NaN");
  work.nonfinite = OPT_NONFINITE_SKIP;
  CHECK_OK(opt_grad_norm(optimizer, &args, &report));
  CHECK_EQ(report.skipped, 1);
  CHECK_EQ(report.nonfinite_tensor, tensor);
  report.skipped = 0;
  CHECK_OK(opt_clip_grads(optimizer, &args, &report));
  CHECK_EQ(report.skipped, 1);
  CHECK(snapshot(optimizer) == before);
}

static void the_calls_of_their_own_follow_the_policy(void) {
  for_each_place(check_others);
}

static void by_default_they_propagate(void) {
  const opt_optimizer optimizer = attached_and_stepped();
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  grads[0][3] = NAN;
  CHECK_OK(step(optimizer, OPT_NONFINITE_PROPAGATE, &report));
  CHECK_EQ(report.nonfinite_tensor, 0);
  CHECK_EQ(report.skipped, 0);
  CHECK(isnan(report.norm));
  CHECK_EQ(info_of(optimizer).skipped, 0);
  CHECK(isnan(params[0][3]) && !isnan(params[0][4]) && !isnan(wide_params[3]));
  CHECK_OK(opt_destroy(optimizer));
}

static void a_skipped_step_forgets_what_was_accumulated(void) {
  const opt_optimizer optimizer = attached_and_stepped();
  const float grad = grads[0][5];
  grads[0][5] = INFINITY;
  CHECK_OK(opt_accumulate(optimizer, NULL));
  const everything before = everything_of(optimizer);
  CHECK_REFUSES(optimizer, step(optimizer, OPT_NONFINITE_ERROR, NULL),
                OPT_ERR_NONFINITE, "'a'");
  CHECK_OK(step(optimizer, OPT_NONFINITE_SKIP, NULL));
  const everything after = everything_of(optimizer);
  CHECK(same(&before, &after));
  CHECK_EQ(info_of(optimizer).pending_samples, 0);
  grads[0][5] = grad;
  CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_OK(step(optimizer, OPT_NONFINITE_SKIP, NULL));
  CHECK_EQ(info_of(optimizer).skipped, 1);
  CHECK(isfinite(params[0][5]));
  CHECK_OK(opt_destroy(optimizer));
}

static void a_skipped_step_zeroes_if_it_was_to_zero(void) {
  const opt_optimizer optimizer = attached_and_stepped();
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.nonfinite = OPT_NONFINITE_SKIP;
  args.work = &work;
  args.flags = OPT_STEP_ZERO_GRADS;
  for (int pass = 0; pass < 2; ++pass) {
    wide_grads[0] = INFINITY;
    grads[0][1] = 1;
    if (pass == 1) CHECK_OK(opt_accumulate(optimizer, NULL));
    CHECK_OK(opt_step(optimizer, &args));
    for (int i = 0; i < kCount; ++i) {
      CHECK(grads[0][i] == 0 && wide_grads[i] == 0);
    }
  }
  CHECK_EQ(info_of(optimizer).skipped, 2);
  CHECK_OK(opt_destroy(optimizer));
}

static void lent_gradients_are_looked_at(void) {
  const opt_optimizer optimizer = attached_and_stepped();
  float lent[kCount] = {0};
  void* const arrays[2] = {lent, NULL};
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_lent buffers = OPT_LENT_INIT;
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.nonfinite = OPT_NONFINITE_SKIP;
  args.work = &work;
  args.lent = &buffers;
  buffers.grads = arrays;
  buffers.count = 2;
  lent[kCount - 1] = NAN;
  wide_grads[0] = NAN; /* not lent: no part in the step */
  const everything before = everything_of(optimizer);
  CHECK_OK(opt_step(optimizer, &args));
  const everything after = everything_of(optimizer);
  CHECK(same(&before, &after));
  lent[kCount - 1] = 0;
  CHECK_OK(opt_step(optimizer, &args));
  CHECK_EQ(info_of(optimizer).skipped, 1);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_gradient_that_is_Inf_in_the_parameters_type_counts(void) {
  const opt_optimizer optimizer = new_optimizer("gd");
  opt_tensor tensor = tensor_of("a", params[0], NULL, 2);
  double big[2] = {1, 1e39};
  tensor.grad_dtype = OPT_F64;
  tensor.grad = big;
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  CHECK_FAILS(step(optimizer, OPT_NONFINITE_ERROR, NULL), OPT_ERR_NONFINITE,
              "'a'");
  big[1] = 1e38;
  CHECK_OK(step(optimizer, OPT_NONFINITE_ERROR, NULL));
  CHECK_OK(opt_destroy(optimizer));
}

static void a_sum_of_squares_that_overflows_is_no_Inf_among_gradients(void) {
  const opt_optimizer optimizer = attached_and_stepped();
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  wide_grads[7] = 1e300;
  CHECK_OK(step(optimizer, OPT_NONFINITE_ERROR, &report));
  CHECK(isinf(report.norm));
  CHECK_EQ(report.nonfinite_tensor, -1);
  CHECK_OK(opt_destroy(optimizer));
}

void nonfinite_tests(void) {
  RUN(an_error_names_the_tensor_and_changes_nothing);
  RUN(a_skipped_step_leaves_every_byte);
  RUN(the_calls_of_their_own_follow_the_policy);
  RUN(by_default_they_propagate);
  RUN(a_skipped_step_forgets_what_was_accumulated);
  RUN(a_skipped_step_zeroes_if_it_was_to_zero);
  RUN(lent_gradients_are_looked_at);
  RUN(a_gradient_that_is_Inf_in_the_parameters_type_counts);
  RUN(a_sum_of_squares_that_overflows_is_no_Inf_among_gradients);
}
