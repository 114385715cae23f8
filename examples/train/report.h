/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * What comes out: the loss curves as CSV, and one table.
 */
#ifndef OPT_EXAMPLES_TRAIN_REPORT_H_
#define OPT_EXAMPLES_TRAIN_REPORT_H_

#include <stdio.h>

#include "examples/train/training.h"

typedef struct curve_file {
  FILE* file;
  char path[4096];
} curve_file;

/* Creates DIR, if need be, and DIR/losses.csv with its head line. Each function
 * returns 0; or -1 after an error message. */
int curve_file_open(curve_file* f, const char* dir);

/* Writes the loss curve of a run, interrupted or not. */
int curve_file_add(curve_file* f, const planned_run* run, const char* preset,
                   const run_result* result);

/* Closes the file, which is open. */
int curve_file_close(curve_file* f);

/* Prints what all runs have in common. */
void heading_print(const options* o, int64_t train, int64_t test);

/* Prints the table of all finished runs. */
void table_print(const plan* p, const options* o, const run_result* results,
                 int count);

#endif /* OPT_EXAMPLES_TRAIN_REPORT_H_ */
