/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Where a run is: all that decides how it goes on, beside the weights and the
 * state of the optimizer.
 */
#ifndef OPT_EXAMPLES_TRAIN_POSITION_H_
#define OPT_EXAMPLES_TRAIN_POSITION_H_

#include <stdint.h>

/* Points of a loss curve at most. */
enum { kCurvePoints = 100 };

typedef struct curve_point {
  int64_t step; /* steps done */
  double epoch; /* images seen, as a part of the training images */
  double lr;
  double loss; /* mean over the images since the previous point */
} curve_point;

typedef struct position {
  int64_t step;        /* steps done */
  uint64_t random;     /* state of random_next() */
  int32_t* order;      /* of the training images in this epoch */
  int64_t images;      /* elements of order */
  double pending_loss; /* sum since the latest point of the curve */
  int64_t pending_images;
  double epoch_loss;     /* sum since the epoch began */
  int64_t clipped_steps; /* whose gradient was too long for --clip */
  double largest_norm;   /* of a gradient, with --clip */
  int point_count;
  curve_point curve[kCurvePoints];
} position;

/* Whether a position read from a file can be one of a run of so many steps:
 * 0; or -1 after saying that the file, `path`, is not right. */
int position_check(const position* at, int64_t steps, const char* path);

#endif /* OPT_EXAMPLES_TRAIN_POSITION_H_ */
