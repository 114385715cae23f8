/* Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0 */
#include "examples/train/fail.h"

#include <stdarg.h>
#include <stdio.h>

int fail(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fputs("train: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  return -1;
}
