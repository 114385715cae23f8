/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * One training run: this is where the program uses libopt.
 */
#ifndef OPT_EXAMPLES_TRAIN_TRAINING_H_
#define OPT_EXAMPLES_TRAIN_TRAINING_H_

#include <stdbool.h>
#include <stdint.h>

#include "examples/train/idx.h"
#include "examples/train/network.h"
#include "examples/train/options.h"
#include "examples/train/plan.h"
#include "examples/train/position.h"
#include "examples/train/settings.h"
#include "opt/opt.h"

typedef struct run_result {
  position at;              /* where it ended */
  int64_t batch;            /* images of a step */
  bool finished;            /* not interrupted; else no loss and accuracy */
  double loss;              /* at the end, mean over the training images */
  double accuracy;          /* over the test images, 0 to 1 */
  double average_accuracy;  /* the same of the averaged weights, with --ema */
  double seconds;           /* of training here, evaluation not included */
  double optimizer_seconds; /* of those, in libopt */
} run_result;

/* What all runs share. */
typedef struct laboratory {
  opt_context context;
  network* net;
  images train;
  images test;
  int32_t* order; /* train.count indices, for use by a run */
  const options* options;
  opt_checkpoint resumed; /* what the run goes on from, or NULL */
} laboratory;

/* Trains, from new weights or from where the checkpoint is, saves when the
 * options ask for it, and tests. `number` of `total` runs, for the progress
 * display. Returns 0, also if it was interrupted; or -1 after an error
 * message. */
int training_run(const laboratory* lab, const planned_run* run, int number,
                 int total, run_result* result);

#endif /* OPT_EXAMPLES_TRAIN_TRAINING_H_ */
