#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""libopt.so is compatible with the recorded ABI.

usage: baseline.py <libopt.so>            compare
       baseline.py --record <libopt.so>   record this library's

New functions do not break it. The target "abi_baseline" records; do so for a
release, or before the first one when the API has changed.
"""

import os
import sys

import tap

BASELINE = os.path.join(tap.ROOT, 'tests/abi/baseline/libopt.so.0.abi')


def record(library):
    problem = tap.run('abidw', '--exported-interfaces-only', '--no-show-locs',
                      '--no-corpus-path', '--no-comp-dir-path',
                      '--no-elf-needed', '--out-file', BASELINE, library)
    if problem:
        return problem
    with open(BASELINE, encoding='utf-8') as file:
        text = file.read()
    with open(BASELINE, 'w', encoding='utf-8') as file:
        file.write(text.replace(tap.ROOT + '/', ''))
    return ''


def compare(library):
    return tap.run('abidiff', '--no-added-syms', '--exported-interfaces-only',
                   BASELINE, library)


def main():
    if sys.argv[1] == '--record':
        tap.case('recorded', record(sys.argv[2]))
    else:
        tap.case('compatible with the recorded ABI', compare(sys.argv[1]))
    tap.finish()


main()
