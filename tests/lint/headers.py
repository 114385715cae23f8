#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Every public header compiles alone, as C99, C11 and C++17, without a
warning, even if a program asks Clang for all that it has."""

import concurrent.futures
import os

import tap
import tree

LANGUAGES = (('gcc', 'c', 'c99'), ('gcc', 'c', 'c11'),
             ('g++', 'c++', 'c++17'), ('clang', 'c', 'c99'),
             ('clang', 'c', 'c11'), ('clang++', 'c++', 'c++17'))
# Without those about padding, other versions of a language, and pointers as such.
EVERYTHING = ('-Weverything', '-Wno-padded', '-Wno-unknown-warning-option',
              '-Wno-declaration-after-statement', '-Wno-unsafe-buffer-usage',
              '-Wno-c++98-compat', '-Wno-c++98-compat-pedantic')


def compile_alone(case):
    path, compiler, language, standard = case
    unit = (f'#include "{path.removeprefix("include/")}"\n'
            'extern int not_empty;\n')
    everything = EVERYTHING if compiler.startswith('clang') else ()
    return tap.run(compiler, f'-std={standard}', '-x', language, '-Iinclude',
                   '-Wall', '-Wextra', '-pedantic', *everything, '-Werror',
                   '-fsyntax-only', '-', input=unit, cwd=tap.ROOT)


def main():
    cases = [(path, *language) for path in tree.files()
             if path.startswith('include/') and path.endswith(('.h', '.hpp'))
             for language in LANGUAGES
             if path.endswith('.h') or language[1] == 'c++']
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for (path, compiler, _, standard), problems in zip(
                cases, pool.map(compile_alone, cases)):
            tap.case(f'{path} as {standard} with {compiler}', problems)
    tap.finish()


main()
