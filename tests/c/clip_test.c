/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Loss scale and clipping, in a step and in place; and where numbers end: norms
 * of 0, Inf and NaN, squares that overflow, tensors that take no part. All by
 * gradient descent with a rate of 1 from 0: a step leaves minus the gradient
 * that it used.
 */

#include <float.h>
#include <math.h>
#include <string.h>

#include "fixture.h"

enum { kLong = 1500 }; /* more than a block, and a tail */

/* Long tensors, of group 0, 0 and 1. */
typedef struct net {
  opt_optimizer optimizer;
  float params[kTensors][kLong];
  float grads[kTensors][kLong];
} net;

static void start(net* n) {
  opt_tensor tensors[kTensors];
  memset(n->params, 0, sizeof n->params);
  n->optimizer = descent(0);
  for (int i = 0; i < kTensors; ++i) {
    fill(n->grads[i], kLong, (uint32_t)i + 1);
    tensors[i] = tensor_of(NULL, n->params[i], n->grads[i], kLong);
  }
  CHECK_OK(opt_add_group(n->optimizer, NULL, NULL, 0, &tensors[2].group));
  CHECK_OK(opt_attach(n->optimizer, tensors, kTensors, NULL));
}

static net used;    /* steps with work */
static net control; /* has the same done by hand, or in place */

static double norm_of(const float* grad) {
  double sum = 0;
  for (int i = 0; i < kLong; ++i) sum += (double)grad[i] * grad[i];
  return sqrt(sum);
}

static void step_net(const opt_grad_work* work) {
  opt_step_args args = OPT_STEP_ARGS_INIT;
  args.work = work;
  start(&used);
  CHECK_OK(opt_step(used.optimizer, &args));
  CHECK_OK(opt_destroy(used.optimizer));
}

/* Tensor `i` was stepped with factor * its gradient. */
static void check_factor(int i, double factor) {
  for (int k = 0; k < kLong; ++k) {
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
  step_net(&work);
  for (int i = 0; i < kTensors; ++i) check_factor(i, 1 / 65536.0);
}

static void each_tensor_is_clipped_by_its_own_norm(void) {
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.max_tensor_norm = 0.25;
  step_net(&work);
  for (int i = 0; i < kTensors; ++i) {
    check_factor(i, 0.25 / (norm_of(used.grads[i]) + 1e-6));
  }
}

static void all_tensors_are_clipped_by_the_norm_of_all(void) {
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.max_norm = 0.5;
  step_net(&work);
  const double a = norm_of(used.grads[0]);
  const double b = norm_of(used.grads[1]);
  const double c = norm_of(used.grads[2]);
  const double norm = sqrt(a * a + b * b + c * c);
  for (int i = 0; i < kTensors; ++i) check_factor(i, 0.5 / (norm + 1e-6));
}

static void a_group_may_be_clipped_by_its_own_norm(void) {
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.max_norm = 0.5;
  work.flags = OPT_GRAD_WORK_CLIP_PER_GROUP;
  step_net(&work);
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
  step_net(&work);
  for (int i = 0; i < kTensors; ++i) check_factor(i, 1);
}

static void each_element_is_clipped_to_the_largest_value(void) {
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.max_value = 0.25;
  step_net(&work);
  for (int i = 0; i < kTensors; ++i) {
    for (int k = 0; k < kLong; ++k) {
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
    {sizeof(opt_grad_work), OPT_GRAD_WORK_CLIP_PER_GROUP, 3, 0.125, 1, 0.5,
     OPT_NORM_INF, OPT_NONFINITE_SKIP},
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
    step_net(&kWorks[i]);
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
  step_net(&work);
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
  step_net(&work);
  args.work = &work;
  args.flags = OPT_STEP_ZERO_GRADS;
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
  args.flags = OPT_STEP_SUM;
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

/* Tensors "a" and "b" in groups 0 and 1. */
static opt_optimizer descent_in_groups(void) {
  const opt_optimizer optimizer = descent(1);
  attach_in_new_group(optimizer, 1);
  return optimizer;
}

static opt_grad_work work_of(int32_t norm, double max_norm) {
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.norm = norm;
  work.max_norm = max_norm;
  return work;
}

static double group_norms[2];

/* Steps with this work and returns the report. */
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
    const opt_optimizer optimizer = descent_in_groups();
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
    const opt_optimizer optimizer = descent_in_groups();
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

/* The rest of it is 0 * Inf. */
static void an_Inf_that_a_tensors_own_norm_clips_makes_the_norm_NaN(void) {
  for (int32_t norm = OPT_NORM_2; norm <= OPT_NORM_INF; ++norm) {
    const opt_optimizer optimizer = descent_in_groups();
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
  const opt_optimizer optimizer = descent_in_groups();
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
      const opt_optimizer optimizer = descent_in_groups();
      const int tensor = at / kCount;
      opt_grad_work work = work_of(norm, 1);
      grads[0][3] = grads[1][3] = 5;
      grads[tensor][at % kCount] = NAN;
      work.max_value = at % 2 == 0 ? 0 : 2;
      work.flags = at % 3 == 0 ? OPT_GRAD_WORK_CLIP_PER_GROUP : 0;
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
    const opt_optimizer optimizer = descent_in_groups();
    opt_grad_work work = work_of(OPT_NORM_INF, 1);
    work.flags = OPT_GRAD_WORK_CLIP_PER_GROUP;
    grads[tensor][0] = NAN;
    grads[1 - tensor][0] = 4;
    CHECK(isnan(step_with(optimizer, &work).factor));
    CHECK_OK(opt_destroy(optimizer));
  }
}

static void squares_beyond_floats_are_added_in_double(void) {
  const opt_optimizer optimizer = descent_in_groups();
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
  const opt_optimizer optimizer = descent_in_groups();
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
  const opt_optimizer optimizer = descent_in_groups();
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
  const opt_optimizer optimizer = descent_in_groups();
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
  const opt_optimizer optimizer = descent_in_groups();
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  opt_step_args args = OPT_STEP_ARGS_INIT;
  work.nonfinite = OPT_NONFINITE_SKIP;
  args.work = &work;
  grads[0][kCount - 1] = 3e38F;
  for (int i = 0; i < 2; ++i) CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_OK(opt_step(optimizer, &args));
  CHECK_EQ(info_of(optimizer).skipped, 1);
  CHECK(params[0][kCount - 1] == 0);
  CHECK_OK(opt_destroy(optimizer));
}

/* The gradient of a frozen tensor is not looked at, and not clipped. */
static void frozen_gradients_take_no_part(void) {
  for (int of_group = 0; of_group < 2; ++of_group) {
    const opt_optimizer optimizer = descent_in_groups();
    opt_grad_work work = work_of(OPT_NORM_2, 1);
    opt_grad_args args = OPT_GRAD_ARGS_INIT;
    opt_grad_report report = OPT_GRAD_REPORT_INIT;
    grads[0][0] = 4;
    grads[1][0] = NAN;
    grads[1][1] = 9;
    CHECK_OK(of_group ? opt_set(optimizer, 1, OPT_FROZEN, 1)
                      : opt_set_attribute(optimizer, 1, OPT_TENSOR_FROZEN, 1));
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
  const opt_optimizer optimizer = descent_in_groups();
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

/* One tensor of doubles. */
static opt_optimizer wide_descent(void) {
  const opt_optimizer optimizer = descent(0);
  const opt_tensor tensor = wide_tensor("w");
  memset(wide_params, 0, sizeof wide_params);
  memset(wide_grads, 0, sizeof wide_grads);
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  return optimizer;
}

static void squares_beyond_doubles_are_a_norm_of_Inf_or_zero(void) {
  const opt_optimizer optimizer = wide_descent();
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.max_norm = 1;
  wide_grads[kCount - 1] = 1e300;
  opt_grad_report report = step_with(optimizer, &work);
  CHECK(isinf(report.norm) && report.factor == 0);
  CHECK_EQ(report.nonfinite_tensor, -1);
  CHECK(wide_params[kCount - 1] == 0);
  work.norm = OPT_NORM_INF;
  report = step_with(optimizer, &work);
  CHECK(report.norm == 1e300 && report.factor == 1 / 1e300);
  CHECK(fabs(wide_params[kCount - 1] + 1) < 1e-15);
  work.norm = OPT_NORM_2;
  wide_grads[kCount - 1] = 1e-300;
  report = step_with(optimizer, &work);
  CHECK(report.norm == 0 && report.factor == 1);
  CHECK_OK(opt_destroy(optimizer));
}

/* A tensor whose squares overflow is clipped to 0, and counts as that. */
static void what_a_tensors_own_norm_clips_to_zero_has_the_norm_zero(void) {
  const opt_optimizer optimizer = wide_descent();
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  work.max_norm = 1;
  wide_grads[2] = 1e300;
  work.max_tensor_norm = 1;
  const opt_grad_report report = step_with(optimizer, &work);
  CHECK(report.norm == 0 && report.factor == 1);
  CHECK(wide_params[2] == 0);
  CHECK_OK(opt_destroy(optimizer));
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
  RUN(squares_beyond_doubles_are_a_norm_of_Inf_or_zero);
  RUN(what_a_tensors_own_norm_clips_to_zero_has_the_norm_zero);
}
