/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Norms and clipping where numbers end: norms of 0, Inf, NaN, squares that
 * overflow floats, tensors that take no part. Gradient descent with a rate
 * of 1 from 0: a step leaves minus the gradient that it used.
 */

#include <float.h>
#include <math.h>
#include <string.h>

#include "fixture.h"
#include "topics.h"

enum { kCount = 21 };

static float params[2][kCount];
static float grads[2][kCount];

/* "a" and "b" of floats in groups 0 and 1; their gradients are 0. */
static opt_optimizer floats(void) {
  const opt_optimizer optimizer = new_optimizer("gd");
  opt_tensor tensors[2];
  int32_t group = 0;
  memset(params, 0, sizeof params);
  memset(grads, 0, sizeof grads);
  CHECK_OK(opt_add_group(optimizer, &group));
  for (int i = 0; i < 2; ++i) {
    tensors[i] = tensor_of(i == 0 ? "a" : "b", params[i], grads[i], kCount);
    tensors[i].group = i;
  }
  CHECK_OK(opt_set(optimizer, OPT_ALL_GROUPS, OPT_LR, 1));
  CHECK_OK(opt_attach(optimizer, tensors, 2, NULL));
  return optimizer;
}

static opt_grad_work work_of(int32_t norm, double max_norm) {
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.norm = norm;
  work.max_norm = max_norm;
  return work;
}

static double group_norms[2];

/* What the work makes of the gradients, and a step with it. */
static opt_grad_report step_with(opt_optimizer optimizer,
                                 const opt_grad_work* work) {
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  opt_step_args args = OPT_STEP_ARGS_INIT;
  report.group_norms = group_norms;
  report.group_capacity = 2;
  args.work = work;
  args.report = &report;
  CHECK_OK(opt_step(optimizer, &args));
  return report;
}

static void a_norm_of_zero_clips_nothing(void) {
  for (int32_t norm = OPT_NORM_2; norm <= OPT_NORM_INF; ++norm) {
    const opt_optimizer optimizer = floats();
    opt_grad_work work = work_of(norm, 1);
    work.max_tensor_norm = 1;
    opt_grad_report report = step_with(optimizer, &work);
    CHECK(report.norm == 0 && report.factor == 1);
    CHECK(params[0][0] == 0 && params[1][kCount - 1] == 0);
    work.max_norm = 1e-300; /* 1e-6 keeps the quotient finite */
    report = step_with(optimizer, &work);
    CHECK(report.factor == 1e-300 / 1e-6);
    CHECK(params[0][0] == 0);
    CHECK_OK(opt_destroy(optimizer));
  }
}

static void a_norm_of_Inf_makes_the_factor_zero(void) {
  for (int32_t norm = OPT_NORM_2; norm <= OPT_NORM_INF; ++norm) {
    const opt_optimizer optimizer = floats();
    const opt_grad_work work = work_of(norm, 1);
    grads[0][0] = 5;
    grads[1][kCount - 1] = -INFINITY;
    const opt_grad_report report = step_with(optimizer, &work);
    CHECK(isinf(report.norm) && report.factor == 0);
    CHECK_EQ(report.nonfinite_tensor, 1);
    CHECK(group_norms[0] == 5 && isinf(group_norms[1]));
    CHECK(params[0][0] == 0);
    CHECK(isnan(params[1][kCount - 1])); /* 0 * Inf */
    CHECK_OK(opt_destroy(optimizer));
  }
}

/* What is left of it is 0 * Inf. */
static void an_Inf_that_a_tensors_own_norm_clips_makes_the_norm_NaN(void) {
  for (int32_t norm = OPT_NORM_2; norm <= OPT_NORM_INF; ++norm) {
    const opt_optimizer optimizer = floats();
    opt_grad_work work = work_of(norm, 1);
    work.max_tensor_norm = 1;
    grads[0][4] = INFINITY;
    grads[1][0] = 0.5F;
    const opt_grad_report report = step_with(optimizer, &work);
    CHECK(isnan(report.norm) && isnan(report.factor));
    CHECK(isnan(group_norms[0]) && group_norms[1] == 0.5);
    CHECK(isnan(params[0][4]));
    CHECK_OK(opt_destroy(optimizer));
  }
}

static void INFINITY_clips_no_finite_norm(void) {
  const opt_optimizer optimizer = floats();
  const opt_grad_work work = work_of(OPT_NORM_2, INFINITY);
  grads[0][0] = 3e38F;
  CHECK(step_with(optimizer, &work).factor == 1);
  CHECK(params[0][0] == -3e38F);
  grads[0][0] = INFINITY; /* as PyTorch's: Inf / Inf */
  CHECK(isnan(step_with(optimizer, &work).factor));
  CHECK_OK(opt_destroy(optimizer));
}

static void a_NaN_anywhere_makes_the_norm_NaN(void) {
  for (int32_t norm = OPT_NORM_2; norm <= OPT_NORM_INF; ++norm) {
    for (int at = 0; at < 2 * kCount; ++at) {
      const opt_optimizer optimizer = floats();
      const int tensor = at / kCount;
      opt_grad_work work = work_of(norm, 1);
      grads[0][3] = grads[1][3] = 5;
      grads[tensor][at % kCount] = NAN;
      work.max_value = at % 2 == 0 ? 0 : 2;
      work.flags = at % 3 == 0 ? OPT_CLIP_PER_GROUP : 0;
      const opt_grad_report report = step_with(optimizer, &work);
      CHECK(isnan(report.norm) && isnan(report.factor));
      CHECK(isnan(group_norms[tensor]) && !isnan(group_norms[1 - tensor]));
      CHECK(isnan(params[tensor][0]));
      CHECK(isnan(params[1 - tensor][3]) == (work.flags == 0));
      CHECK_EQ(report.nonfinite_tensor, tensor);
      CHECK_OK(opt_destroy(optimizer));
    }
  }
}

/* The smallest factor that is told is NaN if one is, in whichever group. */
static void a_NaN_in_either_group_is_in_the_factor_of_all(void) {
  for (int tensor = 0; tensor < 2; ++tensor) {
    const opt_optimizer optimizer = floats();
    opt_grad_work work = work_of(OPT_NORM_INF, 1);
    work.flags = OPT_CLIP_PER_GROUP;
    grads[tensor][0] = NAN;
    grads[1 - tensor][0] = 4;
    CHECK(isnan(step_with(optimizer, &work).factor));
    CHECK_OK(opt_destroy(optimizer));
  }
}

static void squares_beyond_floats_are_added_in_double(void) {
  const opt_optimizer optimizer = floats();
  const opt_grad_work work = work_of(OPT_NORM_2, 1);
  grads[0][0] = 3e30F;
  grads[1][kCount - 1] = -4e30F;
  const opt_grad_report report = step_with(optimizer, &work);
  CHECK(fabs(report.norm - 5e30) < 1e24);
  CHECK_EQ(report.nonfinite_tensor, -1);
  CHECK(fabsf(params[0][0] + 0.6F) < 1e-6F);
  CHECK(fabsf(params[1][kCount - 1] - 0.8F) < 1e-6F);
  CHECK_OK(opt_destroy(optimizer));
}

static void subnormal_gradients_have_a_norm(void) {
  const float smallest = FLT_MIN * FLT_EPSILON;
  const opt_optimizer optimizer = floats();
  opt_grad_work work = work_of(OPT_NORM_2, 1);
  grads[0][0] = 3 * smallest;
  grads[1][1] = 4 * smallest;
  opt_grad_report report = step_with(optimizer, &work);
  CHECK(report.norm == 5 * (double)smallest && report.factor == 1);
  CHECK(params[0][0] == -3 * smallest);
  work.norm = OPT_NORM_INF;
  CHECK(step_with(optimizer, &work).norm == 4 * (double)smallest);
  CHECK_OK(opt_destroy(optimizer));
}

static void the_infinity_norm_is_of_what_a_tensors_own_norm_leaves(void) {
  const opt_optimizer optimizer = floats();
  opt_grad_work work = work_of(OPT_NORM_INF, 1);
  grads[0][0] = 8;
  grads[1][0] = 0.5F;
  work.max_tensor_norm = 2;
  const opt_grad_report report = step_with(optimizer, &work);
  CHECK(fabs(report.norm - 2) < 1e-6 && fabs(group_norms[0] - 2) < 1e-6);
  CHECK(group_norms[1] == 0.5);
  CHECK(fabsf(params[0][0] + 1) < 1e-5F);
  CHECK_OK(opt_destroy(optimizer));
}

static void what_unscaling_makes_Inf_counts(void) {
  const opt_optimizer optimizer = floats();
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  opt_step_args args = OPT_STEP_ARGS_INIT;
  work.loss_scale = 0.5;
  work.nonfinite = OPT_NONFINITE_ERROR;
  args.work = &work;
  grads[1][kCount - 1] = 3e38F;
  CHECK_REFUSES(optimizer, opt_step(optimizer, &args), OPT_ERR_NONFINITE,
                "'b'");
  grads[1][kCount - 1] = 1e38F;
  CHECK_OK(opt_step(optimizer, &args));
  CHECK(params[1][kCount - 1] == -2e38F);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_sum_of_gradients_that_overflows_counts(void) {
  const opt_optimizer optimizer = floats();
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_info info = OPT_INFO_INIT;
  work.nonfinite = OPT_NONFINITE_SKIP;
  args.work = &work;
  grads[0][kCount - 1] = 3e38F;
  for (int i = 0; i < 2; ++i) CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_OK(opt_step(optimizer, &args));
  CHECK_OK(opt_get_info(optimizer, &info));
  CHECK_EQ(info.skipped, 1);
  CHECK(params[0][kCount - 1] == 0);
  CHECK_OK(opt_destroy(optimizer));
}

/* The gradient of a frozen tensor is not looked at, and not clipped. */
static void frozen_gradients_take_no_part(void) {
  for (int of_group = 0; of_group < 2; ++of_group) {
    const opt_optimizer optimizer = floats();
    opt_grad_work work = work_of(OPT_NORM_2, 1);
    opt_grad_args args = OPT_GRAD_ARGS_INIT;
    opt_grad_report report = OPT_GRAD_REPORT_INIT;
    grads[0][0] = 4;
    grads[1][0] = NAN;
    grads[1][1] = 9;
    CHECK_OK(of_group ? opt_set(optimizer, 1, OPT_FROZEN, 1)
                      : opt_set_tensor(optimizer, 1, OPT_TENSOR_FROZEN, 1));
    work.nonfinite = OPT_NONFINITE_ERROR;
    args.work = &work;
    CHECK_OK(opt_grad_norm(optimizer, &args, &report));
    CHECK(report.norm == 4);
    report = step_with(optimizer, &work);
    CHECK(report.norm == 4 && group_norms[1] == 0);
    CHECK(fabsf(params[0][0] + 1) < 1e-6F && params[1][1] == 0);
    CHECK_OK(opt_clip_grads(optimizer, &args, NULL));
    CHECK(grads[0][0] < 1.001F && grads[1][1] == 9);
    CHECK_OK(opt_destroy(optimizer));
  }
}

static void clip_by_value_keeps_NaN_and_clips_Inf(void) {
  const opt_optimizer optimizer = floats();
  opt_grad_work work = work_of(OPT_NORM_2, 0);
  work.max_value = 2;
  for (int i = 0; i + 2 < kCount; i += 3) {
    grads[0][i] = INFINITY;
    grads[0][i + 1] = -INFINITY;
    grads[0][i + 2] = NAN;
  }
  step_with(optimizer, &work);
  for (int i = 0; i + 2 < kCount; i += 3) {
    CHECK(params[0][i] == -2 && params[0][i + 1] == 2);
    CHECK(isnan(params[0][i + 2]));
  }
  CHECK_OK(opt_destroy(optimizer));
}

void clip_border_tests(void) {
  RUN(a_norm_of_zero_clips_nothing);
  RUN(a_norm_of_Inf_makes_the_factor_zero);
  RUN(an_Inf_that_a_tensors_own_norm_clips_makes_the_norm_NaN);
  RUN(INFINITY_clips_no_finite_norm);
  RUN(a_NaN_anywhere_makes_the_norm_NaN);
  RUN(a_NaN_in_either_group_is_in_the_factor_of_all);
  RUN(squares_beyond_floats_are_added_in_double);
  RUN(subnormal_gradients_have_a_norm);
  RUN(the_infinity_norm_is_of_what_a_tensors_own_norm_leaves);
  RUN(what_unscaling_makes_Inf_counts);
  RUN(a_sum_of_gradients_that_overflows_counts);
  RUN(frozen_gradients_take_no_part);
  RUN(clip_by_value_keeps_NaN_and_clips_Inf);
}
