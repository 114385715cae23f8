/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/checkpoint.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "examples/train/fail.h"

/* An entry of ours, as it is written and read. */
typedef struct field {
  const char* name;
  opt_dtype dtype;
  int64_t count;
  void* data;
} field;

enum { kSettingFields = 9, kTextFields = 3, kPositionFields = 12 };

/* The position, in arrays that an entry can hold. */
typedef struct columns {
  int64_t step[kCurvePoints];
  double epoch[kCurvePoints];
  double lr[kCurvePoints];
  double loss[kCurvePoints];
  int64_t* order;
} columns;

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

static void list_position(position* at, columns* c, field* fields) {
  const int64_t points = at->point_count;
  const field list[kPositionFields] = {
      {"step", OPT_I64, 1, &at->step},
      {"random", OPT_I64, 1, &at->random},
      {"order", OPT_I64, at->images, c->order},
      {"pending.loss", OPT_F64, 1, &at->pending_loss},
      {"pending.images", OPT_I64, 1, &at->pending_images},
      {"epoch.loss", OPT_F64, 1, &at->epoch_loss},
      {"clipped.steps", OPT_I64, 1, &at->clipped_steps},
      {"largest.norm", OPT_F64, 1, &at->largest_norm},
      {"curve.step", OPT_I64, points, c->step},
      {"curve.epoch", OPT_F64, points, c->epoch},
      {"curve.lr", OPT_F64, points, c->lr},
      {"curve.loss", OPT_F64, points, c->loss}};
  memcpy(fields, list, sizeof(list));
}

static int make_columns(const position* at, columns* c) {
  c->order = malloc((size_t)at->images * sizeof(*c->order));
  return c->order != NULL ? 0 : fail("out of memory");
}

static void fill_columns(const position* at, columns* c) {
  for (int i = 0; i < at->point_count; ++i) {
    c->step[i] = at->curve[i].step;
    c->epoch[i] = at->curve[i].epoch;
    c->lr[i] = at->curve[i].lr;
    c->loss[i] = at->curve[i].loss;
  }
  for (int64_t i = 0; i < at->images; ++i) c->order[i] = at->order[i];
}

int checkpoint_save(const char* path, opt_optimizer optimizer,
                    const settings* s, const position* at) {
  settings stored = *s;
  position here = *at;
  columns c;
  if (make_columns(at, &c) != 0) return -1;
  fill_columns(at, &c);
  field fields[kTextFields + kSettingFields + kPositionFields] = {
      {"rule", OPT_U8, (int64_t)strlen(s->label), stored.label},
      {"preset", OPT_U8, (int64_t)strlen(s->preset), stored.preset},
      {"schedule", OPT_U8, (int64_t)strlen(s->schedule), stored.schedule}};
  list_settings(&stored, fields + kTextFields);
  list_position(&here, &c, fields + kTextFields + kSettingFields);
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
  const opt_status status = opt_save_file(optimizer, path, &args);
  free(c.order);
  return status == OPT_OK ? 0 : fail("--save: %s", opt_last_error());
}

static int not_ours(const char* path, const char* name) {
  return fail(
      "--resume: %s is no checkpoint of this program: its entry '%s' "
      "is missing or another; name a file that --save wrote",
      path, name);
}

/* Finds an entry of ours. */
static int find(const char* path, opt_checkpoint opened, const char* name,
                opt_dtype dtype, opt_entry_info* info, int64_t* index) {
  const opt_entry_info init = OPT_ENTRY_INFO_INIT;
  *info = init;
  if (opt_checkpoint_find(opened, name, index) != OPT_OK ||
      opt_checkpoint_at(opened, *index, info) != OPT_OK || !info->own ||
      info->dtype != dtype) {
    return not_ours(path, name);
  }
  return 0;
}

static int read_field(const char* path, opt_checkpoint opened, const field* f) {
  opt_entry_info info;
  int64_t index = 0;
  if (find(path, opened, f->name, f->dtype, &info, &index) != 0) return -1;
  if (info.count != f->count) return not_ours(path, f->name);
  if (opt_checkpoint_read(opened, index, f->data, info.bytes) != OPT_OK) {
    return fail("--resume: %s: %s", path, opt_last_error());
  }
  return 0;
}

/* Reads a text shorter than `room` bytes; `text` is zeroed. */
static int read_text(const char* path, opt_checkpoint opened, const char* name,
                     char* text, int64_t room) {
  opt_entry_info info;
  int64_t index = 0;
  if (find(path, opened, name, OPT_U8, &info, &index) != 0) return -1;
  if (info.count >= room) return not_ours(path, name);
  const field f = {name, OPT_U8, info.count, text};
  return read_field(path, opened, &f);
}

/* Before there were schedules, the program did not save any. */
static int check_version(const char* path, opt_checkpoint opened) {
  int64_t index = 0;
  if (opt_checkpoint_find(opened, "schedule", &index) == OPT_OK) return 0;
  return fail(
      "--resume: %s is of an earlier version of this program, without "
      "--schedule: go on from it with that one, or start anew without --resume",
      path);
}

int checkpoint_open(const char* path, opt_checkpoint* opened, settings* s) {
  const settings empty = {.epochs = 0};
  *s = empty;
  const opt_status status = opt_checkpoint_open_file(NULL, path, opened);
  if (status == OPT_ERR_IO) { /* the message names the file */
    return fail("--resume: %s; leave out --resume to start anew",
                opt_last_error());
  }
  if (status != OPT_OK) return fail("--resume: %s: %s", path, opt_last_error());
  field fields[kSettingFields];
  list_settings(s, fields);
  int result = read_text(path, *opened, "rule", s->label, kMaxName);
  if (result == 0) {
    result = read_text(path, *opened, "preset", s->preset, kMaxName);
  }
  if (result == 0) result = check_version(path, *opened);
  if (result == 0) {
    result = read_text(path, *opened, "schedule", s->schedule, kMaxSchedule);
  }
  for (int i = 0; i < kSettingFields && result == 0; ++i) {
    result = read_field(path, *opened, &fields[i]);
  }
  if (result == 0) return 0;
  opt_checkpoint_close(*opened);
  *opened = NULL;
  return -1;
}

static int read_position(const char* path, opt_checkpoint opened, columns* c,
                         position* at) {
  opt_entry_info info;
  int64_t index = 0;
  if (find(path, opened, "curve.step", OPT_I64, &info, &index) != 0) return -1;
  if (info.count > kCurvePoints) return not_ours(path, "curve.step");
  at->point_count = (int)info.count;
  field fields[kPositionFields];
  list_position(at, c, fields);
  for (int i = 0; i < kPositionFields; ++i) {
    if (read_field(path, opened, &fields[i]) != 0) return -1;
  }
  for (int i = 0; i < at->point_count; ++i) {
    const curve_point point = {c->step[i], c->epoch[i], c->lr[i], c->loss[i]};
    at->curve[i] = point;
  }
  for (int64_t i = 0; i < at->images; ++i) {
    const int64_t image = c->order[i];
    at->order[i] = image < 0 || image > INT32_MAX ? -1 : (int32_t)image;
  }
  return 0;
}

/* What does not fit, name by name. */
static void report(void* path, int32_t kind, const char* name,
                   const char* detail) {
  (void)kind;
  fail("--resume: %s: '%s': %s", *(const char**)path, name, detail);
}

int checkpoint_load(const char* path, opt_checkpoint opened,
                    opt_optimizer optimizer, position* at) {
  columns c;
  if (make_columns(at, &c) != 0) return -1;
  const int result = read_position(path, opened, &c, at);
  free(c.order);
  if (result != 0) return -1;
  opt_load_args args = OPT_LOAD_ARGS_INIT;
  args.flags = OPT_LOAD_PARAMS;
  args.report = report;
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
  return 0;
}
