/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/options.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/catalogue/rule_names.h"
#include "examples/train/optimizer.h"
#include "examples/train/options_text.h"
#include "examples/train/system.h"
#include "opt/opt.h"

/* The kinds of values that options take. */
typedef enum value_kind {
  kText,     /* any */
  kRules,    /* names, separated by commas */
  kSchedule, /* KIND or KIND:OPTION=VALUE,... */
  kWhole,    /* a whole number from `min` to `max` */
  kNumber,   /* a number from 0 to `max` */
  kPositive, /* the same, but not 0 */
  kHelp,     /* none: the option is a command */
  kList      /* likewise */
} value_kind;

typedef struct option_entry {
  const char* name;
  value_kind kind;
  void* value; /* the member of `options` that it sets */
  int64_t min;
  int64_t max;
} option_entry;

enum { kOptions = 18 };

static void list_options(options* o, option_entry* list) {
  const option_entry all[kOptions] = {
      {"rule", kRules, o->rules, 0, 0},
      {"preset", kText, &o->preset, 0, 0},
      {"lr", kNumber, &o->lr, 0, 1000},
      {"schedule", kSchedule, &o->schedule, 0, 0},
      {"warmup", kWhole, &o->warmup, 0, 1000000000},
      {"clip", kPositive, &o->clip, 0, 1000000},
      {"ema", kNumber, &o->ema, 0, 1},
      {"epochs", kWhole, &o->epochs, 1, 1000},
      {"batch", kWhole, &o->batch, 1, 1000000},
      {"threads", kWhole, &o->threads, 1, 1024},
      {"seed", kWhole, &o->seed, 0, INT64_MAX},
      {"data", kText, &o->data, 0, 0},
      {"out", kText, &o->out, 0, 0},
      {"save", kText, &o->save, 0, 0},
      {"save-every", kWhole, &o->save_every, 1, 1000000000},
      {"resume", kText, &o->resume, 0, 0},
      {"list", kList, &o->command, 0, 0},
      {"help", kHelp, &o->command, 0, 0},
  };
  memcpy(list, all, sizeof(all));
}

static int set_whole(const option_entry* entry, const char* text) {
  char* end = NULL;
  errno = 0;
  const long long number = strtoll(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || number < entry->min ||
      number > entry->max) {
    return fail("--%s: '%s' is not a whole number from %" PRId64 " to %" PRId64,
                entry->name, text, entry->min, entry->max);
  }
  *(int64_t*)entry->value = number;
  return 0;
}

static int set_number(const option_entry* entry, const char* text) {
  char* end = NULL;
  const double number = strtod(text, &end);
  if (end == text || *end != '\0' ||
      !(number >= 0.0 && number <= (double)entry->max)) {
    return fail("--%s: '%s' is not a number from 0 to %" PRId64, entry->name,
                text, entry->max);
  }
  if (entry->kind == kPositive && !(number > 0.0)) {
    return fail(
        "--%s: '%s' is not above 0: leave out --%s to have gradients "
        "of any length",
        entry->name, text, entry->name);
  }
  *(double*)entry->value = number;
  return 0;
}

static int add_rules(options* o, char* text) {
  char* rest = NULL;
  for (char* name = strtok_r(text, ",", &rest); name != NULL;
       name = strtok_r(NULL, ",", &rest)) {
    for (int i = 0; i < o->rule_count; ++i) {
      if (strcmp(o->rules[i], name) == 0) {
        return fail("--rule: '%s' is given twice", name);
      }
    }
    if (o->rule_count == kMaxRuns) {
      return fail("--rule: more than %d rules", kMaxRuns);
    }
    o->rules[o->rule_count++] = name;
  }
  return o->rule_count > 0 ? 0 : fail("--rule: no rule is named");
}

static int set_schedule(options* o, const char* text) {
  if (strlen(text) >= kMaxSchedule) {
    return fail("--schedule: longer than %d bytes", kMaxSchedule - 1);
  }
  o->schedule = text;
  return schedule_check(text);
}

static int set_option(options* o, const option_entry* entry, char* text) {
  switch (entry->kind) {
    case kRules:
      return add_rules(o, text);
    case kSchedule:
      return set_schedule(o, text);
    case kWhole:
      return set_whole(entry, text);
    case kNumber:
    case kPositive:
      return set_number(entry, text);
    case kText:
      *(const char**)entry->value = text;
      return 0;
    case kHelp:
    case kList:
      break;
  }
  o->command = entry->kind == kHelp ? kCommandHelp : kCommandList;
  return 0;
}

static const option_entry* find_entry(const option_entry* list,
                                      const char* name, size_t length) {
  for (int i = 0; i < kOptions; ++i) {
    if (strlen(list[i].name) == length &&
        strncmp(list[i].name, name, length) == 0) {
      return &list[i];
    }
  }
  return NULL;
}

int options_parse(int argc, char** argv, options* o) {
  const options none = {.command = kCommandTrain,
                        .lr = -1.0,
                        .warmup = -1,
                        .ema = -1.0,
                        .seed = -1};
  *o = none;
  option_entry list[kOptions];
  list_options(o, list);
  for (int i = 1; i < argc; ++i) {
    char* const argument = argv[i];
    const size_t length = strcspn(argument, "=");
    const option_entry* const entry =
        strncmp(argument, "--", 2) == 0
            ? find_entry(list, argument + 2, length - 2)
            : NULL;
    if (entry == NULL) {
      return fail("unknown argument '%s'; --help lists the options", argument);
    }
    char* value = argument[length] == '=' ? argument + length + 1 : NULL;
    if (entry->kind == kHelp || entry->kind == kList) {
      if (value != NULL) return fail("--%s takes no value", entry->name);
    } else {
      if (value == NULL && i + 1 < argc) value = argv[++i];
      if (value == NULL || *value == '\0') {
        return fail("--%s needs a value", entry->name);
      }
    }
    if (set_option(o, entry, value) != 0) return -1;
  }
  if (o->save_every > 0 && o->save == NULL) {
    return fail("--save-every: name the file with --save");
  }
  return 0;
}

void options_complete(options* o) {
  if (o->preset == NULL) o->preset = OPT_PRESET_TEXTBOOK;
  if (o->schedule == NULL) o->schedule = OPT_SCHEDULE_LINEAR;
  if (o->batch == 0) o->batch = 128;
  if (o->seed < 0) o->seed = 1;
  if (o->data == NULL) o->data = "/usr/share/datasets/fashion-mnist";
  if (o->out == NULL) o->out = "build/results";
}

void options_print_help(void) {
  for (size_t i = 0; i < sizeof(kOptionsText) / sizeof(*kOptionsText); ++i) {
    fputs(kOptionsText[i], stdout);
  }
}

/* A run of the rule sgd that is not called sgd. */
#define MINIBATCH "minibatch"

enum { kDefaultEpochs = 5 };

/* Learning rates that suit this network; a rule that is not listed starts from
 * the library's default. */
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
    run.batch = FULL_BATCH;
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

/* Adds a run, after asking the library whether its rule and preset exist. */
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

/* The forms of gradient descent and the rules that everybody knows. */
static const char* const kKnown[] = {
    OPT_RULE_GD,      OPT_RULE_SGD,     MINIBATCH,     OPT_RULE_MOMENTUM,
    OPT_RULE_ADAGRAD, OPT_RULE_RMSPROP, OPT_RULE_ADAM, OPT_RULE_ADAMW};
enum { kKnownCount = (int)(sizeof(kKnown) / sizeof(*kKnown)) };

int plan_make(const options* o, plan* p) {
  const bool lists = o->command == kCommandList && o->rule_count == 0;
  const bool all = o->rule_count == 1 && strcmp(o->rules[0], "all") == 0;
  const bool known = o->rule_count == 0;
  const char* const* const labels = known ? kKnown : o->rules;
  const int count = known ? kKnownCount : o->rule_count;
  p->count = 0;
  if (lists || all) return add_everything(o, p);
  for (int i = 0; i < count; ++i) {
    if (add_run(o, labels[i], p) != 0) return -1;
  }
  return 0;
}

int64_t plan_epoch_steps(const planned_run* run, int64_t image_count) {
  const int64_t batch = run->batch < image_count ? run->batch : image_count;
  return (image_count - 1) / batch + 1;
}

int plan_check_schedules(const options* o, const plan* p, int64_t image_count) {
  for (int i = 0; i < p->count; ++i) {
    const planned_run* const run = &p->runs[i];
    const int64_t steps = run->epochs * plan_epoch_steps(run, image_count);
    const planned_schedule schedule = {o->schedule, o->warmup, steps, run->lr};
    if (schedule_check_rates(&schedule) == 0) continue;
    return p->count == 1 ? -1
                         : fail("that run is %s; name the others with --rule",
                                run->label);
  }
  return 0;
}

void plan_print(const plan* p) {
  printf("%-12s %-10s %8s %7s %8s\n", "--rule", "rule", "batch", "epochs",
         "lr");
  for (int i = 0; i < p->count; ++i) {
    const planned_run* const run = &p->runs[i];
    char batch[24] = "all";
    if (run->batch != FULL_BATCH) {
      snprintf(batch, sizeof(batch), "%" PRId64, run->batch);
    }
    printf("%-12s %-10s %8s %7" PRId64 " %8g\n", run->label, run->rule, batch,
           run->epochs, run->lr);
  }
}
