#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The headers, the version script and the library agree on the functions.

usage: exports.py <libopt.so>
"""

import re
import sys

import tap
import tree

COMMENT = re.compile(r'/\*.*?\*/', re.S)
DECLARATION = re.compile(r'^(?:OPT_NODISCARD )?OPT_API\b[^;(]*?(\w+)\(', re.M)


def declared():
    """Functions by name: whether a comment that tells its version precedes."""
    functions = {}
    for path in tree.files():
        if not re.fullmatch(r'include/opt/\w+\.h', path):
            continue
        end = 0
        text = tree.read(path)
        for match in DECLARATION.finditer(text):
            comments = COMMENT.findall(text[end:match.start()])
            functions[match[1]] = bool(comments) and 'Since' in comments[-1]
            end = match.end()
    return functions


def differences(name_a, a, name_b, b):
    return ([f'{x} is in {name_a}, not in {name_b}' for x in sorted(a - b)] +
            [f'{x} is in {name_b}, not in {name_a}' for x in sorted(b - a)])


def main():
    functions = declared()
    tap.case('every function of the headers is documented, with its version',
             [f'{name}: no comment with "Since"'
              for name, documented in functions.items() if not documented])

    script = COMMENT.sub('', tree.read('cmake/libopt.map'))
    exported = set(re.findall(r'\b(\w+);', script.split('local:')[0]))
    tap.case('cmake/libopt.map lists the functions of the headers',
             differences('the headers', set(functions), 'cmake/libopt.map',
                         exported))

    symbols = re.findall(r' (?!A)[A-Z] (\w+)@@',
                         tap.output('nm', '-D', '--defined-only', sys.argv[1]))
    tap.case('the library exports the functions of cmake/libopt.map',
             differences('the library', set(symbols), 'cmake/libopt.map',
                         exported))
    tap.finish()


main()
