#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Every source file names its license, and none is too long to read."""

import tap
import tree

MAX_LINES = 300
LICENSE = ('Copyright the libopt authors.',
           'SPDX-License-Identifier: Apache-2.0')
SCRIPTS = ('.java', '.py', '.rs', '.cmake', '.map', 'CMakeLists.txt')


def is_source(path, text):
    return path.endswith(tree.CODE + SCRIPTS) or text.startswith('#!')


def main():
    unlicensed, too_long = [], []
    for path in tree.files():
        try:
            text = tree.read(path)
        except UnicodeDecodeError:
            continue  # a binary fixture
        if not is_source(path, text):
            continue
        lines = text.splitlines()
        if not all(part in ' '.join(lines[:3]) for part in LICENSE):
            unlicensed.append(f'{path}: no license in the first three lines')
        if len(lines) > MAX_LINES and path not in tree.GENERATED:
            too_long.append(f'{path}: {len(lines)} lines, at most {MAX_LINES}')
    tap.case('every source file names its license', unlicensed)
    tap.case(f'no source file has more than {MAX_LINES} lines', too_long)
    tap.finish()


main()
