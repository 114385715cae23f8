/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/optimizer.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/train/system.h"

/* A libopt call failed: its message says why. The next call would end the
 * message, even a call that succeeds, so it is reported at once. */
static int schedule_error(void) {
  return fail("--schedule: %s", opt_last_error());
}

static int run_error(const planned_run* run) {
  return fail("%s: %s", run->label, opt_last_error());
}

/* Destroys a schedule, and passes on the result. */
static int drop(opt_schedule schedule, int result) {
  return opt_schedule_destroy(schedule) == OPT_OK ? result : schedule_error();
}

/* Attaches parameters and gradients. The optimizer keeps the pointers, and
 * updates the parameters in place. */
static opt_status attach_tensors(opt_optimizer optimizer, const network* net) {
  const network_tensor* const from = network_tensors(net);
  opt_tensor tensors[kNetworkTensors];
  for (int i = 0; i < kNetworkTensors; ++i) {
    const opt_tensor init = OPT_TENSOR_INIT;
    tensors[i] = init;
    tensors[i].name = from[i].name;
    tensors[i].count = from[i].count;
    tensors[i].shape = from[i].shape;
    tensors[i].rank = from[i].rank;
    tensors[i].param = from[i].param;
    tensors[i].grad = from[i].grad;
  }
  return opt_attach(optimizer, tensors, kNetworkTensors, NULL);
}

/* Keeps an exponential moving average of the weights, which every step
 * updates. */
static opt_status start_average(opt_optimizer optimizer, double decay) {
  opt_average_config config = OPT_AVERAGE_CONFIG_INIT;
  config.decay = decay;
  config.flags = OPT_AVERAGE_WARMUP;
  return opt_average_start(optimizer, &config);
}

/* Sets the learning rate, and how it changes from step to step. */
static opt_status set_rate(opt_optimizer optimizer, double lr,
                           opt_schedule schedule) {
  const opt_status status = opt_set(optimizer, OPT_ALL_GROUPS, OPT_LR, lr);
  return status == OPT_OK
             ? opt_set_schedule(optimizer, OPT_ALL_GROUPS, OPT_LR, schedule)
             : status;
}

/* Makes a schedule; an option of its kind that the text does not give is
 * derived from the run. Returns 0; or -1 after reporting what is wrong. */
static int schedule_make(opt_context context, const planned_schedule* planned,
                         opt_schedule* schedule);

int optimizer_create(opt_context context, const planned_run* run,
                     const options* o, const network* net, int64_t steps,
                     opt_optimizer* optimizer) {
  if (opt_create(context, run->rule, optimizer) != OPT_OK ||
      opt_set_preset(*optimizer, OPT_ALL_GROUPS, o->preset) != OPT_OK ||
      attach_tensors(*optimizer, net) != OPT_OK) {
    return run_error(run);
  }
  if (o->resume != NULL) return 0;
  const planned_schedule planned = {o->schedule, o->warmup, steps, run->lr};
  opt_schedule schedule = NULL;
  if (schedule_make(context, &planned, &schedule) != 0) return -1;
  if (set_rate(*optimizer, run->lr, schedule) != OPT_OK) {
    return drop(schedule, run_error(run));
  }
  if (drop(schedule, 0) != 0) return -1; /* the optimizer has a copy */
  if (o->ema >= 0.0 && start_average(*optimizer, o->ema) != OPT_OK) {
    return run_error(run);
  }
  return 0;
}

/* From here on, schedules: "cosine:eta_min=1e-5" becomes one as long as the
 * run. */

static bool is(const char* a, const char* b) { return strcmp(a, b) == 0; }

/* Kinds that begin with a rise of their own need no warm-up in front. */
static bool rises(const char* kind) {
  return is(kind, OPT_SCHEDULE_ONE_CYCLE) ||
         is(kind, OPT_SCHEDULE_INVERSE_SQRT) ||
         is(kind, OPT_SCHEDULE_WARMUP_STABLE_DECAY);
}

/* The length of one of `parts` equal parts, rounded up. */
static double part(int64_t steps, int64_t parts) {
  const int64_t rounded_up = (steps - 1) / parts + 1;
  return (double)rounded_up;
}

/* The first of `warmup` steps has a share of the rate too: it is not lost. */
static double first_factor(double warmup) { return 1.0 / (warmup + 1.0); }

/* Sets the options that depend on the run, or for which a run has better
 * values than the library's defaults. */
static int derive(const char* kind, const planned_schedule* planned,
                  opt_schedule schedule) {
  const double n = (double)planned->steps;
  const double warmup =
      planned->warmup < 0 ? part(planned->steps, 10) : (double)planned->warmup;
  const double rise = planned->warmup < 0 ? 0.3 : warmup / n;
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
      {OPT_SCHEDULE_COSINE_RESTARTS, OPT_T_0, part(planned->steps, 3)},
      {OPT_SCHEDULE_STEP, OPT_STEP_SIZE, part(planned->steps, 3)},
      /* 0.955^100 is a hundredth */
      {OPT_SCHEDULE_EXPONENTIAL, OPT_INTERVAL, part(planned->steps, 100)},
      {OPT_SCHEDULE_EXPONENTIAL, OPT_GAMMA, 0.955},
      {OPT_SCHEDULE_ONE_CYCLE, OPT_TOTAL_STEPS, n},
      {OPT_SCHEDULE_ONE_CYCLE, OPT_PCT_START, rise},
      {OPT_SCHEDULE_CYCLIC, OPT_PEAK_VALUE, planned->lr / 10},
      {OPT_SCHEDULE_CYCLIC, OPT_STEP_SIZE_UP, part(planned->steps, 8)},
      {OPT_SCHEDULE_INVERSE_SQRT, OPT_WARMUP_STEPS, warmup},
      {OPT_SCHEDULE_WARMUP_STABLE_DECAY, OPT_WARMUP_STEPS, warmup},
      {OPT_SCHEDULE_WARMUP_STABLE_DECAY, OPT_START_FACTOR,
       first_factor(warmup)},
      {OPT_SCHEDULE_WARMUP_STABLE_DECAY, OPT_DECAY_STEPS,
       part(planned->steps, 5)},
      {OPT_SCHEDULE_PLATEAU, OPT_PATIENCE, 1},
  };
  for (size_t i = 0; i < sizeof(derived) / sizeof(*derived); ++i) {
    if (is(derived[i].kind, kind) &&
        opt_schedule_set(schedule, derived[i].option, derived[i].value) !=
            OPT_OK) {
      return schedule_error();
    }
  }
  if (!is(kind, OPT_SCHEDULE_MULTI_STEP)) return 0;
  const int64_t milestones[] = {planned->steps / 2, planned->steps * 3 / 4};
  return opt_schedule_set_milestones(schedule, milestones, 2) == OPT_OK
             ? 0
             : schedule_error();
}

static bool find_option(const char* kind, const char* name,
                        opt_option_info* info) {
  for (int32_t i = 0; opt_schedule_option_at(kind, i, info) == OPT_OK; ++i) {
    if (is(info->name, name)) return true;
  }
  return false;
}

/* Reads a number, or the name of a choice. */
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

/* Obeys "OPTION=VALUE", and cuts the text down to "OPTION". */
static int set_given(opt_schedule schedule, const char* kind, char* given) {
  char* const equals = strchr(given, '=');
  if (equals == NULL) {
    return fail("--schedule: '%s' is not OPTION=VALUE", given);
  }
  *equals = '\0';
  opt_option_info option = OPT_OPTION_INFO_INIT;
  double value = 0.0; /* if there is no such option, the library says so */
  if (find_option(kind, given, &option) &&
      !parse_value(&option, equals + 1, &value)) {
    const bool chosen = option.choices != NULL;
    return fail("--schedule: %s of %s: '%s' is not a number%s%s", given, kind,
                equals + 1, chosen ? " and none of " : "",
                chosen ? option.choices : "");
  }
  return opt_schedule_set(schedule, given, value) == OPT_OK ? 0
                                                            : schedule_error();
}

/* Keeps the rate level between warm-up and decay. */
static int fill_level(const planned_schedule* planned, opt_schedule schedule) {
  double warmup = 0.0;
  double decay = 0.0;
  if (opt_schedule_get(schedule, OPT_WARMUP_STEPS, &warmup) != OPT_OK ||
      opt_schedule_get(schedule, OPT_DECAY_STEPS, &decay) != OPT_OK) {
    return schedule_error();
  }
  const double level = (double)planned->steps - warmup - decay;
  if (level < 0.0) {
    return fail(
        "--schedule: warm-up and decay are %.0f and %.0f steps, but the run "
        "has %" PRId64 ": give less, or train longer with --epochs",
        warmup, decay, planned->steps);
  }
  return opt_schedule_set(schedule, OPT_STABLE_STEPS, level) == OPT_OK
             ? 0
             : schedule_error();
}

/* Sets all options of a schedule: first those that follow from the run, then
 * those that are given, whose list is split in place. */
static int configure(opt_schedule schedule, const char* kind, char* given,
                     const planned_schedule* planned) {
  if (derive(kind, planned, schedule) != 0) return -1;
  bool level = is(kind, OPT_SCHEDULE_WARMUP_STABLE_DECAY);
  char* rest = NULL;
  for (char* one = strtok_r(given, ",", &rest); one != NULL;
       one = strtok_r(NULL, ",", &rest)) {
    if (set_given(schedule, kind, one) != 0) return -1;
    if (is(one, OPT_STABLE_STEPS)) level = false;
  }
  return level ? fill_level(planned, schedule) : 0;
}

/* Puts a linear warm-up in front; the schedule becomes both. */
static int warm_up(opt_context context, int64_t steps, opt_schedule* schedule) {
  opt_schedule both = NULL;
  if (opt_schedule_create(context, OPT_SCHEDULE_LINEAR, &both) != OPT_OK ||
      opt_schedule_set(both, OPT_START_FACTOR, first_factor((double)steps)) !=
          OPT_OK ||
      opt_schedule_set(both, OPT_TOTAL_ITERS, (double)steps) != OPT_OK ||
      opt_schedule_then(both, steps, *schedule) != OPT_OK) {
    return drop(both, schedule_error());
  }
  opt_schedule behind = *schedule; /* `both` has a copy of it */
  *schedule = both;
  return drop(behind, 0);
}

static int schedule_make(opt_context context, const planned_schedule* planned,
                         opt_schedule* schedule) {
  if (planned->warmup >= planned->steps) {
    return fail("--warmup: %" PRId64 " steps, but the run has %" PRId64
                ": give less, or train longer with --epochs",
                planned->warmup, planned->steps);
  }
  char kind[kMaxSchedule];
  snprintf(kind, sizeof(kind), "%s", planned->text);
  char* const colon = strchr(kind, ':');
  if (colon != NULL) *colon = '\0';
  char none[] = "";
  char* const given = colon != NULL ? colon + 1 : none;
  if (opt_schedule_create(context, kind, schedule) != OPT_OK) {
    return fail("--schedule: %s; see --list", opt_last_error());
  }
  const bool in_front = planned->warmup > 0 && !rises(kind);
  planned_schedule own = *planned;
  if (in_front) own.steps -= planned->warmup;
  if (configure(*schedule, kind, given, &own) != 0 ||
      (in_front && warm_up(context, planned->warmup, schedule) != 0)) {
    return drop(*schedule, -1);
  }
  return 0;
}

int schedule_check(const char* text) {
  const planned_schedule planned = {text, -1, INT64_C(1) << 50, 1.0};
  opt_schedule schedule = NULL;
  if (schedule_make(NULL, &planned, &schedule) != 0) return -1;
  return drop(schedule, 0);
}

int schedule_check_rates(const planned_schedule* planned) {
  enum { kChecks = 100 };
  opt_schedule schedule = NULL;
  if (schedule_make(NULL, planned, &schedule) != 0) return -1;
  for (int64_t i = 0; i <= kChecks; ++i) {
    const int64_t step = (planned->steps - 1) * i / kChecks;
    double rate = 0.0;
    if (opt_schedule_value(schedule, planned->lr, step, &rate) != OPT_OK) {
      return drop(schedule, schedule_error());
    }
    if (rate >= 0.0 && isfinite(rate)) continue;
    fail("--schedule: the learning rate is %g in step %" PRId64
         ": give other options, or a lower --lr",
         rate, step + 1);
    return drop(schedule, -1);
  }
  return drop(schedule, 0);
}

void schedule_print_kinds(void) {
  opt_schedule_kind_info kind = OPT_SCHEDULE_KIND_INFO_INIT;
  printf("%-20s %s\n", "--schedule", "learning rate");
  for (int32_t i = 0; opt_schedule_kind_at(i, &kind) == OPT_OK; ++i) {
    printf("%-20s %s\n", kind.name, kind.summary);
  }
}
