/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Reads a gzip'ed file whose length is known. Functions return 0; or -1 after
 * saying what is wrong with the file.
 */
#ifndef OPT_EXAMPLES_TRAIN_GUNZIP_H_
#define OPT_EXAMPLES_TRAIN_GUNZIP_H_

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <zlib.h>

/* What to do about a bad data file. */
#define GUNZIP_REMEDY                                                 \
  "reinstall it (apt-get install --reinstall dataset-fashion-mnist) " \
  "or name another directory with --data"

typedef struct gunzip {
  FILE* file;
  z_stream stream;
  bool ended;     /* the checksum at the end was read, and is right */
  int64_t offset; /* uncompressed bytes read so far */
  char path[4096];
  uint8_t input[65536];
} gunzip;

/* Opens DIR/NAME. */
int gunzip_open(gunzip* g, const char* dir, const char* name);

/* Reads exactly `size` uncompressed bytes. */
int gunzip_read(gunzip* g, uint8_t* out, int64_t size);

/* Checks that nothing is left. */
int gunzip_expect_end(gunzip* g);

void gunzip_close(gunzip* g);

#endif /* OPT_EXAMPLES_TRAIN_GUNZIP_H_ */
