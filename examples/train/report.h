/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * What comes out: the loss curves and the results as CSV, and one table.
 */
#ifndef OPT_EXAMPLES_TRAIN_REPORT_H_
#define OPT_EXAMPLES_TRAIN_REPORT_H_

#include <stdio.h>

#include "examples/train/training.h"

typedef struct csv_file {
  FILE* file;
  char path[4096];
} csv_file;

typedef struct report {
  csv_file curves;  /* losses.csv: a line for each point of a curve */
  csv_file results; /* results.csv: one for each finished run */
} report;

/* Creates DIR, if need be, and in it the files with their head lines. Each
 * function returns 0; or -1 after an error message. */
int report_open(report* r, const char* dir);

/* Writes the loss curve of a run, interrupted or not, and its results if it is
 * finished. */
int report_add(report* r, const planned_run* run, const options* o,
               const run_result* result);

/* Closes the files, which are open. */
int report_close(report* r);

/* Prints what all runs have in common. */
void heading_print(const options* o, int64_t train, int64_t test);

/* Prints the table of all finished runs. */
void table_print(const plan* p, const options* o, const run_result* results,
                 int count);

#endif /* OPT_EXAMPLES_TRAIN_REPORT_H_ */
