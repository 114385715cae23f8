/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/options.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "examples/train/fail.h"
#include "examples/train/schedule.h"
#include "opt/opt.h"

static int parse_whole(const char* option, const char* text, int64_t min,
                       int64_t max, int64_t* value) {
  char* end = NULL;
  errno = 0;
  const long long number = strtoll(text, &end, 10);
  if (errno != 0 || end == text || *end != '\0' || number < min ||
      number > max) {
    return fail("--%s: '%s' is not a whole number from %" PRId64 " to %" PRId64,
                option, text, min, max);
  }
  *value = number;
  return 0;
}

static int set_rule(options* o, char* text) {
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

static int set_preset(options* o, char* text) {
  o->preset = text;
  return 0;
}

static int parse_number(const char* option, const char* text, double max,
                        double* value) {
  char* end = NULL;
  *value = strtod(text, &end);
  if (end == text || *end != '\0' || !(*value >= 0.0 && *value <= max)) {
    return fail("--%s: '%s' is not a number from 0 to %.0f", option, text, max);
  }
  return 0;
}

static int set_lr(options* o, char* text) {
  return parse_number("lr", text, 1000.0, &o->lr);
}

static int set_schedule(options* o, char* text) {
  if (strlen(text) >= kMaxSchedule) {
    return fail("--schedule: longer than %d bytes", kMaxSchedule - 1);
  }
  o->schedule = text;
  return schedule_check(text);
}

static int set_warmup(options* o, char* text) {
  return parse_whole("warmup", text, 0, 1000000000, &o->warmup);
}

static int set_clip(options* o, char* text) {
  if (parse_number("clip", text, 1e6, &o->clip) != 0) return -1;
  return o->clip > 0.0 ? 0
                       : fail(
                             "--clip: '%s' is not above 0: leave out --clip "
                             "to have gradients of any length",
                             text);
}

static int set_ema(options* o, char* text) {
  return parse_number("ema", text, 1.0, &o->ema);
}

static int set_epochs(options* o, char* text) {
  return parse_whole("epochs", text, 1, 1000, &o->epochs);
}

static int set_batch(options* o, char* text) {
  return parse_whole("batch", text, 1, 1000000, &o->batch);
}

static int set_threads(options* o, char* text) {
  return parse_whole("threads", text, 1, 1024, &o->threads);
}

static int set_seed(options* o, char* text) {
  return parse_whole("seed", text, 0, INT64_MAX, &o->seed);
}

static int set_data(options* o, char* text) {
  o->data = text;
  return 0;
}

static int set_out(options* o, char* text) {
  o->out = text;
  return 0;
}

static int set_save(options* o, char* text) {
  o->save = text;
  return 0;
}

static int set_save_every(options* o, char* text) {
  return parse_whole("save-every", text, 1, 1000000000, &o->save_every);
}

static int set_resume(options* o, char* text) {
  o->resume = text;
  return 0;
}

typedef struct option_entry {
  const char* name;
  int (*set)(options* o, char* text); /* NULL: takes no value */
  command command;
} option_entry;

static const option_entry kEntries[] = {
    {"rule", set_rule, kCommandTrain},
    {"preset", set_preset, kCommandTrain},
    {"lr", set_lr, kCommandTrain},
    {"schedule", set_schedule, kCommandTrain},
    {"warmup", set_warmup, kCommandTrain},
    {"clip", set_clip, kCommandTrain},
    {"ema", set_ema, kCommandTrain},
    {"epochs", set_epochs, kCommandTrain},
    {"batch", set_batch, kCommandTrain},
    {"threads", set_threads, kCommandTrain},
    {"seed", set_seed, kCommandTrain},
    {"data", set_data, kCommandTrain},
    {"out", set_out, kCommandTrain},
    {"save", set_save, kCommandTrain},
    {"save-every", set_save_every, kCommandTrain},
    {"resume", set_resume, kCommandTrain},
    {"list", NULL, kCommandList},
    {"help", NULL, kCommandHelp},
};

static const option_entry* find_entry(const char* argument, size_t length) {
  for (size_t i = 0; i < sizeof(kEntries) / sizeof(kEntries[0]); ++i) {
    if (strlen(kEntries[i].name) == length &&
        strncmp(kEntries[i].name, argument, length) == 0) {
      return &kEntries[i];
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
  for (int i = 1; i < argc; ++i) {
    char* const argument = argv[i];
    const size_t length = strcspn(argument, "=");
    const option_entry* const entry = strncmp(argument, "--", 2) == 0
                                          ? find_entry(argument + 2, length - 2)
                                          : NULL;
    if (entry == NULL) {
      return fail("unknown argument '%s'; --help lists the options", argument);
    }
    char* value = argument[length] == '=' ? argument + length + 1 : NULL;
    if (entry->set == NULL) {
      if (value != NULL) return fail("--%s takes no value", entry->name);
      o->command = entry->command;
      continue;
    }
    if (value == NULL && i + 1 < argc) value = argv[++i];
    if (value == NULL || *value == '\0') {
      return fail("--%s needs a value", entry->name);
    }
    if (entry->set(o, value) != 0) return -1;
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
