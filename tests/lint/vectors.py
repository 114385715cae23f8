#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The kernels' plain loops, which convert gradients, become vector code whatever
the level of optimization of the rest: a step with a loop that does not can take
three times as long.

usage: vectors.py '<object>;<object>;...'
"""

import os
import re
import sys

import tap

SOURCES = ('accumulate.cc', 'measure.cc', 'phases.cc', 'step.cc')
# From an array of doubles to floats, 4 and 8 at a time, as AVX2 and AVX-512 do.
CONVERSIONS = {4: r'\tvcvtpd2psy\s+[^%]*\(.*%xmm',
               8: r'\tvcvtpd2ps\s+[^%]*\(.*%ymm'}


def main():
    objects = {os.path.basename(path).removesuffix('.o'): path
               for path in sys.argv[1].split(';') if '/src/kernel/' in path}
    for source in SOURCES:
        code = tap.output('objdump', '-d', '--no-show-raw-insn',
                          objects[source])
        if 'elf64-x86-64' not in code:
            tap.case(f'{source} # SKIP of another CPU')
            continue
        tap.case(f'src/kernel/{source} converts vectors',
                 [f'never {count} doubles at a time'
                  for count, pattern in CONVERSIONS.items()
                  if not re.search(pattern, code)])
    tap.finish()


main()
