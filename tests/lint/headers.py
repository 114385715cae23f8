#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Every public header compiles alone, as C99, C11 and C++17."""

import tap
import tree

LANGUAGES = (('gcc', 'c', 'c99'), ('gcc', 'c', 'c11'),
             ('g++', 'c++', 'c++17'), ('clang', 'c', 'c99'),
             ('clang', 'c', 'c11'), ('clang++', 'c++', 'c++17'))


def main():
    for path in tree.files():
        if not (path.startswith('include/') and
                path.endswith(('.h', '.hpp'))):
            continue
        for compiler, language, standard in LANGUAGES:
            if path.endswith('.hpp') and language == 'c':
                continue
            unit = (f'#include "{path.removeprefix("include/")}"\n'
                'extern int not_empty;\n')
            tap.case(f'{path} as {standard} with {compiler}',
                     tap.run(compiler, f'-std={standard}', '-x', language,
                             '-Iinclude', '-Wall', '-Wextra', '-pedantic',
                             '-Werror', '-fsyntax-only', '-',
                             input=unit, cwd=tap.ROOT))
    tap.finish()


main()
