#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The symbols that libopt.so shows to a dynamic linker.

usage: symbols.py <libopt.so>
"""

import re
import sys

import tap

LIBRARIES = {'libhwy.so.1', 'libz.so.1', 'libstdc++.so.6', 'libgcc_s.so.1',
             'libc.so.6', 'ld-linux-x86-64.so.2'}


def main():
    library = sys.argv[1]
    dynamic = tap.output('readelf', '-dW', library)
    symbols = tap.output('nm', '-D', '--defined-only', library)
    relocations = tap.output('readelf', '-rW', library)

    names = [line.split()[-1] for line in symbols.splitlines()]
    strays = [name for name in names
              if not re.fullmatch(r'opt_\w+@@LIBOPT_[\d.]+|LIBOPT_[\d.]+',
                                  name)]
    tap.case('it exports nothing but opt_*', strays)
    tap.case('its name is libopt.so.0',
             '' if 'SONAME' in dynamic and '[libopt.so.0]' in dynamic
             else dynamic)
    needed = set(re.findall(r'\(NEEDED\).*\[(.+)\]', dynamic))
    tap.case('it needs no other libraries than it did',
             [f'needs {name}' for name in sorted(needed - LIBRARIES)])
    tap.case('all symbols are bound when it is loaded',
             '' if 'BIND_NOW' in dynamic else dynamic)
    captured = re.findall(r'.* opt_\w+@.*', relocations)
    tap.case('no call of its own can be captured by a host', captured)
    tap.finish()


main()
