/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "examples/rule_names.h"
#include "examples/train/fail.h"
#include "examples/train/schedule.h"
#include "opt/opt.h"

#define MINIBATCH "minibatch"

enum { kDefaultEpochs = 5 };

/* Learning rates that suit this network; the library's default serves a rule
 * that is not listed. */
static const struct {
  const char* label;
  double lr;
} kLearningRates[] = {
    {OPT_RULE_GD, 0.2},       {OPT_RULE_SGD, 0.01},
    {MINIBATCH, 0.2},         {OPT_RULE_MOMENTUM, 0.05},
    {OPT_RULE_ADAGRAD, 0.03}, {OPT_RULE_RMSPROP, 0.002},
    {OPT_RULE_ADAM, 0.002},   {OPT_RULE_ADAMW, 0.002},
};

static double default_lr(const planned_run* run) {
  for (size_t i = 0; i < sizeof(kLearningRates) / sizeof(*kLearningRates);
       ++i) {
    if (strcmp(kLearningRates[i].label, run->label) == 0) {
      return kLearningRates[i].lr;
    }
  }
  opt_option_info option = OPT_OPTION_INFO_INIT;
  for (int32_t i = 0; opt_option_at(run->rule, i, &option) == OPT_OK; ++i) {
    if (strcmp(option.name, OPT_LR) == 0) break;
  }
  return option.default_value;
}

/* The three forms of gradient descent differ in their batch alone. */
static planned_run make_run(const options* o, const char* label) {
  planned_run run = {label, label, o->batch, kDefaultEpochs, o->lr};
  if (strcmp(label, OPT_RULE_GD) == 0) {
    run.batch = PLAN_FULL_BATCH;
    run.epochs = 30;
  } else if (strcmp(label, OPT_RULE_SGD) == 0) {
    run.batch = 1;
    run.epochs = 1;
  } else if (strcmp(label, MINIBATCH) == 0) {
    run.rule = OPT_RULE_SGD;
  }
  if (o->epochs > 0) run.epochs = o->epochs;
  if (o->lr < 0.0) run.lr = default_lr(&run);
  return run;
}

static int add_run(const options* o, const char* label, plan* p) {
  if (p->count == kMaxRuns) return fail("more than %d rules", kMaxRuns);
  const planned_run run = make_run(o, label);
  opt_rule_info rule = OPT_RULE_INFO_INIT;
  if (opt_rule_find(run.rule, &rule) != OPT_OK) {
    return fail("--rule: %s; see --list", opt_last_error());
  }
  double lr = 0.0;
  if (opt_preset_value(run.rule, o->preset, OPT_LR, &lr) != OPT_OK) {
    return fail("--preset: %s", opt_last_error());
  }
  p->runs[p->count++] = run;
  return 0;
}

/* The three forms of gradient descent, then every other rule. */
static int add_everything(const options* o, plan* p) {
  static const char* const kForms[] = {OPT_RULE_GD, OPT_RULE_SGD, MINIBATCH};
  for (int i = 0; i < 3; ++i) {
    if (add_run(o, kForms[i], p) != 0) return -1;
  }
  const char* names[kMaxRuns];
  const int count = rule_names(names, kMaxRuns);
  for (int i = 0; i < count; ++i) {
    if (strcmp(names[i], OPT_RULE_GD) == 0) continue;
    if (add_run(o, names[i], p) != 0) return -1;
  }
  return 0;
}

int64_t plan_epoch_steps(const planned_run* run, int64_t images) {
  const int64_t batch = run->batch < images ? run->batch : images;
  return (images - 1) / batch + 1;
}

int plan_check_schedules(const options* o, const plan* p, int64_t images) {
  for (int i = 0; i < p->count; ++i) {
    const planned_run* const run = &p->runs[i];
    const planned_schedule plan = {o->schedule, o->warmup,
                                   run->epochs * plan_epoch_steps(run, images),
                                   run->lr};
    opt_schedule made = NULL;
    int result = schedule_make(NULL, &plan, &made);
    if (result == 0) result = schedule_check_rates(&plan, made);
    opt_schedule_destroy(made);
    if (result != 0) {
      return p->count == 1 ? -1
                           : fail("that run is %s; name the others with --rule",
                                  run->label);
    }
  }
  return 0;
}

int plan_make(const options* o, plan* p) {
  p->count = 0;
  if (o->rule_count == 0) return add_everything(o, p);
  for (int i = 0; i < o->rule_count; ++i) {
    if (add_run(o, o->rules[i], p) != 0) return -1;
  }
  return 0;
}

void plan_print(const plan* p) {
  printf("%-12s %-10s %8s %7s %8s\n", "--rule", "rule", "batch", "epochs",
         "lr");
  for (int i = 0; i < p->count; ++i) {
    const planned_run* const run = &p->runs[i];
    char batch[24] = "all";
    if (run->batch != PLAN_FULL_BATCH) {
      snprintf(batch, sizeof(batch), "%" PRId64, run->batch);
    }
    printf("%-12s %-10s %8s %7" PRId64 " %8g\n", run->label, run->rule, batch,
           run->epochs, run->lr);
  }
}
