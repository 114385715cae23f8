/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * Writes the input that every language replays:
 *   bindings_input <file> [<count of each tensor>...]
 *
 * The format, all little-endian and without padding:
 *   int64    tensors T
 *   int64    steps S
 *   int64    T counts, the number of elements of each tensor
 *   float32  the initial parameters of tensor 0, of tensor 1, ...
 *   float32  S times: the gradients of tensor 0, of tensor 1, ...
 * A run in f64 widens the numbers, which is exact.
 */

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { kTensors = 3, kSteps = 200 };

/* The last is large enough for several threads, and no multiple of a vector. */
static int64_t counts[kTensors] = {1, 7, 12301};

static uint32_t state = 1;

/* The next number of a linear congruential generator (Numerical Recipes): of
 * either sign, between 2^-3 and 2, or, once in 16 times, zero. */
static float next(void) {
  const uint32_t bits = state = state * 1664525U + 1013904223U;
  const int exponent = (int)(bits >> 8 & 3) - 3;
  const float fraction = 1.0F + (float)(bits >> 10 & 0x1fffff) * 0x1p-21F;
  if (bits >> 28 == 0) return 0;
  return ldexpf(bits >> 31 != 0 ? -fraction : fraction, exponent);
}

static void write_int(int64_t value, FILE* file) {
  fwrite(&value, sizeof value, 1, file);
}

int main(int argc, char** argv) {
  const int is_usage = argc == 2 || argc == 2 + kTensors;
  FILE* const file = is_usage ? fopen(argv[1], "wb") : NULL;
  if (file == NULL) {
    fputs("usage: bindings_input <file> [<count> <count> <count>]\n", stderr);
    return 2;
  }
  for (int i = 2; i < argc; ++i) counts[i - 2] = atoll(argv[i]);
  write_int(kTensors, file);
  write_int(kSteps, file);
  for (int i = 0; i < kTensors; ++i) write_int(counts[i], file);
  for (int step = -1; step < kSteps; ++step) { /* -1: the parameters */
    for (int i = 0; i < kTensors; ++i) {
      for (int64_t j = 0; j < counts[i]; ++j) {
        const float value = next();
        fwrite(&value, sizeof value, 1, file);
      }
    }
  }
  if (ferror(file) || fclose(file) != 0) {
    perror(argv[1]);
    return 1;
  }
  return 0;
}
