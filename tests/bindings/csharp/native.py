#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The native library of the package is complete and exports nothing else, and
the folder for Mono has what a user copies.

usage: native.py <folder of the native files> <folder for Mono>
"""

import os
import re
import sys

import tap

SYSTEM = {'libc.so.6', 'libm.so.6', 'libstdc++.so.6', 'libgcc_s.so.1',
          'libpthread.so.0', 'ld-linux-x86-64.so.2', 'ld-linux-aarch64.so.1'}


def main():
    folder, mono = sys.argv[1:]
    library = os.path.join(folder, 'libopt_csharp.so')
    dynamic = tap.output('readelf', '-d', library)
    needed = set(re.findall(r'\(NEEDED\).*\[(.*)\]', dynamic))
    tap.case('the native library needs the runtimes of C and C++ alone',
             [f'needs {name}' for name in sorted(needed - SYSTEM)] if needed
             else 'it needs nothing')
    tap.case('no other library lies beside it',
             [name for name in os.listdir(folder)
              if name != 'libopt_csharp.so'])
    symbols = tap.output('nm', '-D', '--defined-only', library).splitlines()
    names = [line.split()[-1] for line in symbols]
    tap.case('the native library exports what the assembly calls, and no more',
             [f'exports {name}' for name in names
              if not name.startswith('CSharp_')] if names
             else 'it exports nothing')
    present = os.listdir(mono)
    tap.case('the folder for Mono has assembly, native library and licences',
             [f'lacks {name}' for name in
              ('LibOpt.dll', 'libopt_csharp.so', 'LICENSE',
               'THIRD-PARTY-NOTICES') if name not in present])
    tap.finish()


main()
