/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * One training run, from the first step to the test: this is where the program
 * uses libopt most.
 */
#ifndef OPT_EXAMPLES_TRAIN_TRAINING_H_
#define OPT_EXAMPLES_TRAIN_TRAINING_H_

#include <stdint.h>

#include "examples/train/data.h"
#include "examples/train/network.h"
#include "examples/train/options.h"
#include "examples/train/report.h"
#include "opt/opt.h"

/* Everything that the runs share. */
typedef struct trainer {
  const options* options;
  opt_context context;
  opt_checkpoint resumed; /* the checkpoint to go on from, or NULL */
  network* net;
  images train;
  images test;
  int64_t* order; /* room for train.count indices, for use by a run */
} trainer;

/* Trains, from new weights or from where the checkpoint is, saves when the
 * options ask for it, and tests. It is run `number` of `total`, for the
 * progress display. Returns 0, even if it was interrupted; or -1 after an error
 * message. */
int training_run(const trainer* shared, const planned_run* run, int number,
                 int total, run_result* result);

#endif /* OPT_EXAMPLES_TRAIN_TRAINING_H_ */
