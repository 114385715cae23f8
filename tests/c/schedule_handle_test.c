/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Every function of schedules, with what is no live schedule, and with a NULL
 * in place of each argument.
 */

#include <string.h>

#include "fixture.h"
#include "topics.h"

static opt_optimizer optimizer; /* live, and so is */
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
  return opt_set_schedule(optimizer, 0, OPT_LR, schedule);
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
static opt_schedule schedule_of(const void* pointer) {
  opt_schedule schedule = NULL;
  memcpy(&schedule, &pointer, sizeof schedule);
  return schedule;
}

static void every_function_refuses(opt_schedule schedule) {
  for (int64_t i = 0; i < COUNT_OF(kCalls); ++i) {
    if (schedule == NULL && kCalls[i].takes_null) continue;
    CHECK_REFUSES(optimizer, kCalls[i].call(schedule), OPT_ERR_HANDLE,
                  "schedule");
  }
}

static void start(void) {
  optimizer = new_optimizer(OPT_RULE_SGD);
  CHECK_OK(opt_schedule_create(NULL, OPT_SCHEDULE_LINEAR, &live));
}

static void stop(void) {
  double number = 0;
  CHECK_OK(opt_schedule_value(live, 1, 5, &number));
  CHECK(number == 1);
  CHECK_OK(opt_schedule_destroy(live));
  CHECK_OK(opt_destroy(optimizer));
}

static void what_is_no_live_schedule_is_refused(void) {
  static char in_data[64];
  opt_schedule stale = NULL;
  opt_context context = NULL;
  start();
  CHECK_OK(opt_schedule_create(NULL, OPT_SCHEDULE_LINEAR, &stale));
  CHECK_OK(opt_schedule_destroy(stale));
  CHECK_OK(opt_context_create(NULL, &context));
  every_function_refuses(NULL);
  every_function_refuses(stale);
  every_function_refuses(schedule_of(optimizer));
  every_function_refuses(schedule_of(context));
  every_function_refuses(schedule_of(in_data));
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
  CHECK_REFUSES(optimizer, call, OPT_ERR_ARGUMENT, argument)
  REFUSES(opt_schedule_create(NULL, NULL, &schedule), "kind");
  REFUSES(opt_schedule_create(NULL, OPT_SCHEDULE_STEP, NULL), "schedule");
  REFUSES(opt_schedule_set(live, NULL, 1), "option");
  REFUSES(opt_schedule_get(live, NULL, &number), "option");
  REFUSES(opt_schedule_get(live, OPT_END_FACTOR, NULL), "value");
  REFUSES(opt_schedule_value(live, 1, 0, NULL), "value");
  REFUSES(opt_set_schedule(optimizer, 0, NULL, live), "option");
  REFUSES(opt_copy_schedule(optimizer, 0, NULL, &schedule), "option");
  REFUSES(opt_copy_schedule(optimizer, 0, OPT_LR, NULL), "schedule");
  REFUSES(opt_get_scheduled(optimizer, 0, NULL, &number), "option");
  REFUSES(opt_get_scheduled(optimizer, 0, OPT_LR, NULL), "value");
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

void schedule_handle_tests(void) {
  RUN(what_is_no_live_schedule_is_refused);
  RUN(a_handle_with_any_bit_flipped_is_refused);
  RUN(a_NULL_argument_is_refused_and_named);
  RUN(a_context_that_is_none_is_refused);
}
