/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Loss scale and clipping, in a step and in place. Gradient descent with a rate
 * of 1 from 0: a step leaves minus the gradient that it used.
 */

#include <math.h>
#include <string.h>

#include "fixture.h"
#include "topics.h"

enum { kTensors = 3, kCount = 1500 }; /* more than a block, and a tail */

typedef struct net {
  opt_optimizer optimizer;
  float params[kTensors][kCount];
  float grads[kTensors][kCount];
} net;

/* Tensors of group 0, 0 and 1. */
static void start(net* n) {
  opt_tensor tensors[kTensors];
  int32_t group = 0;
  memset(n->params, 0, sizeof n->params);
  n->optimizer = new_optimizer("gd");
  CHECK_OK(opt_set(n->optimizer, OPT_ALL_GROUPS, OPT_LR, 1));
  CHECK_OK(opt_add_group(n->optimizer, &group));
  for (int i = 0; i < kTensors; ++i) {
    fill(n->grads[i], kCount, (uint32_t)i + 1);
    tensors[i] = tensor_of(NULL, n->params[i], n->grads[i], kCount);
  }
  tensors[2].group = group;
  CHECK_OK(opt_attach(n->optimizer, tensors, kTensors, NULL));
}

static net used;    /* steps with work */
static net control; /* has the same done by hand, or in place */

static double norm_of(const float* grad) {
  double sum = 0;
  for (int i = 0; i < kCount; ++i) sum += (double)grad[i] * grad[i];
  return sqrt(sum);
}

static void step_with(const opt_grad_work* work) {
  opt_step_args args = OPT_STEP_ARGS_INIT;
  args.work = work;
  start(&used);
  CHECK_OK(opt_step(used.optimizer, &args));
  CHECK_OK(opt_destroy(used.optimizer));
}

/* Tensor `i` was stepped with factor * its gradient. */
static void check_factor(int i, double factor) {
  for (int k = 0; k < kCount; ++k) {
    const double expected = -factor * used.grads[i][k];
    if (fabs(used.params[i][k] - expected) > 1e-6 * fabs(expected)) {
      CHECK(used.params[i][k] == expected);
      return;
    }
  }
}

static void a_loss_scale_is_divided_out(void) {
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.loss_scale = 65536;
  step_with(&work);
  for (int i = 0; i < kTensors; ++i) check_factor(i, 1 / 65536.0);
}

static void each_tensor_is_clipped_by_its_own_norm(void) {
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.max_tensor_norm = 0.25;
  step_with(&work);
  for (int i = 0; i < kTensors; ++i) {
    check_factor(i, 0.25 / (norm_of(used.grads[i]) + 1e-6));
  }
}

static void all_tensors_are_clipped_by_the_norm_of_all(void) {
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.max_norm = 0.5;
  step_with(&work);
  const double a = norm_of(used.grads[0]);
  const double b = norm_of(used.grads[1]);
  const double c = norm_of(used.grads[2]);
  const double norm = sqrt(a * a + b * b + c * c);
  for (int i = 0; i < kTensors; ++i) check_factor(i, 0.5 / (norm + 1e-6));
}

static void a_group_may_be_clipped_by_its_own_norm(void) {
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.max_norm = 0.5;
  work.flags = OPT_CLIP_PER_GROUP;
  step_with(&work);
  const double a = norm_of(used.grads[0]);
  const double b = norm_of(used.grads[1]);
  const double c = norm_of(used.grads[2]);
  check_factor(0, 0.5 / (sqrt(a * a + b * b) + 1e-6));
  check_factor(1, 0.5 / (sqrt(a * a + b * b) + 1e-6));
  check_factor(2, 0.5 / (c + 1e-6));
}

static void small_gradients_are_left_as_they_are(void) {
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.max_value = 1;
  work.max_tensor_norm = work.max_norm = 1000;
  step_with(&work);
  for (int i = 0; i < kTensors; ++i) check_factor(i, 1);
}

static void each_element_is_clipped_to_the_largest_value(void) {
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.max_value = 0.25;
  step_with(&work);
  for (int i = 0; i < kTensors; ++i) {
    for (int k = 0; k < kCount; ++k) {
      const float g = used.grads[i][k];
      const float clipped = g > 0.25F ? 0.25F : g < -0.25F ? -0.25F : g;
      if (used.params[i][k] != -clipped) {
        CHECK(used.params[i][k] == -clipped);
        return;
      }
    }
  }
}

static const opt_grad_work kWorks[] = {
    {sizeof(opt_grad_work), 0, 4, 0, 0, 0, OPT_NORM_2, 0},
    {sizeof(opt_grad_work), 0, 4, 0.125, 0, 0, OPT_NORM_2, 0},
    {sizeof(opt_grad_work), 0, 0, 0, 2, 0, OPT_NORM_2, 0},
    {sizeof(opt_grad_work), 0, 3, 0, 0, 2, OPT_NORM_2, 0},
    {sizeof(opt_grad_work), 0, 3, 0.125, 1, 0.5, OPT_NORM_2, 0},
    {sizeof(opt_grad_work), 0, 0, 0, 0, 0.5, OPT_NORM_INF, 0},
    {sizeof(opt_grad_work), OPT_CLIP_PER_GROUP, 3, 0.125, 1, 0.5, OPT_NORM_INF,
     OPT_NONFINITE_SKIP},
};

static void work_in_place_and_a_step_are_the_step_with_the_work(void) {
  for (int64_t i = 0; i < COUNT_OF(kWorks); ++i) {
    opt_grad_report before = OPT_GRAD_REPORT_INIT;
    opt_grad_report in_place = OPT_GRAD_REPORT_INIT;
    opt_grad_args args = OPT_GRAD_ARGS_INIT;
    args.work = &kWorks[i];
    start(&control);
    CHECK_OK(opt_grad_norm(control.optimizer, &args, &before));
    CHECK_OK(opt_clip_grads(control.optimizer, &args, &in_place));
    CHECK_OK(opt_step(control.optimizer, NULL));
    CHECK_OK(opt_destroy(control.optimizer));
    step_with(&kWorks[i]);
    CHECK(memcmp(used.params, control.params, sizeof used.params) == 0);
    CHECK(memcmp(used.grads, control.grads, sizeof used.grads) != 0);
    CHECK(memcmp(&before, &in_place, sizeof before) == 0);
  }
}

static void work_that_is_none_writes_nothing(void) {
  opt_grad_args args = OPT_GRAD_ARGS_INIT;
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  start(&used);
  const uint64_t before = snapshot(used.optimizer);
  CHECK_OK(opt_clip_grads(used.optimizer, NULL, NULL));
  work.max_norm = 1000;
  args.work = &work;
  CHECK_OK(opt_clip_grads(used.optimizer, &args, NULL));
  CHECK(snapshot(used.optimizer) == before);
  CHECK_OK(opt_destroy(used.optimizer));
}

static void the_mean_of_accumulated_gradients_is_worked_on(void) {
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  work.loss_scale = 2;
  work.max_value = 0.25;
  args.work = &work;
  args.report = &report;
  step_with(&work);
  start(&control);
  for (int i = 0; i < 4; ++i) CHECK_OK(opt_accumulate(control.optimizer, NULL));
  CHECK_OK(opt_step(control.optimizer, &args));
  CHECK(memcmp(used.params, control.params, sizeof used.params) == 0);
  CHECK(report.norm > 0);
  CHECK_OK(opt_destroy(control.optimizer));
}

static void gradients_are_zeroed_after_they_were_used(void) {
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.max_value = 0.25;
  work.max_norm = 1;
  step_with(&work);
  args.work = &work;
  args.flags = OPT_ZERO_GRADS;
  start(&control);
  CHECK_OK(opt_step(control.optimizer, &args));
  CHECK(memcmp(used.params, control.params, sizeof used.params) == 0);
  for (int i = 0; i < kTensors; ++i) CHECK(norm_of(control.grads[i]) == 0);
  CHECK_OK(opt_destroy(control.optimizer));
}

static void work_out_of_its_range_is_refused(void) {
  static const struct {
    opt_grad_work work;
    const char* field;
  } kBad[] = {
      {{sizeof(opt_grad_work), 2, 0, 0, 0, 0, 0, 0}, "flags"},
      {{sizeof(opt_grad_work), 0, -1, 0, 0, 0, 0, 0}, "loss_scale"},
      {{sizeof(opt_grad_work), 0, NAN, 0, 0, 0, 0, 0}, "loss_scale"},
      {{sizeof(opt_grad_work), 0, INFINITY, 0, 0, 0, 0, 0}, "loss_scale"},
      {{sizeof(opt_grad_work), 0, 1e-309, 0, 0, 0, 0, 0}, "loss_scale"},
      {{sizeof(opt_grad_work), 0, 1e-39, 0, 0, 0, 0, 0}, "loss_scale"},
      {{sizeof(opt_grad_work), 0, 1e46, 0, 0, 0, 0, 0}, "loss_scale"},
      {{sizeof(opt_grad_work), 0, 0, -1, 0, 0, 0, 0}, "max_value"},
      {{sizeof(opt_grad_work), 0, 0, NAN, 0, 0, 0, 0}, "max_value"},
      {{sizeof(opt_grad_work), 0, 0, 0, -1, 0, 0, 0}, "max_tensor_norm"},
      {{sizeof(opt_grad_work), 0, 0, 0, 0, -INFINITY, 0, 0}, "max_norm"},
      {{sizeof(opt_grad_work), 0, 0, 0, 0, NAN, 0, 0}, "max_norm"},
      {{sizeof(opt_grad_work), 0, 0, 0, 0, 0, 2, 0}, "norm"},
      {{sizeof(opt_grad_work), 0, 0, 0, 0, 0, -1, 0}, "norm"},
      {{sizeof(opt_grad_work), 0, 0, 0, 0, 0, 0, 3}, "nonfinite"},
  };
  start(&used);
  for (int64_t i = 0; i < COUNT_OF(kBad); ++i) {
    opt_step_args step = OPT_STEP_ARGS_INIT;
    opt_grad_args args = OPT_GRAD_ARGS_INIT;
    opt_grad_report report = OPT_GRAD_REPORT_INIT;
    step.work = args.work = &kBad[i].work;
    CHECK_REFUSES(used.optimizer, opt_step(used.optimizer, &step),
                  OPT_ERR_ARGUMENT, kBad[i].field);
    CHECK_REFUSES(used.optimizer, opt_grad_norm(used.optimizer, &args, &report),
                  OPT_ERR_ARGUMENT, kBad[i].field);
    CHECK_REFUSES(used.optimizer, opt_clip_grads(used.optimizer, &args, NULL),
                  OPT_ERR_ARGUMENT, kBad[i].field);
  }
  CHECK_OK(opt_destroy(used.optimizer));
}

static void clipping_in_place_waits_for_no_accumulation_and_no_scaler(void) {
  opt_grad_args args = OPT_GRAD_ARGS_INIT;
  start(&used);
  args.flags = OPT_SUM;
  CHECK_REFUSES(used.optimizer, opt_clip_grads(used.optimizer, &args, NULL),
                OPT_ERR_ARGUMENT, "flags");
  CHECK_OK(opt_accumulate(used.optimizer, NULL));
  CHECK_REFUSES(used.optimizer, opt_clip_grads(used.optimizer, NULL, NULL),
                OPT_ERR_STATE, "accumulated");
  CHECK_OK(opt_discard(used.optimizer));
  CHECK_OK(opt_scaler_start(used.optimizer, NULL));
  CHECK_REFUSES(used.optimizer, opt_clip_grads(used.optimizer, NULL, NULL),
                OPT_ERR_STATE, "scaler");
  CHECK_OK(opt_destroy(used.optimizer));
}

void clip_tests(void) {
  RUN(a_loss_scale_is_divided_out);
  RUN(each_tensor_is_clipped_by_its_own_norm);
  RUN(all_tensors_are_clipped_by_the_norm_of_all);
  RUN(a_group_may_be_clipped_by_its_own_norm);
  RUN(small_gradients_are_left_as_they_are);
  RUN(each_element_is_clipped_to_the_largest_value);
  RUN(work_in_place_and_a_step_are_the_step_with_the_work);
  RUN(work_that_is_none_writes_nothing);
  RUN(the_mean_of_accumulated_gradients_is_worked_on);
  RUN(gradients_are_zeroed_after_they_were_used);
  RUN(work_out_of_its_range_is_refused);
  RUN(clipping_in_place_waits_for_no_accumulation_and_no_scaler);
}
