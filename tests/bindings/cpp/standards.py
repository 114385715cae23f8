#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""opt.hpp compiles as each C++ from 17 on without a warning, with exceptions and
without."""

import concurrent.futures
import os

import tap

HERE = os.path.dirname(os.path.relpath(__file__, tap.ROOT))
WARNINGS = ('-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Wshadow',
            '-Werror')


def check(compiler, standard, source, *options):
    return tap.run(compiler, f'-std={standard}', *options, *WARNINGS, '-I.',
                   '-Iinclude', '-fsyntax-only', os.path.join(HERE, source),
                   cwd=tap.ROOT)


def main():
    cases = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for compiler in ('g++', 'clang++'):
            for standard in ('c++17', 'c++20', 'c++2b'):
                cases[f'{standard} with {compiler}'] = pool.submit(
                    check, compiler, standard, 'main.cc')
            cases[f'results with {compiler}'] = pool.submit(
                check, compiler, 'c++17', 'results.cc', '-fno-exceptions',
                '-fno-rtti')
    for name, problems in cases.items():
        tap.case(f'opt.hpp compiles as {name}', problems.result())
    tap.finish()


main()
