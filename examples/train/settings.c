/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/settings.h"

#include <float.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "examples/train/fail.h"

settings settings_of(const planned_run* run, const options* o,
                     const images* train) {
  settings s = {.epochs = run->epochs,
                .batch = run->batch,
                .lr = run->lr,
                .warmup = o->warmup,
                .clip = o->clip,
                .ema = o->ema,
                .seed = o->seed,
                .images = train->count,
                .checksum = images_checksum(train)};
  snprintf(s.label, sizeof(s.label), "%s", run->label);
  snprintf(s.preset, sizeof(s.preset), "%s", o->preset);
  snprintf(s.schedule, sizeof(s.schedule), "%s", o->schedule);
  return s;
}

void settings_complete(const settings* s, options* o) {
  if (o->rule_count == 0) o->rules[o->rule_count++] = s->label;
  if (o->preset == NULL) o->preset = s->preset;
  if (o->lr < 0.0) o->lr = s->lr;
  if (o->schedule == NULL) o->schedule = s->schedule;
  if (o->warmup < 0) o->warmup = s->warmup;
  if (o->clip == 0.0) o->clip = s->clip;
  if (o->ema < 0.0) o->ema = s->ema;
  if (o->epochs == 0) o->epochs = s->epochs;
  if (o->batch == 0 && s->batch != PLAN_FULL_BATCH) o->batch = s->batch;
  if (o->seed < 0) o->seed = s->seed;
}

/* An option asks for another value than the checkpoint has. */
static int conflict(const options* o, const char* option, const char* stored) {
  return fail(
      "--%s: %s was made with %s: leave out --%s, or start anew "
      "without --resume",
      option, o->resume, stored, option);
}

/* The same for a number, which was not given if it is below `min`. */
static int conflict_of_number(const options* o, const char* option,
                              double stored, double min) {
  char number[32] = "none";
  if (stored >= min) snprintf(number, sizeof(number), "%.9g", stored);
  return conflict(o, option, number);
}

static int conflict_of_count(const options* o, const char* option,
                             int64_t stored) {
  char number[32] = "none";
  if (stored >= 0) snprintf(number, sizeof(number), "%" PRId64, stored);
  return conflict(o, option, number);
}

int settings_check(const settings* s, const options* o, const plan* p) {
  const planned_run* const run = &p->runs[0];
  if (p->count != 1 || strcmp(run->label, s->label) != 0) {
    return conflict(o, "rule", s->label);
  }
  if (strcmp(o->preset, s->preset) != 0) {
    return conflict(o, "preset", s->preset);
  }
  if (strcmp(o->schedule, s->schedule) != 0) {
    return conflict(o, "schedule", s->schedule);
  }
  if (o->warmup != s->warmup) return conflict_of_count(o, "warmup", s->warmup);
  if (run->lr != s->lr) return conflict_of_number(o, "lr", s->lr, 0.0);
  if (o->clip != s->clip) {
    return conflict_of_number(o, "clip", s->clip, DBL_MIN);
  }
  if (o->ema != s->ema) return conflict_of_number(o, "ema", s->ema, 0.0);
  if (run->epochs != s->epochs) {
    return conflict_of_count(o, "epochs", s->epochs);
  }
  if (run->batch != s->batch) return conflict_of_count(o, "batch", s->batch);
  if (o->seed != s->seed) return conflict_of_count(o, "seed", s->seed);
  return 0;
}

int settings_check_images(const settings* s, const options* o,
                          const images* train) {
  if (train->count == s->images && images_checksum(train) == s->checksum) {
    return 0;
  }
  return fail(
      "--resume: %s was made with other training images than those in "
      "%s: name their directory with --data",
      o->resume, o->data);
}
