#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""doxygen has nothing to warn of in the references of C and C++.

usage: docs.py <doxygen> <build directory>
"""

import os
import sys
import tempfile

import tap


def main():
    doxygen, build = sys.argv[1:]
    for folder, language in (('c', 'C'), ('cpp', 'C++')):
        with open(f'{build}/docs_{folder}.doxyfile', encoding='utf-8') as file:
            settings = file.read()
        with tempfile.TemporaryDirectory() as work:
            problem = tap.run(doxygen, '-', cwd=work,
                              input=f'{settings}\nOUTPUT_DIRECTORY = {work}\n')
            if not problem and not os.path.exists(f'{work}/index.html'):
                problem = 'no index.html was written'
        tap.case(f'the reference of {language} is made without a warning',
                 problem)
    tap.finish()


main()
