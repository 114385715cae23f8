#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Every source file names its license."""

import tap
import tree

LICENSE = ('Copyright the libopt authors.',
           'SPDX-License-Identifier: Apache-2.0')
SCRIPTS = ('.cs', '.i', '.java', '.py', '.rs', '.cmake', '.map', 'CMakeLists.txt')


def is_source(path, text):
    return path.endswith(tree.CODE + SCRIPTS) or text.startswith('#!')


def main():
    unlicensed = []
    for path in tree.files():
        try:
            text = tree.read(path)
        except UnicodeDecodeError:
            continue  # a binary fixture
        if not is_source(path, text):
            continue
        head = ' '.join(text.splitlines()[:3])
        if not all(part in head for part in LICENSE):
            unlicensed.append(f'{path}: no license in the first three lines')
    tap.case('every source file names its license', unlicensed)
    tap.finish()


main()
