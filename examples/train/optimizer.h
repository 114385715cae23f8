/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Setting up the optimizer of a run.
 */
#ifndef OPT_EXAMPLES_TRAIN_OPTIMIZER_H_
#define OPT_EXAMPLES_TRAIN_OPTIMIZER_H_

#include <stdint.h>

#include "examples/train/network.h"
#include "examples/train/options.h"
#include "examples/train/plan.h"
#include "opt/opt.h"

/* Creates the optimizer of a run of `steps` steps, and attaches the tensors of
 * the network. One that goes on from a checkpoint gets learning rate, schedule
 * and average from there. Returns 0; or -1 after an error message. */
int optimizer_create(opt_context context, const planned_run* run,
                     const options* o, const network* net, int64_t steps,
                     opt_optimizer* optimizer);

#endif /* OPT_EXAMPLES_TRAIN_OPTIMIZER_H_ */
