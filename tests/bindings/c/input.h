/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
 *
 * The input of the tests of languages; write_input.c tells its format.
 */
#ifndef OPT_TESTS_BINDINGS_C_INPUT_H_
#define OPT_TESTS_BINDINGS_C_INPUT_H_

#include "opt/opt.h"

enum { kMaxTensors = 8 };

typedef struct input {
  int64_t tensors;
  int64_t steps;
  int64_t counts[kMaxTensors];
  float* params;
  float* grads;
} input;

/* Both end the program with a message if something is wrong. */
input read_input(const char* path);
void check(opt_status status);

/* Elements of all tensors. */
int64_t total_count(const input* in);

/* The gradients of tensor `index` at a step; step -1: its initial parameters,
 * in a new buffer of `count` elements of `dtype`. */
void* numbers(const input* in, int64_t step, int64_t index, opt_dtype dtype);

/* As numbers(), into a buffer. */
void copy_numbers(const input* in, int64_t step, int64_t index, opt_dtype dtype,
                  void* buffer);

#endif /* OPT_TESTS_BINDINGS_C_INPUT_H_ */
