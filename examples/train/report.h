/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * All that the program reports: progress while it trains, then a table, and the
 * loss curves and the results as CSV files.
 */
#ifndef OPT_EXAMPLES_TRAIN_REPORT_H_
#define OPT_EXAMPLES_TRAIN_REPORT_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "examples/train/checkpoint.h"
#include "examples/train/options.h"

/* Progress, on stderr: on a terminal a bar with loss and time left, elsewhere a
 * plain line for each fifth of the run. */
typedef struct progress {
  const char* label;
  int run; /* 1, 2, ... of `runs` */
  int runs;
  int64_t first; /* steps made before */
  int64_t steps; /* in all */
  bool terminal;
  double start; /* clock_seconds() */
  double drawn; /* when the bar was last drawn */
  int cells;    /* of the bar that were full then */
  int fifth;    /* the last for which there was a line */
} progress;

/* The fields from label to steps are set. */
void progress_begin(progress* p);

/* `step` steps have been made. */
void progress_update(progress* p, int64_t step, double loss);

/* Removes the bar. */
void progress_end(const progress* p);

/* The outcome of a run. */
typedef struct run_result {
  position at;              /* where it ended */
  int64_t batch;            /* images of a step */
  bool finished;            /* not interrupted; else no loss and accuracy */
  double loss;              /* at the end, mean over the training images */
  double accuracy;          /* over the test images, 0 to 1 */
  double average_accuracy;  /* the same of the averaged weights, with --ema */
  double seconds;           /* of training here, without the tests */
  double optimizer_seconds; /* of those, in libopt */
} run_result;

typedef struct csv_file {
  FILE* file; /* NULL: not open */
  char path[4096];
} csv_file;

typedef struct report {
  csv_file curves;  /* losses.csv: a line for each point of a curve */
  csv_file results; /* results.csv: one for each finished run */
} report;

/* Creates DIR, if need be, and in it the files with their header lines. Each
 * function returns 0; or -1 after an error message. */
int report_open(report* r, const char* dir);

/* Writes the loss curve of a run, interrupted or not, and its results if it is
 * finished. */
int report_add(report* r, const planned_run* run, const options* o,
               const run_result* result);

/* Closes the files that are open. */
int report_close(report* r);

/* Prints one line about all runs. */
void heading_print(const options* o, int64_t train, int64_t test);

/* Prints a table of the first `count` runs, those with the best accuracy over
 * the test images first. */
void table_print(const plan* p, const options* o, const run_result* results,
                 int count);

#endif /* OPT_EXAMPLES_TRAIN_REPORT_H_ */
