/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */

#include "input.h"

#include <stdio.h>
#include <stdlib.h>

static void fail(const char* what) {
  fprintf(stderr, "bindings_c: %s\n", what);
  exit(1);
}

void check(opt_status status) {
  if (status != OPT_OK) fail(opt_last_error());
}

static void* allocate(size_t size) {
  void* const memory = malloc(size);
  if (memory == NULL) fail("no memory");
  return memory;
}

static void read_all(void* data, size_t size, FILE* file) {
  if (fread(data, size, 1, file) != 1) fail("the input ends early");
}

input read_input(const char* path) {
  input in = {0, 0, {0}, NULL, NULL};
  FILE* const file = fopen(path, "rb");
  size_t floats = 0;
  if (file == NULL) fail("the input cannot be opened");
  read_all(&in.tensors, sizeof in.tensors, file);
  read_all(&in.steps, sizeof in.steps, file);
  if (in.tensors < 1 || in.tensors > kMaxTensors) fail("not an input");
  read_all(in.counts, (size_t)in.tensors * sizeof *in.counts, file);
  floats = (size_t)total_count(&in);
  in.params = allocate(floats * sizeof(float));
  in.grads = allocate(floats * sizeof(float) * (size_t)in.steps);
  read_all(in.params, floats * sizeof(float), file);
  read_all(in.grads, floats * sizeof(float) * (size_t)in.steps, file);
  fclose(file);
  return in;
}

int64_t total_count(const input* in) {
  int64_t sum = 0;
  for (int64_t i = 0; i < in->tensors; ++i) sum += in->counts[i];
  return sum;
}

void copy_numbers(const input* in, int64_t step, int64_t index, opt_dtype dtype,
                  void* buffer) {
  const float* from =
      step < 0 ? in->params : in->grads + step * total_count(in);
  for (int64_t i = 0; i < index; ++i) from += in->counts[i];
  for (int64_t j = 0; j < in->counts[index]; ++j) {
    if (dtype == OPT_F64) {
      ((double*)buffer)[j] = from[j];
    } else {
      ((float*)buffer)[j] = from[j];
    }
  }
}

void* numbers(const input* in, int64_t step, int64_t index, opt_dtype dtype) {
  void* const buffer = allocate((size_t)in->counts[index] * sizeof(double));
  copy_numbers(in, step, index, dtype, buffer);
  return buffer;
}
