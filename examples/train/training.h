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
#include "examples/train/plan.h"
#include "opt/opt.h"

/* Points of a loss curve at most. */
enum { kCurvePoints = 100 };

typedef struct curve_point {
  int64_t step; /* steps done */
  double epoch; /* images seen, as a part of the training images */
  double lr;
  double loss; /* mean over the images since the previous point */
} curve_point;

typedef struct run_result {
  curve_point curve[kCurvePoints];
  int point_count;
  int64_t batch; /* images of a step */
  int64_t steps;
  bool finished;            /* not interrupted; else no loss and accuracy */
  double loss;              /* at the end, mean over the training images */
  double accuracy;          /* over the test images, 0 to 1 */
  double seconds;           /* of training, evaluation not included */
  double optimizer_seconds; /* of those, in libopt */
} run_result;

/* What all runs share. */
typedef struct laboratory {
  opt_context context;
  network* net;
  images train;
  images test;
  int32_t* order; /* train.count indices, for use by a run */
  const char* preset;
  uint64_t seed;
} laboratory;

/* Trains from new weights and tests. `number` of `total` runs, for the progress
 * display. Returns 0, also if Ctrl-C was pressed; or -1 after an error
 * message. */
int training_run(const laboratory* lab, const planned_run* run, int number,
                 int total, run_result* result);

#endif /* OPT_EXAMPLES_TRAIN_TRAINING_H_ */
