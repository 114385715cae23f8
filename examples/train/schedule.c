/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/schedule.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/train/fail.h"

static int library_error(void) {
  return fail("--schedule: %s", opt_last_error());
}

static bool is(const char* a, const char* b) { return strcmp(a, b) == 0; }

/* Kinds that rise by themselves need no other schedule in front. */
static bool rises(const char* kind) {
  return is(kind, OPT_SCHEDULE_ONE_CYCLE) ||
         is(kind, OPT_SCHEDULE_INVERSE_SQRT) ||
         is(kind, OPT_SCHEDULE_WARMUP_STABLE_DECAY);
}

static double part(int64_t steps, int64_t parts) {
  return (double)((steps - 1) / parts + 1);
}

/* The first of `warmup` steps has a share of the rate too: it is not lost. */
static double first_factor(double warmup) { return 1.0 / (warmup + 1.0); }

/* Options that depend on the run, or suit it better than the library's
 * defaults. A kind that is not listed has those. */
static int derive(const char* kind, const planned_schedule* plan,
                  opt_schedule s) {
  const double n = (double)plan->steps;
  const double warmup =
      plan->warmup < 0 ? part(plan->steps, 10) : (double)plan->warmup;
  const double rise = plan->warmup < 0 ? 0.3 : warmup / n;
  const struct {
    const char* kind;
    const char* option;
    double value;
  } derived[] = {
      {OPT_SCHEDULE_CONSTANT, OPT_FACTOR, 1},
      {OPT_SCHEDULE_LINEAR, OPT_START_FACTOR, 1},
      {OPT_SCHEDULE_LINEAR, OPT_END_FACTOR, 0},
      {OPT_SCHEDULE_LINEAR, OPT_TOTAL_ITERS, n},
      {OPT_SCHEDULE_POLYNOMIAL, OPT_TOTAL_ITERS, n},
      {OPT_SCHEDULE_COSINE, OPT_T_MAX, n},
      {OPT_SCHEDULE_COSINE_RESTARTS, OPT_T_0, part(plan->steps, 3)},
      {OPT_SCHEDULE_STEP, OPT_STEP_SIZE, part(plan->steps, 3)},
      /* 0.955^100 is a hundredth */
      {OPT_SCHEDULE_EXPONENTIAL, OPT_INTERVAL, part(plan->steps, 100)},
      {OPT_SCHEDULE_EXPONENTIAL, OPT_GAMMA, 0.955},
      {OPT_SCHEDULE_ONE_CYCLE, OPT_TOTAL_STEPS, n},
      {OPT_SCHEDULE_ONE_CYCLE, OPT_PCT_START, rise},
      {OPT_SCHEDULE_CYCLIC, OPT_PEAK_VALUE, plan->lr / 10},
      {OPT_SCHEDULE_CYCLIC, OPT_STEP_SIZE_UP, part(plan->steps, 8)},
      {OPT_SCHEDULE_INVERSE_SQRT, OPT_WARMUP_STEPS, warmup},
      {OPT_SCHEDULE_WARMUP_STABLE_DECAY, OPT_WARMUP_STEPS, warmup},
      {OPT_SCHEDULE_WARMUP_STABLE_DECAY, OPT_START_FACTOR,
       first_factor(warmup)},
      {OPT_SCHEDULE_WARMUP_STABLE_DECAY, OPT_DECAY_STEPS, part(plan->steps, 5)},
      {OPT_SCHEDULE_PLATEAU, OPT_PATIENCE, 1},
  };
  for (size_t i = 0; i < sizeof(derived) / sizeof(*derived); ++i) {
    if (is(derived[i].kind, kind) &&
        opt_schedule_set(s, derived[i].option, derived[i].value) != OPT_OK) {
      return library_error();
    }
  }
  if (!is(kind, OPT_SCHEDULE_MULTI_STEP)) return 0;
  const int64_t milestones[] = {plan->steps / 2, plan->steps * 3 / 4};
  return opt_schedule_set_milestones(s, milestones, 2) == OPT_OK
             ? 0
             : library_error();
}

static bool find_option(const char* kind, const char* name,
                        opt_option_info* info) {
  for (int32_t i = 0; opt_schedule_option_at(kind, i, info) == OPT_OK; ++i) {
    if (is(info->name, name)) return true;
  }
  return false;
}

/* A number, or the name of a choice. */
static bool parse_value(const opt_option_info* option, const char* text,
                        double* value) {
  char* end = NULL;
  *value = strtod(text, &end);
  if (end != text && *end == '\0') return true;
  const char* choice = option->choices != NULL ? option->choices : "";
  for (*value = 0.0; *choice != '\0'; ++*value) {
    const size_t length = strcspn(choice, ",");
    if (strlen(text) == length && strncmp(text, choice, length) == 0) {
      return true;
    }
    choice += length + (choice[length] == ',');
  }
  return false;
}

/* Sets what "OPTION=VALUE" says, and makes it "OPTION". */
static int set_given(opt_schedule s, const char* kind, char* given) {
  char* const equals = strchr(given, '=');
  if (equals == NULL) {
    return fail("--schedule: '%s' is not OPTION=VALUE", given);
  }
  *equals = '\0';
  opt_option_info option = OPT_OPTION_INFO_INIT;
  double value = 0.0; /* of no use to an option that is not there */
  if (find_option(kind, given, &option) &&
      !parse_value(&option, equals + 1, &value)) {
    const bool chosen = option.choices != NULL;
    return fail("--schedule: %s of %s: '%s' is not a number%s%s", given, kind,
                equals + 1, chosen ? " and none of " : "",
                chosen ? option.choices : "");
  }
  return opt_schedule_set(s, given, value) == OPT_OK ? 0 : library_error();
}

/* What warm-up and decay leave is level. */
static int fill_level(const planned_schedule* plan, opt_schedule s) {
  double warmup = 0.0;
  double decay = 0.0;
  if (opt_schedule_get(s, OPT_WARMUP_STEPS, &warmup) != OPT_OK ||
      opt_schedule_get(s, OPT_DECAY_STEPS, &decay) != OPT_OK) {
    return library_error();
  }
  const double level = (double)plan->steps - warmup - decay;
  if (level < 0.0) {
    return fail(
        "--schedule: warm-up and decay are %.0f and %.0f steps, but the run "
        "has %" PRId64 ": give less, or train longer with --epochs",
        warmup, decay, plan->steps);
  }
  return opt_schedule_set(s, OPT_STABLE_STEPS, level) == OPT_OK
             ? 0
             : library_error();
}

/* Sets all options of a schedule without another in front; `given` is split. */
static int configure(opt_schedule s, const char* kind, char* given,
                     const planned_schedule* plan) {
  if (derive(kind, plan, s) != 0) return -1;
  bool level = is(kind, OPT_SCHEDULE_WARMUP_STABLE_DECAY);
  char* rest = NULL;
  for (char* one = strtok_r(given, ",", &rest); one != NULL;
       one = strtok_r(NULL, ",", &rest)) {
    if (set_given(s, kind, one) != 0) return -1;
    if (is(one, OPT_STABLE_STEPS)) level = false;
  }
  return level ? fill_level(plan, s) : 0;
}

/* Puts a linear warm-up in front; the schedule becomes both. */
static int warm_up(opt_context context, int64_t steps, opt_schedule* schedule) {
  opt_schedule first = NULL;
  opt_status status = opt_schedule_create(context, OPT_SCHEDULE_LINEAR, &first);
  if (status == OPT_OK) {
    status =
        opt_schedule_set(first, OPT_START_FACTOR, first_factor((double)steps));
  }
  if (status == OPT_OK) {
    status = opt_schedule_set(first, OPT_TOTAL_ITERS, (double)steps);
  }
  if (status == OPT_OK) status = opt_schedule_then(first, steps, *schedule);
  if (status != OPT_OK) {
    library_error();
    opt_schedule_destroy(first);
    return -1;
  }
  opt_schedule_destroy(*schedule);
  *schedule = first;
  return 0;
}

int schedule_make(opt_context context, const planned_schedule* plan,
                  opt_schedule* schedule) {
  if (plan->warmup >= plan->steps) {
    return fail("--warmup: %" PRId64 " steps, but the run has %" PRId64
                ": give less, or train longer with --epochs",
                plan->warmup, plan->steps);
  }
  char kind[kMaxSchedule];
  snprintf(kind, sizeof(kind), "%s", plan->text);
  char* const colon = strchr(kind, ':');
  if (colon != NULL) *colon = '\0';
  opt_schedule made = NULL;
  if (opt_schedule_create(context, kind, &made) != OPT_OK) {
    return fail("--schedule: %s; see --list", opt_last_error());
  }
  const bool in_front = plan->warmup > 0 && !rises(kind);
  planned_schedule own = *plan;
  if (in_front) own.steps -= plan->warmup;
  char none[] = "";
  int result = configure(made, kind, colon != NULL ? colon + 1 : none, &own);
  if (result == 0 && in_front) result = warm_up(context, plan->warmup, &made);
  if (result == 0) {
    *schedule = made;
  } else {
    opt_schedule_destroy(made);
  }
  return result;
}

int schedule_check_rates(const planned_schedule* plan, opt_schedule schedule) {
  enum { kChecks = 100 };
  for (int64_t i = 0; i <= kChecks; ++i) {
    const int64_t step = (plan->steps - 1) * i / kChecks;
    double rate = 0.0;
    if (opt_schedule_value(schedule, plan->lr, step, &rate) != OPT_OK) {
      return library_error();
    }
    if (!(rate >= 0.0 && isfinite(rate))) {
      return fail("--schedule: the learning rate is %g in step %" PRId64
                  ": give other options, or a lower --lr",
                  rate, step + 1);
    }
  }
  return 0;
}

int schedule_check(const char* text) {
  const planned_schedule plan = {text, -1, INT64_C(1) << 50, 1.0};
  opt_schedule made = NULL;
  if (schedule_make(NULL, &plan, &made) != 0) return -1;
  opt_schedule_destroy(made);
  return 0;
}

void schedule_print_kinds(void) {
  opt_schedule_kind_info kind = OPT_SCHEDULE_KIND_INFO_INIT;
  printf("%-20s %s\n", "--schedule", "learning rate");
  for (int32_t i = 0; opt_schedule_kind_at(i, &kind) == OPT_OK; ++i) {
    printf("%-20s %s\n", kind.name, kind.summary);
  }
}
