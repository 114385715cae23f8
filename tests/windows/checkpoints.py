#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Windows writes the checkpoints that Linux wrote, byte for byte.

usage: checkpoints.py <command that runs write_fixtures>...
"""

import os
import sys
import tempfile

import tap

FIXTURES = os.path.join(tap.ROOT, 'tests/state/fixtures')


def read(folder, name):
    with open(os.path.join(folder, name), 'rb') as file:
        return file.read()


def main():
    with tempfile.TemporaryDirectory() as written:
        problem = tap.run(*sys.argv[1:], written)
        names = sorted(os.listdir(written))
        tap.case('Windows writes checkpoints of every kind',
                 problem or ('' if names else 'it wrote none'))
        for name in names:
            known = os.path.exists(os.path.join(FIXTURES, name))
            tap.case(f'{name} is the same file on Linux and on Windows',
                     '' if known and read(written, name) == read(FIXTURES, name)
                     else 'they differ' if known else 'Linux has none')
    tap.finish()


main()
