/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Setting up the optimizer of a run: rule, tensors, learning rate, schedule,
 * average.
 */
#ifndef OPT_EXAMPLES_TRAIN_OPTIMIZER_H_
#define OPT_EXAMPLES_TRAIN_OPTIMIZER_H_

#include <stdint.h>

#include "examples/train/network.h"
#include "examples/train/options.h"
#include "opt/opt.h"

/* Creates the optimizer of a run of `steps` steps, and attaches the tensors of
 * the network. A run that goes on from a checkpoint gets learning rate,
 * schedule and average from there. Returns 0; or -1 after an error message.
 * `optimizer` may then be a handle too: destroy it in any case. */
int optimizer_create(opt_context context, const planned_run* run,
                     const options* o, const network* net, int64_t steps,
                     opt_optimizer* optimizer);

/* Bytes of a schedule's text, the terminating 0 included. */
enum { kMaxSchedule = 256 };

/* The schedule of a run's learning rate, as --schedule and --warmup ask for
 * it. */
typedef struct planned_schedule {
  const char* text; /* KIND or KIND:OPTION=VALUE,...; at most kMaxSchedule */
  int64_t warmup;   /* steps; negative: none, or what suits the kind */
  int64_t steps;    /* of the run */
  double lr;        /* that it starts from or rises to */
} planned_schedule;

/* Checks that a text is right for a run that is long enough. Returns 0; or -1
 * after reporting what is wrong. */
int schedule_check(const char* text);

/* Checks for a sample of a run's steps that their learning rates are finite and
 * not negative. Returns 0; or -1 after reporting what is wrong. */
int schedule_check_rates(const planned_schedule* planned);

/* Prints the kinds of schedules that the library has. */
void schedule_print_kinds(void);

#endif /* OPT_EXAMPLES_TRAIN_OPTIMIZER_H_ */
