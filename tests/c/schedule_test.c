/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Schedules: which step of an optimizer uses which value; bad arguments, each
 * of which is refused by name and has changed nothing; and every function with
 * a NULL for each argument and with every kind of handle that is no live
 * schedule.
 */

#include <math.h>
#include <string.h>

#include "fixture.h"
#include "host.h"

/* One tensor that starts at 0, with a gradient of 1: with rule sgd, a step
 * subtracts the learning rate. */
static opt_optimizer slope(const char* rule) {
  const opt_optimizer optimizer = attached(rule, 1);
  for (int i = 0; i < kCount; ++i) {
    params[0][i] = 0;
    grads[0][i] = 1;
  }
  return optimizer;
}

static opt_schedule new_schedule(const char* kind) {
  opt_schedule schedule = NULL;
  CHECK_OK(opt_schedule_create(NULL, kind, &schedule));
  return schedule;
}

static opt_schedule schedule_with(const char* kind, const char* option,
                                  double value) {
  const opt_schedule schedule = new_schedule(kind);
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
  const opt_optimizer optimizer = slope(OPT_RULE_SGD);
  double value = 0;
  CHECK_OK(opt_set(optimizer, 0, OPT_LR, 8));
  give(optimizer, 0, OPT_LR,
       schedule_with(OPT_SCHEDULE_EXPONENTIAL, OPT_GAMMA, 0.5));
  CHECK(scheduled(optimizer, 0, OPT_LR) == 8);
  steps(optimizer, 1);
  CHECK(params[0][0] == -8 && scheduled(optimizer, 0, OPT_LR) == 4);
  steps(optimizer, 1);
  CHECK(params[0][0] == -12 && scheduled(optimizer, 0, OPT_LR) == 2);
  CHECK_OK(opt_get(optimizer, 0, OPT_LR, &value));
  CHECK(value == 8); /* the base stays */
  CHECK_OK(opt_set(optimizer, 0, OPT_LR, 16));
  CHECK(scheduled(optimizer, 0, OPT_LR) == 4);
  CHECK_OK(opt_set_schedule(optimizer, 0, OPT_LR, NULL));
  CHECK(scheduled(optimizer, 0, OPT_LR) == 16);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_step_that_fails_does_not_advance_it(void) {
  const opt_optimizer optimizer = slope(OPT_RULE_SGD);
  opt_step_args args = OPT_STEP_ARGS_INIT;
  give(optimizer, 0, OPT_LR,
       schedule_with(OPT_SCHEDULE_EXPONENTIAL, OPT_GAMMA, 0.5));
  args.flags = 1U << 30;
  CHECK_REFUSES(optimizer, opt_step(optimizer, &args), OPT_ERR_ARGUMENT,
                "flags");
  CHECK(scheduled(optimizer, 0, OPT_LR) == 1e-3);
  CHECK_OK(opt_destroy(optimizer));
}

static void all_groups_are_those_to_come_too(void) {
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  int32_t group = 0;
  CHECK_OK(opt_add_group(optimizer, NULL, NULL, 0, &group));
  CHECK_OK(opt_set(optimizer, 1, OPT_LR, 3));
  give(optimizer, OPT_ALL_GROUPS, OPT_LR,
       schedule_with(OPT_SCHEDULE_CONSTANT, OPT_FACTOR, 0.5));
  CHECK_OK(opt_add_group(optimizer, NULL, NULL, 0, &group));
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
  const opt_optimizer optimizer = slope(OPT_RULE_ADAM);
  double value = 7;
  give(optimizer, 0, OPT_BETA1,
       schedule_with(OPT_SCHEDULE_EXPONENTIAL, OPT_GAMMA, 1.06));
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
  const opt_optimizer without = slope(OPT_RULE_SGD);
  opt_schedule cycle = schedule_with(OPT_SCHEDULE_CYCLIC, OPT_PEAK_VALUE, 0.5);
  CHECK_OK(opt_set_schedule(without, 0, OPT_MOMENTUM, cycle));
  steps(without, 1); /* 0: no state is needed */
  CHECK_REFUSES(without, opt_step(without, NULL), OPT_ERR_STATE, "momentum");
  CHECK_OK(opt_destroy(without));
  const opt_optimizer with = slope(OPT_RULE_MOMENTUM);
  give(with, 0, OPT_MOMENTUM, cycle);
  steps(with, 3);
  CHECK_OK(opt_destroy(with));
}

static void a_metric_reduces_the_value_when_it_gets_no_better(void) {
  const opt_optimizer optimizer = slope(OPT_RULE_SGD);
  CHECK_OK(opt_set(optimizer, 0, OPT_LR, 1));
  CHECK_OK(opt_report_metric(optimizer, OPT_ALL_GROUPS, 0)); /* nobody asks */
  give(optimizer, 0, OPT_LR,
       schedule_with(OPT_SCHEDULE_PLATEAU, OPT_PATIENCE, 1));
  const double metrics[] = {5, 4, 4, NAN};
  const double values[] = {1, 1, 1, 0.1};
  for (int64_t i = 0; i < COUNT_OF(metrics); ++i) {
    CHECK_OK(opt_report_metric(optimizer, 0, metrics[i]));
    CHECK(scheduled(optimizer, 0, OPT_LR) == values[i]);
  }
  steps(optimizer, 1);
  CHECK(params[0][0] == -0.1F);
  CHECK_OK(opt_destroy(optimizer));
}

static void a_plateau_hears_in_its_turn_alone(void) {
  const opt_optimizer optimizer = slope(OPT_RULE_SGD);
  const opt_schedule whole =
      schedule_with(OPT_SCHEDULE_CONSTANT, OPT_FACTOR, 1);
  const opt_schedule plateau =
      schedule_with(OPT_SCHEDULE_PLATEAU, OPT_PATIENCE, 0);
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
  const opt_optimizer optimizer = slope(OPT_RULE_SGD);
  opt_schedule copy = NULL;
  double value = 0;
  CHECK_OK(opt_copy_schedule(optimizer, 0, OPT_LR, &copy));
  CHECK(copy == NULL);
  give(optimizer, 0, OPT_LR,
       schedule_with(OPT_SCHEDULE_EXPONENTIAL, OPT_GAMMA, 0.5));
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

static double value_at(opt_schedule schedule, int64_t step) {
  double value = NAN;
  CHECK_OK(opt_schedule_value(schedule, 1, step, &value));
  return value;
}

static void an_unknown_kind_is_named_with_the_nearest(void) {
  opt_schedule schedule = NULL;
  opt_schedule_kind_info info = OPT_SCHEDULE_KIND_INFO_INIT;
  CHECK_FAILS(opt_schedule_create(NULL, "cosin", &schedule), OPT_ERR_NAME,
              "cosine");
  CHECK(schedule == NULL);
  CHECK_FAILS(opt_schedule_kind_find("plateux", &info), OPT_ERR_NAME,
              "plateau");
}

static void an_option_is_checked(void) {
  const opt_schedule schedule = new_schedule(OPT_SCHEDULE_COSINE_RESTARTS);
  double value = 7;
  CHECK_FAILS(opt_schedule_set(schedule, "t_multi", 2), OPT_ERR_NAME, "t_mult");
  CHECK_FAILS(opt_schedule_get(schedule, "t_multi", &value), OPT_ERR_NAME,
              "t_mult");
  CHECK(value == 7);
  const double bad_counts[] = {0, -1, 2.5, NAN, INFINITY, 1e300};
  for (int64_t i = 0; i < COUNT_OF(bad_counts); ++i) {
    CHECK_FAILS(opt_schedule_set(schedule, OPT_T_MULT, bad_counts[i]),
                OPT_ERR_VALUE, OPT_T_MULT);
    CHECK_FAILS(opt_schedule_set(schedule, OPT_INTERVAL, bad_counts[i]),
                OPT_ERR_VALUE, OPT_INTERVAL);
  }
  const double bad_values[] = {-1, NAN, INFINITY};
  for (int64_t i = 0; i < COUNT_OF(bad_values); ++i) {
    CHECK_FAILS(opt_schedule_set(schedule, OPT_ETA_MIN, bad_values[i]),
                OPT_ERR_VALUE, OPT_ETA_MIN);
  }
  CHECK_OK(opt_schedule_get(schedule, OPT_T_MULT, &value));
  CHECK(value == 1);
  CHECK_OK(opt_schedule_destroy(schedule));
}

static void a_required_option_must_be_set_before_use(void) {
  opt_schedule_kind_info kind = OPT_SCHEDULE_KIND_INFO_INIT;
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_SGD);
  const opt_schedule whole = new_schedule(OPT_SCHEDULE_LINEAR);
  int32_t kinds = 0;
  int32_t seen = 0;
  CHECK_OK(opt_schedule_kind_count(&kinds));
  for (int32_t k = 0; k < kinds; ++k) {
    CHECK_OK(opt_schedule_kind_at(k, &kind));
    for (int32_t i = 0; i < kind.option_count; ++i) {
      opt_option_info option = OPT_OPTION_INFO_INIT;
      double value = 7;
      CHECK_OK(opt_schedule_option_at(kind.name, i, &option));
      if ((option.flags & OPT_OPTION_REQUIRED) == 0) continue;
      ++seen;
      const opt_schedule schedule = new_schedule(kind.name);
      CHECK_FAILS(opt_schedule_value(schedule, 1, 0, &value), OPT_ERR_STATE,
                  option.name);
      CHECK_FAILS(opt_schedule_then(whole, 5, schedule), OPT_ERR_STATE,
                  option.name);
      CHECK_FAILS(opt_schedule_then(schedule, 5, whole), OPT_ERR_STATE,
                  option.name);
      CHECK_FAILS(opt_schedule_chain(whole, schedule), OPT_ERR_STATE,
                  option.name);
      CHECK_REFUSES(optimizer, opt_set_schedule(optimizer, 0, OPT_LR, schedule),
                    OPT_ERR_STATE, option.name);
      CHECK(value == 7);
      CHECK_OK(opt_schedule_set(schedule, option.name, 1));
      CHECK_OK(opt_schedule_value(schedule, 1, 0, &value));
      CHECK_OK(opt_schedule_destroy(schedule));
    }
  }
  CHECK(seen >= 6);
  CHECK_OK(opt_schedule_set(whole, OPT_TOTAL_ITERS, 3)); /* still one part */
  CHECK_OK(opt_schedule_destroy(whole));
  CHECK_OK(opt_destroy(optimizer));
}

static void milestones_are_checked(void) {
  const opt_schedule schedule = new_schedule(OPT_SCHEDULE_MULTI_STEP);
  const opt_schedule other = new_schedule(OPT_SCHEDULE_STEP);
  const int64_t good[] = {2, 2, 9};
  const int64_t falling[] = {2, 9, 8};
  const int64_t negative[] = {-1, 2, 3};
  CHECK_OK(opt_schedule_set_milestones(schedule, good, 3));
  CHECK_FAILS(opt_schedule_set_milestones(schedule, falling, 3), OPT_ERR_VALUE,
              "milestone 2 is 8");
  CHECK_FAILS(opt_schedule_set_milestones(schedule, negative, 3), OPT_ERR_VALUE,
              "milestone 0 is -1");
  CHECK_FAILS(opt_schedule_set_milestones(schedule, good, -1), OPT_ERR_ARGUMENT,
              "count is -1");
  CHECK_FAILS(opt_schedule_set_milestones(schedule, NULL, 1), OPT_ERR_ARGUMENT,
              "milestones");
  CHECK_FAILS(opt_schedule_set_milestones(other, good, 3), OPT_ERR_STATE,
              "multi_step");
  CHECK(value_at(schedule, 1) == 1);
  CHECK(fabs(value_at(schedule, 2) - 0.01) < 1e-15);
  CHECK_OK(opt_schedule_set_milestones(schedule, NULL, 0));
  CHECK(value_at(schedule, 9) == 1);
  CHECK_OK(opt_schedule_destroy(schedule));
  CHECK_OK(opt_schedule_destroy(other));
}

static void several_parts_have_no_options_of_their_own(void) {
  const opt_schedule schedule = new_schedule(OPT_SCHEDULE_MULTI_STEP);
  const int64_t milestone = 3;
  double value = 7;
  CHECK_OK(opt_schedule_then(schedule, 4, schedule));
  CHECK_FAILS(opt_schedule_set(schedule, OPT_GAMMA, 1), OPT_ERR_STATE,
              "2 parts");
  CHECK_FAILS(opt_schedule_get(schedule, OPT_GAMMA, &value), OPT_ERR_STATE,
              "2 parts");
  CHECK_FAILS(opt_schedule_set_milestones(schedule, &milestone, 1),
              OPT_ERR_STATE, "2 parts");
  CHECK_OK(opt_schedule_destroy(schedule));
}

static void the_number_of_parts_is_limited(void) {
  const opt_schedule schedule = new_schedule(OPT_SCHEDULE_LINEAR);
  const opt_schedule part = new_schedule(OPT_SCHEDULE_LINEAR);
  for (int i = 0; i < 8; ++i) {
    CHECK_OK(opt_schedule_chain(schedule, schedule)); /* twice as many */
  }
  CHECK_FAILS(opt_schedule_chain(schedule, part), OPT_ERR_LIMIT, "256");
  CHECK_FAILS(opt_schedule_then(schedule, 1, part), OPT_ERR_LIMIT, "256");
  CHECK(value_at(schedule, 5) == 1);
  CHECK_OK(opt_schedule_destroy(schedule));
  CHECK_OK(opt_schedule_destroy(part));
}

static void the_steps_before_another_are_checked(void) {
  const opt_schedule schedule = new_schedule(OPT_SCHEDULE_LINEAR);
  const opt_schedule next = new_schedule(OPT_SCHEDULE_CONSTANT);
  CHECK_FAILS(opt_schedule_then(schedule, -1, next), OPT_ERR_ARGUMENT, "-1");
  CHECK_FAILS(opt_schedule_then(schedule, INT64_MAX, next), OPT_ERR_ARGUMENT,
              "9223372036854775807");
  CHECK_OK(opt_schedule_then(schedule, INT64_MAX / 2, next));
  CHECK_OK(opt_schedule_then(schedule, INT64_MAX / 2, next));
  CHECK_FAILS(opt_schedule_then(schedule, 1, next), OPT_ERR_ARGUMENT,
              "it must be 0 to 0 after a part");
  CHECK(value_at(schedule, INT64_MAX) == 1.0 / 3); /* of the last part */
  CHECK_OK(opt_schedule_destroy(schedule));
  CHECK_OK(opt_schedule_destroy(next));
}

static void a_value_is_asked_for_at_a_step_and_a_finite_base(void) {
  const opt_schedule schedule = new_schedule(OPT_SCHEDULE_LINEAR);
  double value = 7;
  CHECK_FAILS(opt_schedule_value(schedule, 1, -1, &value), OPT_ERR_ARGUMENT,
              "step is -1");
  CHECK_FAILS(opt_schedule_value(schedule, NAN, 0, &value), OPT_ERR_ARGUMENT,
              "base");
  CHECK_FAILS(opt_schedule_value(schedule, -INFINITY, 0, &value),
              OPT_ERR_ARGUMENT, "base");
  CHECK(value == 7);
  CHECK_OK(opt_schedule_destroy(schedule));
}

static void what_is_scheduled_is_checked(void) {
  const opt_schedule schedule = new_schedule(OPT_SCHEDULE_LINEAR);
  const opt_optimizer optimizer = new_optimizer(OPT_RULE_ADAM);
  opt_schedule copy = schedule;
  double value = 7;
  CHECK_REFUSES(optimizer, opt_set_schedule(optimizer, 0, "beta3", schedule),
                OPT_ERR_NAME, "beta1");
  CHECK_REFUSES(optimizer, opt_set_schedule(optimizer, 1, OPT_LR, schedule),
                OPT_ERR_RANGE, "no group 1");
  CHECK_REFUSES(optimizer,
                opt_set_schedule(optimizer, 0, OPT_MAXIMIZE, schedule),
                OPT_ERR_ARGUMENT, OPT_MAXIMIZE);
  CHECK_REFUSES(optimizer,
                opt_set_schedule(optimizer, 0, OPT_EPS_PLACEMENT, schedule),
                OPT_ERR_ARGUMENT, OPT_EPS_PLACEMENT);
  CHECK_REFUSES(optimizer, opt_set_schedule(optimizer, 0, OPT_MAXIMIZE, NULL),
                OPT_ERR_ARGUMENT, OPT_MAXIMIZE);
  CHECK_REFUSES(optimizer, opt_report_metric(optimizer, 1, 0), OPT_ERR_RANGE,
                "no group 1");
  CHECK_FAILS(opt_get_scheduled(optimizer, 1, OPT_LR, &value), OPT_ERR_RANGE,
              "no group 1");
  CHECK_FAILS(opt_get_scheduled(optimizer, 0, "LR", &value), OPT_ERR_NAME,
              OPT_LR);
  CHECK_FAILS(opt_copy_schedule(optimizer, 1, OPT_LR, &copy), OPT_ERR_RANGE,
              "no group 1");
  CHECK_FAILS(opt_copy_schedule(optimizer, 0, "LR", &copy), OPT_ERR_NAME,
              OPT_LR);
  CHECK(value == 7 && copy == schedule);
  CHECK_OK(opt_schedule_destroy(schedule));
  CHECK_OK(opt_destroy(optimizer));
}

static void kinds_and_their_options_are_listed(void) {
  opt_schedule_kind_info kind = OPT_SCHEDULE_KIND_INFO_INIT;
  opt_option_info option = OPT_OPTION_INFO_INIT;
  int32_t kinds = 0;
  CHECK_OK(opt_schedule_kind_count(&kinds));
  CHECK_EQ(kinds, 13);
  for (int32_t k = 0; k < kinds; ++k) {
    CHECK_OK(opt_schedule_kind_at(k, &kind));
    CHECK(strlen(kind.summary) > 0 && strlen(kind.formula) > 0);
    CHECK(strlen(kind.reference) > 0 && kind.option_count > 0);
    CHECK_OK(opt_schedule_option_at(kind.name, 0, &option));
    CHECK_STR(option.name, OPT_INTERVAL);
    CHECK_FAILS(opt_schedule_option_at(kind.name, kind.option_count, &option),
                OPT_ERR_RANGE, "option");
  }
  CHECK_FAILS(opt_schedule_kind_at(kinds, &kind), OPT_ERR_RANGE, "schedule");
  CHECK_FAILS(opt_schedule_kind_at(-1, &kind), OPT_ERR_RANGE, "schedule");
  CHECK_FAILS(opt_schedule_option_at(OPT_SCHEDULE_STEP, -1, &option),
              OPT_ERR_RANGE, "option");
}

/* Live ones, for the calls with arguments that are not. */
static opt_optimizer live_optimizer;
static opt_schedule live;

static opt_status set(opt_schedule schedule) {
  return opt_schedule_set(schedule, OPT_END_FACTOR, 1);
}

static opt_status get(opt_schedule schedule) {
  double value = 0;
  return opt_schedule_get(schedule, OPT_END_FACTOR, &value);
}

static opt_status set_milestones(opt_schedule schedule) {
  return opt_schedule_set_milestones(schedule, NULL, 0);
}

static opt_status then_another(opt_schedule schedule) {
  return opt_schedule_then(schedule, 1, live);
}

static opt_status then_it(opt_schedule schedule) {
  return opt_schedule_then(live, 1, schedule);
}

static opt_status chain_another(opt_schedule schedule) {
  return opt_schedule_chain(schedule, live);
}

static opt_status chain_it(opt_schedule schedule) {
  return opt_schedule_chain(live, schedule);
}

static opt_status value(opt_schedule schedule) {
  double number = 0;
  return opt_schedule_value(schedule, 1, 0, &number);
}

static opt_status set_schedule(opt_schedule schedule) {
  return opt_set_schedule(live_optimizer, 0, OPT_LR, schedule);
}

static const struct {
  opt_status (*call)(opt_schedule schedule);
  int takes_null;
} kCalls[] = {
    {opt_schedule_destroy, 1}, {set, 0},          {get, 0},
    {set_milestones, 0},       {then_another, 0}, {then_it, 0},
    {chain_another, 0},        {chain_it, 0},     {value, 0},
    {set_schedule, 1},
};

/* A handle with the bits of another pointer. */
static opt_schedule schedule_of_pointer(const void* pointer) {
  opt_schedule schedule = NULL;
  memcpy(&schedule, &pointer, sizeof schedule);
  return schedule;
}

static void every_function_refuses(opt_schedule schedule) {
  for (int64_t i = 0; i < COUNT_OF(kCalls); ++i) {
    if (schedule == NULL && kCalls[i].takes_null) continue;
    CHECK_REFUSES(live_optimizer, kCalls[i].call(schedule), OPT_ERR_HANDLE,
                  "schedule");
  }
}

static void start(void) {
  live_optimizer = new_optimizer(OPT_RULE_SGD);
  live = new_schedule(OPT_SCHEDULE_LINEAR);
}

static void stop(void) {
  double number = 0;
  CHECK_OK(opt_schedule_value(live, 1, 5, &number));
  CHECK(number == 1);
  CHECK_OK(opt_schedule_destroy(live));
  CHECK_OK(opt_destroy(live_optimizer));
}

static void what_is_no_live_schedule_is_refused(void) {
  static char in_data[64];
  const opt_schedule stale = new_schedule(OPT_SCHEDULE_LINEAR);
  opt_context context = NULL;
  start();
  CHECK_OK(opt_schedule_destroy(stale));
  CHECK_OK(opt_context_create(NULL, &context));
  every_function_refuses(NULL);
  every_function_refuses(stale);
  every_function_refuses(schedule_of_pointer(live_optimizer));
  every_function_refuses(schedule_of_pointer(context));
  every_function_refuses(schedule_of_pointer(in_data));
  CHECK_OK(opt_context_destroy(context));
  CHECK_OK(opt_schedule_destroy(NULL));
  stop();
}

static void a_handle_with_any_bit_flipped_is_refused(void) {
  start();
  for (unsigned bit = 0; bit < 8 * sizeof live; ++bit) {
    uintptr_t bits = (uintptr_t)live ^ (uintptr_t)1 << bit;
    opt_schedule flipped = NULL;
    memcpy(&flipped, &bits, sizeof flipped);
    every_function_refuses(flipped);
  }
  stop();
}

static void a_NULL_argument_is_refused_and_named(void) {
  double number = 0;
  opt_option_info option = OPT_OPTION_INFO_INIT;
  opt_schedule_kind_info info = OPT_SCHEDULE_KIND_INFO_INIT;
  opt_schedule schedule = NULL;
  start();
#define REFUSES(call, argument) \
  CHECK_REFUSES(live_optimizer, call, OPT_ERR_ARGUMENT, argument)
  REFUSES(opt_schedule_create(NULL, NULL, &schedule), "kind");
  REFUSES(opt_schedule_create(NULL, OPT_SCHEDULE_STEP, NULL), "schedule");
  REFUSES(opt_schedule_set(live, NULL, 1), "option");
  REFUSES(opt_schedule_get(live, NULL, &number), "option");
  REFUSES(opt_schedule_get(live, OPT_END_FACTOR, NULL), "value");
  REFUSES(opt_schedule_value(live, 1, 0, NULL), "value");
  REFUSES(opt_set_schedule(live_optimizer, 0, NULL, live), "option");
  REFUSES(opt_copy_schedule(live_optimizer, 0, NULL, &schedule), "option");
  REFUSES(opt_copy_schedule(live_optimizer, 0, OPT_LR, NULL), "schedule");
  REFUSES(opt_get_scheduled(live_optimizer, 0, NULL, &number), "option");
  REFUSES(opt_get_scheduled(live_optimizer, 0, OPT_LR, NULL), "value");
  REFUSES(opt_schedule_kind_count(NULL), "count");
  REFUSES(opt_schedule_kind_at(0, NULL), "info");
  REFUSES(opt_schedule_kind_find(NULL, &info), "kind");
  REFUSES(opt_schedule_kind_find(OPT_SCHEDULE_STEP, NULL), "info");
  REFUSES(opt_schedule_option_at(NULL, 0, &option), "kind");
  REFUSES(opt_schedule_option_at(OPT_SCHEDULE_STEP, 0, NULL), "info");
  stop();
}

static void a_context_that_is_none_is_refused(void) {
  opt_context context = NULL;
  opt_schedule schedule = NULL;
  CHECK_OK(opt_context_create(NULL, &context));
  CHECK_OK(opt_context_destroy(context));
  CHECK_FAILS(opt_schedule_create(context, OPT_SCHEDULE_STEP, &schedule),
              OPT_ERR_HANDLE, "context");
  CHECK(schedule == NULL);
}

static opt_schedule_part_info part_of(opt_schedule schedule, int32_t index) {
  opt_schedule_part_info info = OPT_SCHEDULE_PART_INFO_INIT;
  CHECK_OK(opt_schedule_part_at(schedule, index, &info));
  return info;
}

/* The value of a part's option; every option of its kind must be there. */
static double value_in(const opt_schedule_part_info* part, const char* name) {
  opt_schedule_kind_info kind = OPT_SCHEDULE_KIND_INFO_INIT;
  double value = NAN;
  CHECK_OK(opt_schedule_kind_find(part->kind, &kind));
  CHECK_EQ(part->option_count, kind.option_count);
  for (int32_t i = 0; i < part->option_count; ++i) {
    opt_option_info option = OPT_OPTION_INFO_INIT;
    CHECK_OK(opt_schedule_option_at(part->kind, i, &option));
    if (strcmp(option.name, name) == 0) value = part->options[i];
  }
  return value;
}

static void the_parts_of_a_schedule_are_told(void) {
  const int64_t milestones[] = {3, 9};
  const int64_t later[] = {11};
  opt_schedule schedule = NULL, steps = NULL, decay = NULL;
  opt_schedule_part_info info = OPT_SCHEDULE_PART_INFO_INIT;
  int32_t count = -1;
  CHECK_OK(opt_schedule_create(NULL, OPT_SCHEDULE_LINEAR, &schedule));
  CHECK_OK(opt_schedule_set(schedule, OPT_TOTAL_ITERS, 50));
  CHECK_OK(opt_schedule_create(NULL, OPT_SCHEDULE_MULTI_STEP, &steps));
  CHECK_OK(opt_schedule_set_milestones(steps, milestones, 2));
  CHECK_OK(opt_schedule_create(NULL, OPT_SCHEDULE_EXPONENTIAL, &decay));
  CHECK_OK(opt_schedule_set(decay, OPT_GAMMA, 0.5));
  CHECK_OK(opt_schedule_then(schedule, 50, steps));
  CHECK_OK(opt_schedule_chain(schedule, decay));
  CHECK_OK(opt_schedule_set_milestones(steps, later, 1));
  CHECK_OK(opt_schedule_chain(schedule, steps));
  CHECK_OK(opt_schedule_part_count(schedule, &count));
  CHECK_EQ(count, 4);

  info = part_of(schedule, 0);
  CHECK_STR(info.kind, "linear");
  CHECK_EQ(info.begin, 0);
  CHECK_EQ(info.end, 50);
  CHECK_EQ(info.milestone_count, 0);
  CHECK(value_in(&info, OPT_TOTAL_ITERS) == 50);
  info = part_of(schedule, 1);
  CHECK_STR(info.kind, "multi_step");
  CHECK_EQ(info.begin, 50);
  CHECK_EQ(info.end, INT64_MAX);
  CHECK_EQ(info.milestone_count, 2);
  CHECK_EQ(info.milestones[0], 3);
  CHECK_EQ(info.milestones[1], 9);
  info = part_of(schedule, 2);
  CHECK_STR(info.kind, "exponential");
  CHECK_EQ(info.begin, 0);
  CHECK_EQ(info.end, INT64_MAX);
  CHECK(value_in(&info, OPT_GAMMA) == 0.5);
  info = part_of(schedule, 3);
  CHECK_EQ(info.milestone_count, 1);
  CHECK_EQ(info.milestones[0], 11);

  CHECK_FAILS(opt_schedule_part_at(schedule, 4, &info), OPT_ERR_RANGE,
              "part 4");
  CHECK_FAILS(opt_schedule_part_at(schedule, -1, &info), OPT_ERR_RANGE,
              "part -1");
  CHECK_FAILS(opt_schedule_part_at(schedule, 0, NULL), OPT_ERR_ARGUMENT,
              "NULL");
  CHECK_FAILS(opt_schedule_part_count(schedule, NULL), OPT_ERR_ARGUMENT,
              "'count'");
  CHECK_OK(opt_schedule_destroy(schedule));
  CHECK_OK(opt_schedule_destroy(steps));
  CHECK_OK(opt_schedule_destroy(decay));
}

void schedule_tests(void) {
  RUN(the_parts_of_a_schedule_are_told);
  RUN(a_step_uses_the_value_of_its_number);
  RUN(a_step_that_fails_does_not_advance_it);
  RUN(all_groups_are_those_to_come_too);
  RUN(a_value_outside_the_range_fails_the_step);
  RUN(a_momentum_needs_the_state_of_its_own_value);
  RUN(a_metric_reduces_the_value_when_it_gets_no_better);
  RUN(a_plateau_hears_in_its_turn_alone);
  RUN(a_copy_is_the_callers_own);
  RUN(a_schedule_outlives_its_context_and_its_parts);
  RUN(an_unknown_kind_is_named_with_the_nearest);
  RUN(an_option_is_checked);
  RUN(a_required_option_must_be_set_before_use);
  RUN(milestones_are_checked);
  RUN(several_parts_have_no_options_of_their_own);
  RUN(the_number_of_parts_is_limited);
  RUN(the_steps_before_another_are_checked);
  RUN(a_value_is_asked_for_at_a_step_and_a_finite_base);
  RUN(what_is_scheduled_is_checked);
  RUN(kinds_and_their_options_are_listed);
  RUN(what_is_no_live_schedule_is_refused);
  RUN(a_handle_with_any_bit_flipped_is_refused);
  RUN(a_NULL_argument_is_refused_and_named);
  RUN(a_context_that_is_none_is_refused);
}
