/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The functions of schedules with bad arguments: each is refused, named, and
 * has changed nothing.
 */

#include <math.h>
#include <string.h>

#include "fixture.h"
#include "topics.h"

static opt_schedule new_schedule(const char* kind) {
  opt_schedule schedule = NULL;
  CHECK_OK(opt_schedule_create(NULL, kind, &schedule));
  return schedule;
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
              "leave room for 0");
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

void schedule_call_tests(void) {
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
}
