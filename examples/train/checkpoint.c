/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/checkpoint.h"

#include <float.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "examples/train/system.h"

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
  if (o->batch == 0 && s->batch != FULL_BATCH) o->batch = s->batch;
  if (o->seed < 0) o->seed = s->seed;
}

/* Reports that an option asks for another value than the checkpoint has. */
static int conflict(const options* o, const char* option, const char* stored) {
  return fail(
      "--%s: %s was made with %s: leave out --%s, or start over "
      "without --resume",
      option, o->resume, stored, option);
}

/* The same for a number; below `min` it says that the option was not given. */
static int conflict_of_number(const options* o, const char* option,
                              double stored, double min) {
  char number[32] = "none";
  if (stored >= min) snprintf(number, sizeof(number), "%.9g", stored);
  return conflict(o, option, number);
}

/* The same for a whole number, where those below 0 say it. */
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

/* An entry of the program's own, to be written from `data` or read into it. */
typedef struct field {
  const char* name;
  opt_dtype dtype;
  int64_t count;
  void* data;
} field;

enum { kTextFields = 3, kSettingFields = 9, kPositionFields = 12 };

static void list_settings(settings* s, field* fields) {
  const field list[kSettingFields] = {{"epochs", OPT_I64, 1, &s->epochs},
                                      {"batch", OPT_I64, 1, &s->batch},
                                      {"lr", OPT_F64, 1, &s->lr},
                                      {"warmup", OPT_I64, 1, &s->warmup},
                                      {"clip", OPT_F64, 1, &s->clip},
                                      {"ema", OPT_F64, 1, &s->ema},
                                      {"seed", OPT_I64, 1, &s->seed},
                                      {"images", OPT_I64, 1, &s->images},
                                      {"checksum", OPT_I64, 1, &s->checksum}};
  memcpy(fields, list, sizeof(list));
}

static void list_position(position* at, field* fields) {
  loss_curve* const curve = &at->curve;
  const field list[kPositionFields] = {
      {"step", OPT_I64, 1, &at->step},
      {"random", OPT_I64, 1, &at->random},
      {"order", OPT_I64, at->images, at->order},
      {"pending.loss", OPT_F64, 1, &at->pending_loss},
      {"pending.images", OPT_I64, 1, &at->pending_images},
      {"epoch.loss", OPT_F64, 1, &at->epoch_loss},
      {"clipped.steps", OPT_I64, 1, &at->clipped_steps},
      {"largest.norm", OPT_F64, 1, &at->largest_norm},
      {"curve.step", OPT_I64, curve->count, curve->step},
      {"curve.epoch", OPT_F64, curve->count, curve->epoch},
      {"curve.lr", OPT_F64, curve->count, curve->lr},
      {"curve.loss", OPT_F64, curve->count, curve->loss}};
  memcpy(fields, list, sizeof(list));
}

int checkpoint_check_path(const options* o, const plan* p) {
  struct stat save;
  struct stat resume;
  if (o->save == NULL) return 0;
  if (p->count != 1) {
    return fail(
        "--save: a checkpoint is of one run, but %d are planned: name "
        "one with --rule",
        p->count);
  }
  if (stat(o->save, &save) != 0 || !S_ISREG(save.st_mode) ||
      (o->resume != NULL && stat(o->resume, &resume) == 0 &&
       resume.st_dev == save.st_dev && resume.st_ino == save.st_ino)) {
    return 0;
  }
  return fail(
      "--save: %s exists: go on from it with --resume, name another "
      "file, or remove it",
      o->save);
}

int checkpoint_save(const char* path, opt_optimizer optimizer,
                    const settings* s, const position* at) {
  settings stored = *s; /* fields are not const: they serve reading as well */
  position here = *at;
  field fields[kTextFields + kSettingFields + kPositionFields] = {
      {"rule", OPT_U8, (int64_t)strlen(s->label), stored.label},
      {"preset", OPT_U8, (int64_t)strlen(s->preset), stored.preset},
      {"schedule", OPT_U8, (int64_t)strlen(s->schedule), stored.schedule}};
  list_settings(&stored, fields + kTextFields);
  list_position(&here, fields + kTextFields + kSettingFields);
  opt_entry entries[sizeof(fields) / sizeof(*fields)];
  opt_save_args args = OPT_SAVE_ARGS_INIT;
  args.flags = OPT_SAVE_PARAMS;
  args.entry_count = sizeof(fields) / sizeof(*fields);
  args.entries = entries;
  for (int64_t i = 0; i < args.entry_count; ++i) {
    const opt_entry init = OPT_ENTRY_INIT;
    entries[i] = init;
    entries[i].name = fields[i].name;
    entries[i].dtype = fields[i].dtype;
    entries[i].count = fields[i].count;
    entries[i].data = fields[i].data;
  }
  return opt_save_file(optimizer, path, &args) == OPT_OK
             ? 0
             : fail("--save: %s", opt_last_error());
}

/* A checkpoint being read. */
typedef struct reader {
  const char* path;
  opt_checkpoint opened;
} reader;

static int not_ours(const reader* r, const char* name) {
  return fail(
      "--resume: %s is no checkpoint of this program: its entry '%s' "
      "is missing or another; name a file that --save wrote",
      r->path, name);
}

/* Finds an entry of the program's own. */
static int find(const reader* r, const char* name, opt_dtype dtype,
                opt_entry_info* info, int64_t* index) {
  const opt_entry_info init = OPT_ENTRY_INFO_INIT;
  *info = init;
  if (opt_checkpoint_find(r->opened, name, index) != OPT_OK ||
      opt_checkpoint_at(r->opened, *index, info) != OPT_OK || !info->own ||
      info->dtype != dtype) {
    return not_ours(r, name);
  }
  return 0;
}

static int read_field(const reader* r, const field* f) {
  opt_entry_info info;
  int64_t index = 0;
  if (find(r, f->name, f->dtype, &info, &index) != 0) return -1;
  if (info.count != f->count) return not_ours(r, f->name);
  if (opt_checkpoint_read(r->opened, index, f->data, info.bytes) != OPT_OK) {
    return fail("--resume: %s: %s", r->path, opt_last_error());
  }
  return 0;
}

/* Reads a text of less than `room` bytes; `text` is all zero. */
static int read_text(const reader* r, const char* name, char* text,
                     int64_t room) {
  opt_entry_info info;
  int64_t index = 0;
  if (find(r, name, OPT_U8, &info, &index) != 0) return -1;
  if (info.count >= room) return not_ours(r, name);
  const field f = {name, OPT_U8, info.count, text};
  return read_field(r, &f);
}

/* The first versions of this program had no schedules to save. */
static int check_version(const reader* r) {
  int64_t index = 0;
  if (opt_checkpoint_find(r->opened, "schedule", &index) == OPT_OK) return 0;
  return fail(
      "--resume: %s is of an earlier version of this program, without "
      "--schedule: go on from it with that one, or start over without --resume",
      r->path);
}

static int read_settings(const reader* r, settings* s) {
  const settings empty = {.epochs = 0};
  *s = empty;
  if (read_text(r, "rule", s->label, kMaxName) != 0 ||
      read_text(r, "preset", s->preset, kMaxName) != 0 ||
      check_version(r) != 0 ||
      read_text(r, "schedule", s->schedule, kMaxSchedule) != 0) {
    return -1;
  }
  field fields[kSettingFields];
  list_settings(s, fields);
  for (int i = 0; i < kSettingFields; ++i) {
    if (read_field(r, &fields[i]) != 0) return -1;
  }
  return 0;
}

int checkpoint_open(const char* path, opt_checkpoint* opened, settings* s) {
  const opt_status status = opt_checkpoint_open_file(NULL, path, opened);
  if (status == OPT_ERR_IO) { /* the message names the file */
    return fail("--resume: %s; leave out --resume to start over",
                opt_last_error());
  }
  if (status != OPT_OK) return fail("--resume: %s: %s", path, opt_last_error());
  const reader r = {path, *opened};
  return read_settings(&r, s);
}

static int read_position(const reader* r, position* at) {
  opt_entry_info info;
  int64_t index = 0;
  if (find(r, "curve.step", OPT_I64, &info, &index) != 0) return -1;
  if (info.count > kCurvePoints) return not_ours(r, "curve.step");
  at->curve.count = info.count;
  field fields[kPositionFields];
  list_position(at, fields);
  for (int i = 0; i < kPositionFields; ++i) {
    if (read_field(r, &fields[i]) != 0) return -1;
  }
  return 0;
}

static int check_order(const position* at, const char* path) {
  bool* const seen = calloc((size_t)at->images, sizeof(*seen));
  if (seen == NULL) return fail("out of memory");
  int64_t i = 0;
  while (i < at->images && at->order[i] >= 0 && at->order[i] < at->images &&
         !seen[at->order[i]]) {
    seen[at->order[i++]] = true;
  }
  free(seen);
  return i == at->images
             ? 0
             : fail(
                   "--resume: the order of the images in %s does not have "
                   "each of them once",
                   path);
}

/* Checks that a run of `steps` steps can be at such a position: checksums find
 * damage, but not a file that another program made up. */
static int check_position(const position* at, int64_t steps, const char* path) {
  if (at->step < 0 || at->step > steps) {
    return fail("--resume: %s is after %" PRId64 " steps of %" PRId64, path,
                at->step, steps);
  }
  if (at->pending_images < 0 || at->pending_images > INT64_MAX / 2) {
    return fail("--resume: %s counts %" PRId64 " images", path,
                at->pending_images);
  }
  if (at->clipped_steps < 0 || at->clipped_steps > at->step) {
    return fail("--resume: %s counts %" PRId64 " clipped steps of %" PRId64,
                path, at->clipped_steps, at->step);
  }
  const int64_t points = at->step * kCurvePoints / steps;
  if (at->curve.count != (points < at->step ? points : at->step)) {
    return fail("--resume: %s has %" PRId64
                " points of the loss curve after %" PRId64 " of %" PRId64
                " steps",
                path, at->curve.count, at->step, steps);
  }
  return check_order(at, path);
}

/* libopt calls this for every name that does not fit. */
static void report_name(void* path, int32_t kind, const char* name,
                        const char* detail) {
  (void)kind;
  fail("--resume: %s: '%s': %s", *(const char**)path, name, detail);
}

int checkpoint_load(const char* path, opt_checkpoint opened,
                    opt_optimizer optimizer, int64_t steps, position* at) {
  const reader r = {path, opened};
  if (read_position(&r, at) != 0) return -1;
  opt_load_args args = OPT_LOAD_ARGS_INIT;
  args.flags = OPT_LOAD_PARAMS;
  args.report = report_name;
  args.user = &path;
  opt_info info = OPT_INFO_INIT;
  if (opt_load_file(optimizer, path, &args) != OPT_OK ||
      opt_get_info(optimizer, &info) != OPT_OK) {
    return fail("--resume: %s: %s", path, opt_last_error());
  }
  /* `opened` is what the file was; another program may have replaced it. */
  if (info.steps != at->step) {
    return fail("--resume: %s: the optimizer made %" PRId64
                " steps, the training %" PRId64
                ": is another program writing the file?",
                path, info.steps, at->step);
  }
  return check_position(at, steps, path);
}
