#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The headers, the version script and the library agree on the functions.

usage: exports.py <libopt.so>
"""

import re
import sys

import declarations
import tap
import tree

COMMENT = re.compile(declarations.COMMENT)


def differences(name_a, a, name_b, b):
    return ([f'{x} is in {name_a}, not in {name_b}' for x in sorted(a - b)] +
            [f'{x} is in {name_b}, not in {name_a}' for x in sorted(b - a)])


def main():
    functions = {match['name'] for _, match in
                 declarations.found(declarations.FUNCTION)}
    script = COMMENT.sub('', tree.read('cmake/libopt.map'))
    exported = set(re.findall(r'\b(\w+);', script.split('local:')[0]))
    tap.case('cmake/libopt.map lists the functions of the headers',
             differences('the headers', functions, 'cmake/libopt.map',
                         exported))

    symbols = re.findall(r' (?!A)[A-Z] (\w+)@@',
                         tap.output('nm', '-D', '--defined-only', sys.argv[1]))
    tap.case('the library exports the functions of cmake/libopt.map',
             differences('the library', set(symbols), 'cmake/libopt.map',
                         exported))
    tap.finish()


main()
