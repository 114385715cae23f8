#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""A program with libc++ links libopt.a, which was built with libstdc++.

usage: libcxx.py <libopt.a> <folder for programs>
"""

import os
import re
import subprocess
import sys

import tap

# clang++ takes -lstdc++ for the runtime that -stdlib names; libopt.a needs its
# own, by the name of its file.
RUNTIME = '-l:libstdc++.so.6'
SOURCE = 'tests/abi/libcxx.cc'
COMPILERS = {'libstdc++': ('g++',), 'libc++': ('clang++', '-stdlib=libc++')}


def main():
    archive, folder = sys.argv[1:]
    printed = {}
    for runtime, compiler in COMPILERS.items():
        program = os.path.join(folder, f'abi_{runtime}')
        tap.case(f'a program of the C++ wrapper with {runtime} links libopt.a',
                 tap.run(*compiler, '-std=c++17', '-O1', '-Iinclude', SOURCE,
                         archive, '-lz', RUNTIME, '-lm', '-o', program,
                         cwd=tap.ROOT))
        needed = set(re.findall(r'\(NEEDED\).*\[(lib[a-z+]+)\.so',
                                tap.output('readelf', '-dW', program)))
        tap.case(f'it has the runtime {runtime}',
                 '' if runtime in needed else str(needed))
        result = subprocess.run([program], stdout=subprocess.PIPE, text=True,
                                check=False)
        printed[runtime] = result.stdout
        tap.case('it trains, and catches a failure',
                 '' if result.returncode == 0 else f'exit {result.returncode}')
    tap.case('both programs end with the same parameters',
             '' if printed['libc++'] and len(set(printed.values())) == 1
             else str(printed))
    tap.finish()


main()
