/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The schedule of the learning rate: what --schedule and --warmup ask for, as
 * long as the run.
 */
#ifndef OPT_EXAMPLES_TRAIN_SCHEDULE_H_
#define OPT_EXAMPLES_TRAIN_SCHEDULE_H_

#include <stdint.h>

#include "opt/opt.h"

/* Bytes of the text below, its end included. */
enum { kMaxSchedule = 256 };

typedef struct planned_schedule {
  const char* text; /* KIND or KIND:OPTION=VALUE,..., shorter than that */
  int64_t warmup;   /* steps; negative: none, or what suits the kind */
  int64_t steps;    /* of the run */
  double lr;        /* what it starts from or rises to */
} planned_schedule;

/* Makes the schedule; whatever option of its kind the text does not give is
 * derived from the run. Returns 0; or -1 after saying what is wrong. */
int schedule_make(opt_context context, const planned_schedule* plan,
                  opt_schedule* schedule);

/* Whether the rates of a run can be those of an optimizer, as far as some of
 * them tell: 0; or -1 after saying which cannot. */
int schedule_check_rates(const planned_schedule* plan, opt_schedule schedule);

/* Whether a text is right for a run that is long enough: 0; or -1 after saying
 * what is wrong. */
int schedule_check(const char* text);

/* Prints the kinds that there are. */
void schedule_print_kinds(void);

#endif /* OPT_EXAMPLES_TRAIN_SCHEDULE_H_ */
