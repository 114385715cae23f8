#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Generated files are what the generators make of the library's catalogue.

usage: generated.py <libopt.so>
"""

import os
import sys

import tap

sys.path.insert(0, os.path.join(tap.ROOT, 'cmake/generate'))
import generate


def main():
    for path, text in generate.files(sys.argv[1]):
        file = generate.ROOT / path
        fresh = file.exists() and file.read_text(encoding='utf-8') == text
        tap.case(f'{path} is up to date', '' if fresh else
                 'run cmake --build <dir> --target generate')
    tap.finish()


main()
