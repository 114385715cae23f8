#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The programs of the C++ README work as printed.

usage: readme_programs.py <libopt.so>
"""

import os
import sys
import tempfile

import readme
import tap

README = 'include/opt/hpp/README.md'


def main():
    library = sys.argv[1]
    for name in readme.names(README):
        with tempfile.TemporaryDirectory() as work:
            program = os.path.join(work, name)
            readme.case(name, 'cpp', f'{name}.cc', work, lambda path: (
                tap.run('g++', '-std=c++17', '-Wall', '-Wextra', '-pedantic',
                        '-Werror', f'-I{tap.ROOT}/include', path, library,
                        f'-Wl,-rpath,{os.path.dirname(library)}',
                        '-o', program), [program]), README)
    tap.finish()


main()
