#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The examples in the heads of the C API's headers compile without a warning,
and so ignore no status. "fail(...)" is short for fail(opt_last_error())."""

import re

import declarations
import tap

# Indented text of a head, in which there may be empty lines.
BLOCK = re.compile(r'(?:^ \*     .*\n(?: \*\n(?= \*     ))*)+', re.M)
CALL = re.compile(r'\bopt_\w+\(')
# Declarations that the examples take for granted.
AROUND = '''
#include <opt/opt.h>
#include <stdio.h>
extern int fail(const char* message);
extern void train(opt_optimizer optimizer, float* w, float* dw);
extern void evaluate(float* w);
extern void gradients(float* w, float* dw);
extern void gradients_of_loss_times(double scale, float* w, float* dw);
extern int out_of_time(void);
extern void wait_for_next_frame(void);
extern void gradients_of_micro_batch(int k, float* w, float* dw);
extern int example(opt_optimizer given, float* w, float* dw, int64_t steps,
                   const char* path, uint8_t* bytes, void** params,
                   void** grads);
int example(opt_optimizer given, float* w, float* dw, int64_t steps,
            const char* path, uint8_t* bytes, void** params, void** grads) {
  opt_optimizer optimizer = given;
  uint8_t* seed = bytes;
  int64_t remaining = 0, next = 0;
  int k = 0;
  (void)optimizer, (void)w, (void)dw, (void)steps, (void)path, (void)seed;
  (void)params, (void)grads, (void)k, (void)remaining, (void)next;
  {
#line 1 "example"
%s
  }
  return 0;
}
'''


def examples(text):
    """Yields the program text in the head of a header; what calls nothing is a
    formula."""
    for block in BLOCK.findall(text.split('#ifndef', 1)[0]):
        code = re.sub(r'^ \*(     )?', '', block, flags=re.M)
        if CALL.search(code):
            yield code.replace('fail(...)', 'fail(opt_last_error())')


def main():
    for path, text in declarations.headers().items():
        for number, code in enumerate(examples(text), 1):
            # Clang warns of an ignored status in C, GCC does not.
            tap.case(f'{path}, example {number}', tap.run(
                'clang', '-std=c11', '-x', 'c', '-Iinclude', '-Wall',
                '-Wextra', '-Werror', '-fsyntax-only', '-',
                input=AROUND % code, cwd=tap.ROOT))
    tap.finish()


main()
