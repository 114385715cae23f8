/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The dynamic loss scale, against the table of states that follows from
 * torch.cuda.amp.GradScaler.
 */

#include <float.h>
#include <math.h>
#include <string.h>

#include "fixture.h"

static opt_scaler_info scaler_of(opt_optimizer optimizer) {
  opt_scaler_info info = OPT_SCALER_INFO_INIT;
  CHECK_OK(opt_scaler_get_info(optimizer, &info));
  return info;
}

/* Steps with a gradient of 1 on every weight, scaled, or with an Inf. */
static void step(opt_optimizer optimizer, int finite) {
  const opt_scaler_info info = scaler_of(optimizer);
  for (int i = 0; i < kCount; ++i) grads[0][i] = (float)info.scale;
  if (!finite) grads[0][2] = INFINITY;
  CHECK_OK(opt_step(optimizer, NULL));
}

static void the_defaults_are_those_of_GradScaler(void) {
  const opt_optimizer optimizer = descent(1);
  CHECK_EQ(scaler_of(optimizer).active, 0);
  CHECK(scaler_of(optimizer).scale == 0);
  CHECK_OK(opt_scaler_start(optimizer, NULL));
  const opt_scaler_info info = scaler_of(optimizer);
  CHECK_EQ(info.active, 1);
  CHECK(info.scale == 65536);
  CHECK(info.growth_factor == 2);
  CHECK(info.backoff_factor == 0.5);
  CHECK_EQ(info.growth_interval, 2000);
  CHECK_EQ(info.good_steps, 0);
  CHECK_EQ(info.skipped, 0);
  CHECK_OK(opt_destroy(optimizer));
}

static void the_scale_follows_the_table_of_GradScaler(void) {
  static const struct {
    int finite;
    double scale; /* after the step */
    int64_t good_steps;
    int64_t skipped;
  } kTable[] = {
      {1, 1024, 1, 0}, {1, 1024, 2, 0}, {1, 4096, 0, 0}, {1, 4096, 1, 0},
      {0, 1024, 0, 1}, {0, 256, 0, 2},  {1, 256, 1, 2},  {1, 256, 2, 2},
      {0, 64, 0, 3},   {1, 64, 1, 3},   {1, 64, 2, 3},   {1, 256, 0, 3},
      {1, 256, 1, 3},
  };
  const opt_optimizer optimizer = descent(1);
  opt_scaler_config config = OPT_SCALER_CONFIG_INIT;
  int64_t steps = 0;
  config.initial_scale = 1024;
  config.growth_factor = 4;
  config.backoff_factor = 0.25;
  config.growth_interval = 3;
  CHECK_OK(opt_scaler_start(optimizer, &config));
  for (int64_t i = 0; i < COUNT_OF(kTable); ++i) {
    step(optimizer, kTable[i].finite);
    steps += kTable[i].finite;
    const opt_scaler_info scaler = scaler_of(optimizer);
    CHECK(scaler.scale == kTable[i].scale);
    CHECK_EQ(scaler.good_steps, kTable[i].good_steps);
    CHECK_EQ(scaler.skipped, kTable[i].skipped);
    CHECK_EQ(info_of(optimizer).steps, steps);
    CHECK_EQ(info_of(optimizer).skipped, kTable[i].skipped);
    CHECK_EQ(step_of(optimizer, 0), steps);
    CHECK(params[0][0] == -(float)steps && params[0][2] == params[0][0]);
  }
  CHECK_OK(opt_destroy(optimizer));
}

static void the_scale_is_an_f32_that_stays_normal(void) {
  const opt_optimizer optimizer = descent(1);
  opt_scaler_config config = OPT_SCALER_CONFIG_INIT;
  config.growth_interval = 1;
  config.initial_scale = 3e38;
  CHECK_OK(opt_scaler_start(optimizer, &config));
  step(optimizer, 1);
  CHECK(scaler_of(optimizer).scale == 3e38F);
  CHECK_EQ(scaler_of(optimizer).good_steps, 0);
  config.initial_scale = FLT_MIN;
  CHECK_OK(opt_scaler_start(optimizer, &config));
  step(optimizer, 0);
  CHECK(scaler_of(optimizer).scale == FLT_MIN);
  config.initial_scale = 1;
  config.growth_factor = 1.1;
  CHECK_OK(opt_scaler_start(optimizer, &config));
  for (int i = 0; i < 2; ++i) step(optimizer, 1);
  CHECK(scaler_of(optimizer).scale == (float)((double)(float)1.1 * 1.1));
  CHECK_OK(opt_destroy(optimizer));
}

static void the_scaler_divides_what_is_clipped_and_reported(void) {
  const opt_optimizer optimizer = descent(1);
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  opt_grad_report report = OPT_GRAD_REPORT_INIT;
  CHECK_OK(opt_scaler_start(optimizer, NULL));
  memset(grads[0], 0, sizeof grads[0]);
  grads[0][2] = 65536 * 8;
  CHECK_OK(opt_grad_norm(optimizer, NULL, &report));
  CHECK(report.norm == 8);
  work.max_norm = 4;
  args.work = &work;
  args.report = &report;
  CHECK_OK(opt_step(optimizer, &args));
  CHECK(report.norm == 8);
  CHECK(fabsf(params[0][2] + 4) < 1e-5F);
  grads[0][1] = NAN;
  CHECK_OK(opt_grad_norm(optimizer, NULL, &report));
  CHECK_EQ(report.skipped, 1);
  CHECK_OK(opt_destroy(optimizer));
}

static void accumulated_gradients_are_divided_too(void) {
  const opt_optimizer optimizer = descent(1);
  CHECK_OK(opt_scaler_start(optimizer, NULL));
  for (int i = 0; i < kCount; ++i) grads[0][i] = 65536 * 3;
  CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(params[0][0] == -3);
  grads[0][0] = INFINITY;
  CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(params[0][0] == -3);
  CHECK(scaler_of(optimizer).scale == 32768);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_failed_step_leaves_the_scale(void) {
  const opt_optimizer optimizer = descent(1);
  opt_step_args args = OPT_STEP_ARGS_INIT;
  opt_grad_work work = OPT_GRAD_WORK_INIT;
  CHECK_OK(opt_scaler_start(optimizer, NULL));
  args.work = &work;
  work.loss_scale = 2;
  CHECK_REFUSES(optimizer, opt_step(optimizer, &args), OPT_ERR_ARGUMENT,
                "loss_scale");
  work.loss_scale = 0;
  work.nonfinite = OPT_NONFINITE_ERROR;
  CHECK_REFUSES(optimizer, opt_step(optimizer, &args), OPT_ERR_ARGUMENT,
                "nonfinite");
  CHECK_OK(opt_destroy(optimizer));
}

static void a_bad_configuration_is_refused(void) {
  static const struct {
    opt_scaler_config config;
    const char* field;
  } kBad[] = {
      {{sizeof(opt_scaler_config), 1, 0, 0, 0, 0}, "flags"},
      {{sizeof(opt_scaler_config), 0, -1, 0, 0, 0}, "scale"},
      {{sizeof(opt_scaler_config), 0, NAN, 0, 0, 0}, "scale"},
      {{sizeof(opt_scaler_config), 0, INFINITY, 0, 0, 0}, "scale"},
      {{sizeof(opt_scaler_config), 0, 1e39, 0, 0, 0}, "scale"},
      {{sizeof(opt_scaler_config), 0, 1e-40, 0, 0, 0}, "scale"},
      {{sizeof(opt_scaler_config), 0, 0, 1, 0, 0}, "growth_factor"},
      {{sizeof(opt_scaler_config), 0, 0, NAN, 0, 0}, "growth_factor"},
      {{sizeof(opt_scaler_config), 0, 0, INFINITY, 0, 0}, "growth_factor"},
      {{sizeof(opt_scaler_config), 0, 0, 0, 1, 0}, "backoff_factor"},
      {{sizeof(opt_scaler_config), 0, 0, 0, -0.5, 0}, "backoff_factor"},
      {{sizeof(opt_scaler_config), 0, 0, 0, NAN, 0}, "backoff_factor"},
      {{sizeof(opt_scaler_config), 0, 0, 0, 0, -1}, "growth_interval"},
  };
  const opt_optimizer optimizer = descent(1);
  CHECK_OK(opt_scaler_start(optimizer, NULL));
  step(optimizer, 0);
  for (int64_t i = 0; i < COUNT_OF(kBad); ++i) {
    CHECK_REFUSES(optimizer, opt_scaler_start(optimizer, &kBad[i].config),
                  OPT_ERR_ARGUMENT, kBad[i].field);
  }
  CHECK_OK(opt_destroy(optimizer));
}

static void without_the_scaler_steps_are_as_before(void) {
  const opt_optimizer optimizer = descent(1);
  CHECK_OK(opt_scaler_stop(optimizer));
  CHECK_OK(opt_scaler_start(optimizer, NULL));
  step(optimizer, 0);
  CHECK_OK(opt_scaler_stop(optimizer));
  CHECK_EQ(scaler_of(optimizer).active, 0);
  CHECK_EQ(scaler_of(optimizer).skipped, 0);
  grads[0][0] = 1;
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK(params[0][0] == -1);
  CHECK(isinf(params[0][2]));
  CHECK_OK(opt_destroy(optimizer));
}

static void a_scale_that_is_set_counts_anew(void) {
  const opt_optimizer optimizer = descent(1);
  const double bad[] = {0, -1, 1e-40, 1e39, NAN, INFINITY};
  CHECK_REFUSES(optimizer, opt_scaler_set_scale(optimizer, 8), OPT_ERR_STATE,
                "opt_scaler_start");
  CHECK_OK(opt_scaler_start(optimizer, NULL));
  step(optimizer, 1);
  CHECK_EQ(scaler_of(optimizer).good_steps, 1);
  CHECK_OK(opt_scaler_set_scale(optimizer, 8));
  CHECK(scaler_of(optimizer).scale == 8);
  CHECK_EQ(scaler_of(optimizer).good_steps, 0);
  for (int64_t i = 0; i < COUNT_OF(bad); ++i) {
    CHECK_REFUSES(optimizer, opt_scaler_set_scale(optimizer, bad[i]),
                  OPT_ERR_ARGUMENT, "scale");
  }
  CHECK_OK(opt_accumulate(optimizer, NULL));
  CHECK_REFUSES(optimizer, opt_scaler_set_scale(optimizer, 4), OPT_ERR_STATE,
                "opt_discard");
  CHECK_OK(opt_discard(optimizer));
  CHECK_OK(opt_scaler_set_scale(optimizer, 4));
  CHECK_OK(opt_destroy(optimizer));
}

static void a_scale_that_is_set_leaves_the_rest_of_the_scaler(void) {
  const opt_optimizer optimizer = descent(1);
  opt_scaler_config config = OPT_SCALER_CONFIG_INIT;
  config.growth_factor = 4;
  config.backoff_factor = 0.25;
  config.growth_interval = 7;
  CHECK_OK(opt_scaler_start(optimizer, &config));
  step(optimizer, 0);
  CHECK_EQ(scaler_of(optimizer).skipped, 1);
  CHECK_OK(opt_scaler_set_scale(optimizer, 8));
  const opt_scaler_info info = scaler_of(optimizer);
  CHECK_EQ(info.active, 1);
  CHECK_EQ(info.skipped, 1);
  CHECK(info.growth_factor == 4);
  CHECK(info.backoff_factor == 0.25);
  CHECK_EQ(info.growth_interval, 7);
  CHECK_OK(opt_destroy(optimizer));
}

void scaler_tests(void) {
  RUN(a_scale_that_is_set_leaves_the_rest_of_the_scaler);
  RUN(a_scale_that_is_set_counts_anew);
  RUN(the_defaults_are_those_of_GradScaler);
  RUN(the_scale_follows_the_table_of_GradScaler);
  RUN(the_scale_is_an_f32_that_stays_normal);
  RUN(the_scaler_divides_what_is_clipped_and_reported);
  RUN(accumulated_gradients_are_divided_too);
  RUN(a_failed_step_leaves_the_scale);
  RUN(a_bad_configuration_is_refused);
  RUN(without_the_scaler_steps_are_as_before);
}
