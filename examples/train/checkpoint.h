/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Saving a run, and going on from where it was. One file holds all of it: the
 * weights and the optimizer's state, which libopt writes, and the run's
 * settings and position as entries of the program's own. With two files, a
 * crash in between would leave a pair that does not belong together.
 *
 * Functions return 0; or -1 after an error message.
 */
#ifndef OPT_EXAMPLES_TRAIN_CHECKPOINT_H_
#define OPT_EXAMPLES_TRAIN_CHECKPOINT_H_

#include <stdint.h>

#include "examples/train/data.h"
#include "examples/train/optimizer.h"
#include "examples/train/options.h"
#include "opt/opt.h"

enum {
  kMaxName = 64,     /* bytes of a name, the terminating 0 included */
  kCurvePoints = 100 /* of a loss curve at most */
};

/* How a run was started: one that goes on from a checkpoint keeps to it. */
typedef struct settings {
  char label[kMaxName]; /* planned_run.label */
  char preset[kMaxName];
  char schedule[kMaxSchedule];
  int64_t epochs;
  int64_t batch; /* or FULL_BATCH */
  double lr;
  int64_t warmup;
  double clip;
  double ema;
  int64_t seed;
  int64_t images;   /* to train with */
  int64_t checksum; /* images_checksum() of them */
} settings;

/* The loss over the run: point i says that after step[i] steps, the mean loss
 * since the point before was loss[i]. */
typedef struct loss_curve {
  int64_t count; /* of points */
  int64_t step[kCurvePoints];
  double epoch[kCurvePoints]; /* passes over the training images, with part */
  double lr[kCurvePoints];
  double loss[kCurvePoints];
} loss_curve;

/* Where a run is: all that decides how it goes on, apart from the weights and
 * the optimizer's state. */
typedef struct position {
  int64_t step;        /* steps made */
  uint64_t random;     /* state of random_shuffle() */
  int64_t* order;      /* of the training images in this epoch */
  int64_t images;      /* elements of order */
  double pending_loss; /* sum since the last point of the curve */
  int64_t pending_images;
  double epoch_loss;     /* sum since the epoch began */
  int64_t clipped_steps; /* whose gradient was too long for --clip */
  double largest_norm;   /* of a gradient, with --clip */
  loss_curve curve;
} position;

/* The settings of a run; its strings must fit. */
settings settings_of(const planned_run* run, const options* o,
                     const images* train);

/* Fills in options that were not given from a checkpoint's settings. */
void settings_complete(const settings* s, options* o);

/* Checks that the planned run is the checkpoint's; the message names the
 * option that asks for another one. */
int settings_check(const settings* s, const options* o, const plan* p);

/* Checks that the training images are the checkpoint's. */
int settings_check_images(const settings* s, const options* o,
                          const images* train);

/* Checks that a plan can be saved where the options say: it has one run, and no
 * file is replaced but the one to go on from. */
int checkpoint_check_path(const options* o, const plan* p);

/* Saves a run. The file is replaced as a whole: whatever fails, it is the old
 * one or the new one. */
int checkpoint_save(const char* path, opt_optimizer optimizer,
                    const settings* s, const position* at);

/* Opens a checkpoint and reads its settings; close it with
 * opt_checkpoint_close(). */
int checkpoint_open(const char* path, opt_checkpoint* opened, settings* s);

/* Reads weights and state into an optimizer whose tensors are attached, and the
 * position of a run of `steps` steps in all; at->order has room for at->images
 * elements. */
int checkpoint_load(const char* path, opt_checkpoint opened,
                    opt_optimizer optimizer, int64_t steps, position* at);

#endif /* OPT_EXAMPLES_TRAIN_CHECKPOINT_H_ */
