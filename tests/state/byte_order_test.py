#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""A compiler for big-endian machines is told why it cannot build libopt.

usage: byte_order_test.py <c++ compiler>
"""

import sys

import tap

SOURCE = 'src/state/container/stream.h'
BIG_ENDIAN = ('-U__BYTE_ORDER__', '-D__BYTE_ORDER__=__ORDER_BIG_ENDIAN__')


def errors(*options):
    return tap.run(sys.argv[1], '-std=c++17', '-fsyntax-only', '-x', 'c++',
                   '-I.', '-Iinclude', *options, SOURCE, cwd=tap.ROOT)


def main():
    tap.case('a little-endian machine can', errors())
    told = errors(*BIG_ENDIAN) or 'it compiles'
    tap.case('a big-endian machine is told why not',
             '' if 'libopt is for little-endian machines' in told else told)
    tap.finish()


main()
