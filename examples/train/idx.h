/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Data sets of 28 x 28 grey images with labels 0 to 9 in gzip'ed IDX files:
 * MNIST's format, described at yann.lecun.com/exdb/mnist.
 */
#ifndef OPT_EXAMPLES_TRAIN_IDX_H_
#define OPT_EXAMPLES_TRAIN_IDX_H_

#include <stdint.h>

enum { kPixels = 28 * 28, kClasses = 10 };

typedef struct images {
  int64_t count;
  uint8_t* pixels; /* count x kPixels, 0 is background */
  uint8_t* labels; /* count, each below kClasses */
} images;

/* Reads DIR/PREFIX-images-idx3-ubyte.gz and DIR/PREFIX-labels-idx1-ubyte.gz.
 * Returns 0; or -1 after saying what is wrong with which file. */
int images_load(const char* dir, const char* prefix, images* set);

/* The CRC-32 of pixels and labels. */
int64_t images_checksum(const images* set);

void images_free(images* set);

#endif /* OPT_EXAMPLES_TRAIN_IDX_H_ */
