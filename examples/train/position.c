/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/position.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

#include "examples/train/fail.h"

/* 1: each image once; 0: no; -1: out of memory. */
static int is_order(const int32_t* order, int64_t images) {
  bool* const seen = calloc((size_t)images, sizeof(*seen));
  if (seen == NULL) return -1;
  int64_t i = 0;
  while (i < images && order[i] >= 0 && order[i] < images && !seen[order[i]]) {
    seen[order[i++]] = true;
  }
  free(seen);
  return i == images;
}

int position_check(const position* at, int64_t steps, const char* path) {
  if (at->step < 0 || at->step > steps) {
    return fail("--resume: %s is after %" PRId64 " steps of %" PRId64, path,
                at->step, steps);
  }
  if (at->pending_images < 0 || at->pending_images > INT64_MAX / 2) {
    return fail("--resume: %s counts %" PRId64 " images", path,
                at->pending_images);
  }
  if (at->clipped_steps < 0 || at->clipped_steps > at->step) {
    return fail("--resume: %s counts %" PRId64 " clipped steps of %" PRId64,
                path, at->clipped_steps, at->step);
  }
  const int64_t points = at->step * kCurvePoints / steps;
  if (at->point_count != (points < at->step ? points : at->step)) {
    return fail("--resume: %s has %d points of the loss curve after %" PRId64
                " of %" PRId64 " steps",
                path, at->point_count, at->step, steps);
  }
  const int order = is_order(at->order, at->images);
  if (order < 0) return fail("out of memory");
  return order ? 0
               : fail(
                     "--resume: the order of the images in %s does not have "
                     "each of them once",
                     path);
}
