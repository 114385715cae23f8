/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * How far a run has come, on stderr: a bar with loss and time left on a
 * terminal, a plain line now and then elsewhere.
 */
#ifndef OPT_EXAMPLES_TRAIN_PROGRESS_H_
#define OPT_EXAMPLES_TRAIN_PROGRESS_H_

#include <stdbool.h>
#include <stdint.h>

typedef struct progress {
  const char* label;
  int run; /* 1, 2, ... of `runs` */
  int runs;
  int64_t first;
  int64_t steps;
  bool terminal;
  double start; /* clock_seconds() */
  double drawn; /* when the bar was drawn last */
  int fifth;    /* plain lines printed */
} progress;

/* Of `steps` steps `first` are done already; p->run and p->runs are set. */
void progress_begin(progress* p, const char* label, int64_t first,
                    int64_t steps);

/* Tells that `step` steps are done. */
void progress_update(progress* p, int64_t step, double loss);

/* Removes the bar. */
void progress_end(progress* p);

#endif /* OPT_EXAMPLES_TRAIN_PROGRESS_H_ */
