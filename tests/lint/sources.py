#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Every source file names its license, stands where it belongs, and has comments
that name their subject."""

import re

import tap
import tree

LICENSE = ('Copyright the libopt authors.',
           'SPDX-License-Identifier: Apache-2.0')
SCRIPTS = ('.cs', '.i', '.java', '.py', '.rs', '.cmake', '.map', 'CMakeLists.txt')


# Nothing else is at the top of the repository, but for files and folders whose
# names begin with a dot.
TOP = {'CMakeLists.txt', 'CMakePresets.json', 'LICENSE', 'README.md', 'bindings',
       'cmake', 'examples', 'include', 'src', 'tests'}


# A comment that opens so names its subject last, or never.
WHAT = re.compile(r'^\s*(?://+|#|/?\*+|""")\s*What\b(?!.*\?)', re.M)


def is_source(path, text):
    return path.endswith(tree.CODE + SCRIPTS) or text.startswith('#!')


def main():
    unlicensed, opening = [], []
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
        opening += [f'{path}:{text.count(chr(10), 0, found.end()) + 1}: '
                    'a comment opens with "What"'
                    for found in WHAT.finditer(text)]
    tap.case('every source file names its license', unlicensed)
    tap.case('no comment opens with "What"', opening)
    top = {path.split('/')[0] for path in tree.files()}
    tap.case('the top of the repository has its few files and folders alone',
             [f'{name} does not belong there' for name in sorted(top - TOP)
              if not name.startswith('.')])
    tap.finish()


main()
