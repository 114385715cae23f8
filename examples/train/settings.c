/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "examples/train/fail.h"

settings settings_of(const planned_run* run, const options* o,
                     const images* train) {
  settings s = {.epochs = run->epochs,
                .batch = run->batch,
                .lr = run->lr,
                .seed = o->seed,
                .images = train->count,
                .checksum = images_checksum(train)};
  snprintf(s.label, sizeof(s.label), "%s", run->label);
  snprintf(s.preset, sizeof(s.preset), "%s", o->preset);
  return s;
}

void settings_complete(const settings* s, options* o) {
  if (o->rule_count == 0) o->rules[o->rule_count++] = s->label;
  if (o->preset == NULL) o->preset = s->preset;
  if (o->lr < 0.0) o->lr = s->lr;
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

int settings_check(const settings* s, const options* o, const plan* p) {
  char number[32];
  const planned_run* const run = &p->runs[0];
  if (p->count != 1 || strcmp(run->label, s->label) != 0) {
    return conflict(o, "rule", s->label);
  }
  if (strcmp(o->preset, s->preset) != 0) {
    return conflict(o, "preset", s->preset);
  }
  if (run->lr != s->lr) {
    snprintf(number, sizeof(number), "%.9g", s->lr);
    return conflict(o, "lr", number);
  }
  if (run->epochs != s->epochs) {
    snprintf(number, sizeof(number), "%" PRId64, s->epochs);
    return conflict(o, "epochs", number);
  }
  if (run->batch != s->batch) {
    snprintf(number, sizeof(number), "%" PRId64, s->batch);
    return conflict(o, "batch", number);
  }
  if (o->seed != s->seed) {
    snprintf(number, sizeof(number), "%" PRId64, s->seed);
    return conflict(o, "seed", number);
  }
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
