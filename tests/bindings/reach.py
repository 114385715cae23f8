#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""A binding calls every function of the C API.

usage: reach.py [--no-callbacks] [--but=<pattern>] <name> <source file>...

--no-callbacks: what native code calls back for is done in memory instead.
--but: the whole names of functions in whose place the language has something else.
"""

import re
import sys

import tap

COMMENT = re.compile(r'/\*.*?\*/', re.S)


def main():
    options = [one for one in sys.argv[1:] if one.startswith('--')]
    name, *paths = sys.argv[1 + len(options):]
    with open(f'{tap.ROOT}/cmake/libopt.map', encoding='utf-8') as file:
        script = COMMENT.sub('', file.read())
    exported = set(re.findall(r'\b(\w+);', script.split('local:')[0]))
    if '--no-callbacks' in options:
        exported -= {'opt_save_callback', 'opt_load_callback'}
    for option in options:
        pattern = re.compile(option.partition('--but=')[2])
        exported = {one for one in exported if not pattern.fullmatch(one)}
    text = ''
    for path in paths:
        with open(path, encoding='utf-8') as file:
            text += file.read()
    used = set(re.findall(r'\bopt_\w+', re.sub(r'//.*', '', text)))
    tap.case(f'{name} reaches every function of the C API',
             [f'{function} is called nowhere'
              for function in sorted(exported - used)] if exported
             else 'cmake/libopt.map lists nothing')
    tap.finish()


main()
