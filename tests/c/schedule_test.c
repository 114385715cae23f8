/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Schedules in an optimizer: which step uses which value.
 */

#include <math.h>

#include "fixture.h"
#include "topics.h"

/* Of one tensor with one element, whose gradient is 1: with rule sgd, a step
 * subtracts the learning rate. */
static float param;
static float grad = 1;

static opt_optimizer one_element(const char* rule) {
  const opt_tensor tensor = tensor_of("w", &param, &grad, 1);
  const opt_optimizer optimizer = new_optimizer(rule);
  param = 0;
  CHECK_OK(opt_attach(optimizer, &tensor, 1, NULL));
  return optimizer;
}

static opt_schedule schedule_of(const char* kind, const char* option,
                                double value) {
  opt_schedule schedule = NULL;
  CHECK_OK(opt_schedule_create(NULL, kind, &schedule));
  CHECK_OK(opt_schedule_set(schedule, option, value));
  return schedule;
}

/* Sets a schedule and destroys the caller's. */
static void give(opt_optimizer optimizer, int32_t group, const char* option,
                 opt_schedule schedule) {
  CHECK_OK(opt_set_schedule(optimizer, group, option, schedule));
  CHECK_OK(opt_schedule_destroy(schedule));
}

static double scheduled(opt_optimizer optimizer, int32_t group,
                        const char* option) {
  double value = NAN;
  CHECK_OK(opt_get_scheduled(optimizer, group, option, &value));
  return value;
}

static void steps(opt_optimizer optimizer, int count) {
  for (int i = 0; i < count; ++i) CHECK_OK(opt_step(optimizer, NULL));
}

static void a_step_uses_the_value_of_its_number(void) {
  const opt_optimizer optimizer = one_element(OPT_RULE_SGD);
  double value = 0;
  CHECK_OK(opt_set(optimizer, 0, OPT_LR, 8));
  give(optimizer, 0, OPT_LR,
       schedule_of(OPT_SCHEDULE_EXPONENTIAL, OPT_GAMMA, 0.5));
  CHECK(scheduled(optimizer, 0, OPT_LR) == 8);
  steps(optimizer, 1);
  CHECK(param == -8 && scheduled(optimizer, 0, OPT_LR) == 4);
  steps(optimizer, 1);
  CHECK(param == -12 && scheduled(optimizer, 0, OPT_LR) == 2);
  CHECK_OK(opt_get(optimizer, 0, OPT_LR, &value));
  CHECK(value == 8); /* the base stays */
  CHECK_OK(opt_set(optimizer, 0, OPT_LR, 16));
  CHECK(scheduled(optimizer, 0, OPT_LR) == 4);
  CHECK_OK(opt_set_schedule(optimizer, 0, OPT_LR, NULL));
  CHECK(scheduled(optimizer, 0, OPT_LR) == 16);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_step_that_fails_does_not_advance_it(void) {
  const opt_optimizer optimizer = one_element(OPT_RULE_SGD);
  opt_step_args args = OPT_STEP_ARGS_INIT;
  give(optimizer, 0, OPT_LR,
       schedule_of(OPT_SCHEDULE_EXPONENTIAL, OPT_GAMMA, 0.5));
  args.flags = 1U << 30;
  CHECK_REFUSES(optimizer, opt_step(optimizer, &args), OPT_ERR_ARGUMENT,
                "flags");
  CHECK(scheduled(optimizer, 0, OPT_LR) == 1e-3);
  CHECK_OK(opt_destroy(optimizer));
}

static void all_groups_are_those_to_come_too(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  int32_t group = 0;
  CHECK_OK(opt_add_group(optimizer, &group));
  CHECK_OK(opt_set(optimizer, 1, OPT_LR, 3));
  give(optimizer, OPT_ALL_GROUPS, OPT_LR,
       schedule_of(OPT_SCHEDULE_CONSTANT, OPT_FACTOR, 0.5));
  CHECK_OK(opt_add_group(optimizer, &group));
  CHECK(scheduled(optimizer, 0, OPT_LR) == 5e-4);
  CHECK(scheduled(optimizer, 1, OPT_LR) == 1.5);
  CHECK(scheduled(optimizer, 2, OPT_LR) == 5e-4);
  CHECK(scheduled(optimizer, OPT_ALL_GROUPS, OPT_LR) == 5e-4);
  CHECK_OK(opt_set_schedule(optimizer, 1, OPT_LR, NULL));
  CHECK(scheduled(optimizer, 1, OPT_LR) == 3);
  CHECK(scheduled(optimizer, 2, OPT_LR) == 5e-4);
  CHECK_OK(opt_set_schedule(optimizer, OPT_ALL_GROUPS, OPT_LR, NULL));
  CHECK(scheduled(optimizer, 2, OPT_LR) == 1e-3);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_value_outside_the_range_fails_the_step(void) {
  const opt_optimizer optimizer = one_element(OPT_RULE_ADAM);
  double value = 7;
  give(optimizer, 0, OPT_BETA1,
       schedule_of(OPT_SCHEDULE_EXPONENTIAL, OPT_GAMMA, 1.06));
  steps(optimizer, 1); /* 0.9, then 0.954, then 1.01 */
  CHECK_OK(opt_step(optimizer, NULL));
  CHECK_REFUSES(optimizer, opt_step(optimizer, NULL), OPT_ERR_VALUE,
                "'beta1' of group 0 gives 1.01");
  CHECK_FAILS(opt_step(optimizer, NULL), OPT_ERR_VALUE, "at step 2");
  CHECK_FAILS(opt_step(optimizer, NULL), OPT_ERR_VALUE, "[0, 1)");
  CHECK_FAILS(opt_get_scheduled(optimizer, 0, OPT_BETA1, &value), OPT_ERR_VALUE,
              "beta1");
  CHECK(value == 7);
  CHECK_OK(opt_set(optimizer, 0, OPT_BETA1, 0.5));
  steps(optimizer, 1);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_momentum_needs_the_state_of_its_own_value(void) {
  const opt_optimizer without = one_element(OPT_RULE_SGD);
  opt_schedule cycle = schedule_of(OPT_SCHEDULE_CYCLIC, OPT_PEAK_VALUE, 0.5);
  CHECK_OK(opt_set_schedule(without, 0, OPT_MOMENTUM, cycle));
  steps(without, 1); /* 0: no state is needed */
  CHECK_REFUSES(without, opt_step(without, NULL), OPT_ERR_STATE, "momentum");
  CHECK_OK(opt_destroy(without));
  const opt_optimizer with = one_element(OPT_RULE_MOMENTUM);
  give(with, 0, OPT_MOMENTUM, cycle);
  steps(with, 3);
  CHECK_OK(opt_destroy(with));
}

static void a_metric_reduces_the_value_when_it_gets_no_better(void) {
  const opt_optimizer optimizer = one_element(OPT_RULE_SGD);
  CHECK_OK(opt_set(optimizer, 0, OPT_LR, 1));
  CHECK_OK(opt_report_metric(optimizer, OPT_ALL_GROUPS, 0)); /* nobody asks */
  give(optimizer, 0, OPT_LR,
       schedule_of(OPT_SCHEDULE_PLATEAU, OPT_PATIENCE, 1));
  const double metrics[] = {5, 4, 4, NAN};
  const double values[] = {1, 1, 1, 0.1};
  for (int64_t i = 0; i < COUNT_OF(metrics); ++i) {
    CHECK_OK(opt_report_metric(optimizer, 0, metrics[i]));
    CHECK(scheduled(optimizer, 0, OPT_LR) == values[i]);
  }
  steps(optimizer, 1);
  CHECK(param == -0.1F);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_plateau_hears_in_its_turn_alone(void) {
  const opt_optimizer optimizer = one_element(OPT_RULE_SGD);
  const opt_schedule whole = schedule_of(OPT_SCHEDULE_CONSTANT, OPT_FACTOR, 1);
  const opt_schedule plateau =
      schedule_of(OPT_SCHEDULE_PLATEAU, OPT_PATIENCE, 0);
  CHECK_OK(opt_schedule_then(whole, 1, plateau));
  CHECK_OK(opt_schedule_then(whole, 1, plateau));
  CHECK_OK(opt_schedule_destroy(plateau));
  CHECK_OK(opt_set(optimizer, 0, OPT_LR, 1));
  give(optimizer, OPT_ALL_GROUPS, OPT_LR, whole);
  for (int step = 0; step < 3; ++step) {
    CHECK(scheduled(optimizer, 0, OPT_LR) == 1);
    CHECK_OK(opt_report_metric(optimizer, OPT_ALL_GROUPS, 1));
    CHECK_OK(opt_report_metric(optimizer, OPT_ALL_GROUPS, 1));
    CHECK(scheduled(optimizer, 0, OPT_LR) == (step == 0 ? 1 : 0.1));
    steps(optimizer, 1);
  }
  CHECK_OK(opt_destroy(optimizer));
}

static void a_copy_is_the_callers_own(void) {
  const opt_optimizer optimizer = one_element(OPT_RULE_SGD);
  opt_schedule copy = NULL;
  double value = 0;
  CHECK_OK(opt_copy_schedule(optimizer, 0, OPT_LR, &copy));
  CHECK(copy == NULL);
  give(optimizer, 0, OPT_LR,
       schedule_of(OPT_SCHEDULE_EXPONENTIAL, OPT_GAMMA, 0.5));
  CHECK_OK(opt_copy_schedule(optimizer, 0, OPT_LR, &copy));
  CHECK_OK(opt_schedule_set(copy, OPT_GAMMA, 0.25));
  CHECK_OK(opt_schedule_value(copy, 1, 1, &value));
  CHECK(value == 0.25);
  steps(optimizer, 1);
  CHECK(scheduled(optimizer, 0, OPT_LR) == 5e-4);
  CHECK_OK(opt_destroy(optimizer));
  CHECK_OK(opt_schedule_destroy(copy));
}

static void a_schedule_outlives_its_context_and_its_parts(void) {
  host memory = HOST_INIT;
  opt_context context = host_context(&memory, kMemory);
  opt_schedule whole = NULL;
  opt_schedule next = NULL;
  double value = 0;
  CHECK_OK(opt_schedule_create(context, OPT_SCHEDULE_LINEAR, &whole));
  CHECK_OK(opt_schedule_create(context, OPT_SCHEDULE_CONSTANT, &next));
  CHECK_OK(opt_context_destroy(context));
  CHECK_OK(opt_schedule_then(whole, 7, next));
  CHECK_OK(opt_schedule_set(next, OPT_FACTOR, 9));
  CHECK_OK(opt_schedule_destroy(next));
  CHECK_OK(opt_schedule_value(whole, 3, 7, &value));
  CHECK(value == 1);
  CHECK_OK(opt_schedule_destroy(whole));
  CHECK_EQ(memory.live_blocks, 0);
  CHECK_EQ(memory.mistakes, 0);
}

void schedule_tests(void) {
  RUN(a_step_uses_the_value_of_its_number);
  RUN(a_step_that_fails_does_not_advance_it);
  RUN(all_groups_are_those_to_come_too);
  RUN(a_value_outside_the_range_fails_the_step);
  RUN(a_momentum_needs_the_state_of_its_own_value);
  RUN(a_metric_reduces_the_value_when_it_gets_no_better);
  RUN(a_plateau_hears_in_its_turn_alone);
  RUN(a_copy_is_the_callers_own);
  RUN(a_schedule_outlives_its_context_and_its_parts);
}
