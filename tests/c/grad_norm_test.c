/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Norms of gradients: of which, and that asking changes nothing.
 */

#include <math.h>
#include <stdlib.h>

#include "fixture.h"

static const double kNorm = 13; /* of 3, 4 and 12, one in each tensor */

/* Tensors "a", "b" and "c" of groups 0, 0 and 1; group 2 has none. */
static opt_optimizer attached_in_groups(void) {
  const opt_optimizer optimizer = descent(2);
  int32_t empty = 0;
  attach_in_new_group(optimizer, 2);
  CHECK_OK(opt_add_group(optimizer, NULL, NULL, 0, &empty));
  grads[0][0] = 3;
  grads[1][1] = -4;
  grads[2][2] = 12;
  return optimizer;
}

static opt_grad_report measured(opt_optimizer optimizer,
                                const opt_grad_work* work) {
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  opt_grad_args args = OPT_GRAD_ARGS_INIT;
  args.work = work;
  CHECK_OK(opt_grad_norm(optimizer, &args, &report));
  return report;
}

static void the_2_norm_is_over_all_tensors(void) {
  const opt_optimizer optimizer = attached_in_groups();
  const opt_grad_report report = measured(optimizer, NULL);
  CHECK(report.norm == kNorm);
  CHECK(report.factor == 1);
  CHECK_EQ(report.nonfinite_tensor, -1);
  CHECK_EQ(report.skipped, 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void the_infinity_norm_is_the_largest_absolute_value(void) {
  const opt_optimizer optimizer = attached_in_groups();
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.norm = OPT_NORM_INF;
  CHECK(measured(optimizer, &work).norm == 12);
  grads[1][1] = -40;
  CHECK(measured(optimizer, &work).norm == 40);
  CHECK_OK(opt_destroy(optimizer));
}

static void each_group_has_its_norm(void) {
  const opt_optimizer optimizer = attached_in_groups();
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  double norms[4] = {-1, -1, -1, -1};
  report.group_norms = norms;
  report.group_capacity = 4;
  CHECK_OK(opt_grad_norm(optimizer, NULL, &report));
  CHECK(norms[0] == 5 && norms[1] == 12 && norms[2] == 0 && norms[3] == -1);
  CHECK(report.group_norms == norms);
  report.group_capacity = 2;
  CHECK_REFUSES(optimizer, opt_grad_norm(optimizer, NULL, &report),
                OPT_ERR_ARGUMENT, "group_capacity");
  CHECK_OK(opt_destroy(optimizer));
}

static void the_work_before_max_norm_is_in_the_norm(void) {
  const opt_optimizer optimizer = attached_in_groups();
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.loss_scale = 2;
  CHECK(measured(optimizer, &work).norm == kNorm / 2);
  work.max_value = 2;
  CHECK(fabs(measured(optimizer, &work).norm - sqrt(1.5 * 1.5 + 4 + 4)) < 1e-6);
  work.norm = OPT_NORM_INF;
  CHECK(measured(optimizer, &work).norm == 2);
  work.norm = OPT_NORM_2;
  work.max_value = 0;
  work.max_tensor_norm = 2;
  CHECK(fabs(measured(optimizer, &work).norm - sqrt(1.5 * 1.5 + 4 + 4)) < 1e-5);
  CHECK_OK(opt_destroy(optimizer));
}

static void the_factor_of_max_norm_is_told(void) {
  const opt_optimizer optimizer = attached_in_groups();
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.max_norm = 6.5;
  CHECK(measured(optimizer, &work).factor == 6.5 / (kNorm + 1e-6));
  work.flags = OPT_GRAD_WORK_CLIP_PER_GROUP;
  CHECK(measured(optimizer, &work).factor == 6.5 / (12 + 1e-6));
  work.max_norm = 100;
  CHECK(measured(optimizer, &work).factor == 1);
  work.max_norm = INFINITY;
  CHECK(measured(optimizer, &work).factor == 1);
  CHECK_OK(opt_destroy(optimizer));
}

static void lent_gradients_are_measured_and_absent_ones_left_out(void) {
  const opt_optimizer optimizer = attached_in_groups();
  float lent[kCount] = {0, 0, 0, 7};
  void* const arrays[3] = {NULL, lent, NULL};
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  opt_grad_args args = OPT_GRAD_ARGS_INIT;
  opt_lent buffers = OPT_LENT_INIT;
  args.lent = &buffers;
  buffers.grads = arrays;
  buffers.count = 3;
  CHECK_OK(opt_grad_norm(optimizer, &args, &report));
  CHECK(report.norm == 7);
  buffers.count = 2;
  CHECK_REFUSES(optimizer, opt_grad_norm(optimizer, &args, &report),
                OPT_ERR_ARGUMENT, "index_count");
  CHECK_OK(opt_destroy(optimizer));
}

static void accumulated_gradients_are_measured_as_a_step_would_use_them(void) {
  const opt_optimizer optimizer = attached_in_groups();
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  opt_grad_args args = OPT_GRAD_ARGS_INIT;
  opt_lent buffers = OPT_LENT_INIT;
  void* const arrays[3] = {grads[0], grads[1], grads[2]};
  for (int i = 0; i < 4; ++i) CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_OK(opt_grad_norm(optimizer, NULL, &report));
  CHECK(report.norm == kNorm);
  args.flags = OPT_GRAD_SUM;
  CHECK_OK(opt_grad_norm(optimizer, &args, &report));
  CHECK(report.norm == 4 * kNorm);
  args.lent = &buffers;
  buffers.grads = arrays;
  buffers.count = 3;
  CHECK_REFUSES(optimizer, opt_grad_norm(optimizer, &args, &report),
                OPT_ERR_STATE, "opt_discard");
  CHECK_OK(opt_destroy(optimizer));
}

static void without_gradients_the_norm_is_zero(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  const opt_tensor tensors[2] = {tensor_of("a", params[0], NULL, 4),
                                 tensor_of("b", NULL, grads[0], 0)};
  CHECK(measured(optimizer, NULL).norm == 0);
  CHECK_OK(opt_attach(optimizer, tensors, 2, NULL));
  CHECK(measured(optimizer, NULL).norm == 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void asking_changes_nothing(void) {
  const opt_optimizer optimizer = attached_in_groups();
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.loss_scale = 8;
  work.max_value = work.max_tensor_norm = work.max_norm = 0.5;
  const uint64_t before = snapshot(optimizer);
  measured(optimizer, &work);
  CHECK(snapshot(optimizer) == before);
  CHECK_OK(opt_destroy(optimizer));
}

static void an_unknown_flag_is_refused(void) {
  const opt_optimizer optimizer = attached_in_groups();
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  opt_grad_args args = OPT_GRAD_ARGS_INIT;
  args.flags = 2;
  CHECK_REFUSES(optimizer, opt_grad_norm(optimizer, &args, &report),
                OPT_ERR_ARGUMENT, "flags");
  CHECK_OK(opt_destroy(optimizer));
}

void grad_norm_tests(void) {
  RUN(the_2_norm_is_over_all_tensors);
  RUN(the_infinity_norm_is_the_largest_absolute_value);
  RUN(each_group_has_its_norm);
  RUN(the_work_before_max_norm_is_in_the_norm);
  RUN(the_factor_of_max_norm_is_told);
  RUN(lent_gradients_are_measured_and_absent_ones_left_out);
  RUN(accumulated_gradients_are_measured_as_a_step_would_use_them);
  RUN(without_gradients_the_norm_is_zero);
  RUN(asking_changes_nothing);
  RUN(an_unknown_flag_is_refused);
}
