/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * What a run was started with, as a checkpoint keeps it: a run that goes on
 * goes on with the same.
 */
#ifndef OPT_EXAMPLES_TRAIN_SETTINGS_H_
#define OPT_EXAMPLES_TRAIN_SETTINGS_H_

#include <stdint.h>

#include "examples/train/idx.h"
#include "examples/train/options.h"
#include "examples/train/plan.h"
#include "examples/train/schedule.h"

enum { kMaxName = 64 };

typedef struct settings {
  char label[kMaxName]; /* what --rule calls it */
  char preset[kMaxName];
  char schedule[kMaxSchedule];
  int64_t epochs;
  int64_t batch; /* PLAN_FULL_BATCH: all images */
  double lr;
  int64_t warmup;
  double clip;
  double ema;
  int64_t seed;
  int64_t images;   /* to train with */
  int64_t checksum; /* of them: images_checksum() */
} settings;

/* Those of a run; the strings that it and the options point to must fit. */
settings settings_of(const planned_run* run, const options* o,
                     const images* train);

/* Makes a checkpoint's settings those of the options that were not given. */
void settings_complete(const settings* s, options* o);

/* Whether the run that was planned is the checkpoint's. Returns 0; or -1 after
 * saying which option asks for another. */
int settings_check(const settings* s, const options* o, const plan* p);

/* Whether the training images are the checkpoint's. Returns 0; or -1 after
 * saying that they are not. */
int settings_check_images(const settings* s, const options* o,
                          const images* train);

#endif /* OPT_EXAMPLES_TRAIN_SETTINGS_H_ */
