/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * What is to be trained: one run for each form of gradient descent and for
 * every other rule that libopt has.
 */
#ifndef OPT_EXAMPLES_TRAIN_PLAN_H_
#define OPT_EXAMPLES_TRAIN_PLAN_H_

#include "examples/train/options.h"

/* Images of a batch that stand for the whole data set. */
#define PLAN_FULL_BATCH INT64_MAX

typedef struct planned_run {
  const char* label; /* what --rule calls it */
  const char* rule;  /* for opt_create() */
  int64_t batch;     /* images of a step, or PLAN_FULL_BATCH */
  int64_t epochs;
  double lr; /* that the schedule starts from */
} planned_run;

typedef struct plan {
  planned_run runs[kMaxRuns];
  int count;
} plan;

/* Plans what the options ask for. Returns 0; or -1 after saying which rule or
 * preset does not exist. */
int plan_make(const options* o, plan* p);

/* Steps of an epoch of so many images. */
int64_t plan_epoch_steps(const planned_run* run, int64_t images);

/* Whether the options' schedule suits each run with so many images: 0; or -1
 * after saying what does not. */
int plan_check_schedules(const options* o, const plan* p, int64_t images);

/* Prints a plan as a table. */
void plan_print(const plan* p);

#endif /* OPT_EXAMPLES_TRAIN_PLAN_H_ */
