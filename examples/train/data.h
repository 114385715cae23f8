/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The data: grey images of 28 x 28 pixels with labels 0 to 9, and the random
 * numbers that decide in which order they are seen.
 */
#ifndef OPT_EXAMPLES_TRAIN_DATA_H_
#define OPT_EXAMPLES_TRAIN_DATA_H_

#include <stdint.h>

enum { kPixels = 28 * 28, kClasses = 10 };

typedef struct images {
  int64_t count;
  uint8_t* pixels; /* count x kPixels; 0 is the background */
  uint8_t* labels; /* count, each below kClasses */
} images;

/* Reads DIR/PREFIX-images-idx3-ubyte.gz and DIR/PREFIX-labels-idx1-ubyte.gz,
 * gzip-compressed files in MNIST's format, which yann.lecun.com/exdb/mnist
 * describes. Returns 0; or -1 after reporting which file is wrong, and how. */
int images_load(const char* dir, const char* prefix, images* set);

/* The CRC-32 of pixels and labels. */
int64_t images_checksum(const images* set);

/* Frees the arrays; a set that is all zero has none. */
void images_free(images* set);

/* A random number, uniform in [-bound, bound), the same on every machine;
 * `state` is the seed at first. */
double random_uniform(uint64_t* state, double bound);

/* Shuffles an array. */
void random_shuffle(uint64_t* state, int64_t* order, int64_t count);

#endif /* OPT_EXAMPLES_TRAIN_DATA_H_ */
