#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The native library of the package is complete and exports nothing else.

usage: native.py <folder of the native files>
"""

import os
import re
import sys

import tap

SYSTEM = {'libc.so.6', 'libm.so.6', 'libstdc++.so.6', 'libgcc_s.so.1',
          'libpthread.so.0', 'ld-linux-x86-64.so.2', 'ld-linux-aarch64.so.1'}


def main():
    folder = sys.argv[1]
    files = sorted(os.listdir(folder))
    for name in files:
        dynamic = tap.output('readelf', '-d', os.path.join(folder, name))
        needed = set(re.findall(r'\(NEEDED\).*\[(.*)\]', dynamic))
        tap.case(f'{name} needs only the system and what lies beside it',
                 [f'needs {other}' for other in
                  sorted(needed - SYSTEM - set(files))])
    library = os.path.join(folder, 'libopt_csharp.so')
    tap.case('the native library looks for others beside it',
             '' if '[$ORIGIN]' in tap.output('readelf', '-d', library)
             else 'RUNPATH is not $ORIGIN')
    symbols = tap.output('nm', '-D', '--defined-only', library).splitlines()
    names = [line.split()[-1] for line in symbols]
    tap.case('the native library exports what the assembly calls, and no more',
             [f'exports {name}' for name in names
              if not name.startswith('CSharp_')] if names
             else 'it exports nothing')
    tap.finish()


main()
