/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Norms of doubles, whose squares overflow or vanish in a sum of doubles.
 * Gradient descent with a rate of 1 from 0: a step leaves minus the gradient
 * that it used.
 */

#include <math.h>
#include <string.h>

#include "fixture.h"
#include "topics.h"

enum { kCount = 21 };

static double params[kCount];
static double grads[kCount];

/* One tensor of doubles. */
static opt_optimizer attached(void) {
  const opt_optimizer optimizer = new_optimizer("gd");
  opt_tensor tensor = tensor_of("w", NULL, NULL, kCount);
  tensor.param_dtype = tensor.grad_dtype = OPT_F64;
  tensor.param = params;
  tensor.grad = grads;
  memset(params, 0, sizeof params);
  memset(grads, 0, sizeof grads);
  CHECK_OK(opt_set(optimizer, OPT_ALL_GROUPS, OPT_LR, 1));
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  return optimizer;
}

static opt_grad_report step_with(opt_optimizer optimizer,
                                 const opt_grad_work* work) {
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  opt_step_args args = OPT_STEP_ARGS_INIT;
  args.work = work;
  args.report = &report;
  CHECK_OK(opt_step(optimizer, &args));
  return report;
}

static void squares_beyond_doubles_are_a_norm_of_Inf_or_zero(void) {
  const opt_optimizer optimizer = attached();
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.max_norm = 1;
  grads[kCount - 1] = 1e300;
  opt_grad_report report = step_with(optimizer, &work);
  CHECK(isinf(report.norm) && report.factor == 0);
  CHECK_EQ(report.nonfinite_tensor, -1);
  CHECK(params[kCount - 1] == 0);
  work.norm = OPT_NORM_INF;
  report = step_with(optimizer, &work);
  CHECK(report.norm == 1e300 && report.factor == 1 / 1e300);
  CHECK(fabs(params[kCount - 1] + 1) < 1e-15);
  work.norm = OPT_NORM_2;
  grads[kCount - 1] = 1e-300;
  report = step_with(optimizer, &work);
  CHECK(report.norm == 0 && report.factor == 1);
  CHECK_OK(opt_destroy(optimizer));
}

/* A tensor whose squares overflow is clipped to 0, and counts as that. */
static void what_a_tensors_own_norm_clips_to_zero_has_the_norm_zero(void) {
  const opt_optimizer optimizer = attached();
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.max_norm = 1;
  grads[2] = 1e300;
  work.max_tensor_norm = 1;
  const opt_grad_report report = step_with(optimizer, &work);
  CHECK(report.norm == 0 && report.factor == 1);
  CHECK(params[2] == 0);
  CHECK_OK(opt_destroy(optimizer));
}

void clip_f64_tests(void) {
  RUN(squares_beyond_doubles_are_a_norm_of_Inf_or_zero);
  RUN(what_a_tensors_own_norm_clips_to_zero_has_the_norm_zero);
}
