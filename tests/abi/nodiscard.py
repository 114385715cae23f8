#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Compilers warn of a program that ignores a status, and of no other."""

import glob
import re

import tap

STATUS = re.compile(r'^(OPT_NODISCARD )?OPT_API opt_status\s+(\w+)\(', re.M)
# Failures of these leave nothing to be done.
ENDING = re.compile(r'_(abandon|destroy|close|stop|discard|shutdown)$')

IGNORES = 'opt_step(optimizer, NULL);'
HEEDS = '''(void)opt_step(optimizer, NULL);
  if (opt_step(optimizer, NULL) != OPT_OK) return;
  opt_discard(optimizer);
  opt_destroy(optimizer);'''
PROGRAM = '''#include <opt/opt.h>
void use(opt_optimizer optimizer);
void use(opt_optimizer optimizer) {{
  {}
}}
'''
# Compilers, and whether they can tell a cast to void from a status forgotten.
MODES = ((('clang', '-std=c99'), True), (('clang', '-std=c11'), True),
         (('clang', '-std=c2x'), True), (('gcc', '-std=c2x'), True),
         (('gcc', '-std=c11'), False), (('g++', '-std=c++17'), True),
         (('clang++', '-std=c++17'), True), (('clang++', '-std=c++14'), True))


def compile_with(mode, statements, *options):
    language = 'c++' if '++' in mode[0] else 'c'
    return tap.run(*mode, '-x', language, '-Iinclude', '-Wall', '-Wextra',
                   '-pedantic', '-Werror', *options, '-fsyntax-only', '-',
                   input=PROGRAM.format(statements), cwd=tap.ROOT)


def main():
    unmarked, needless, count = [], [], 0
    for path in sorted(glob.glob(f'{tap.ROOT}/include/opt/*.h')):
        with open(path, encoding='utf-8') as file:
            for marked, name in STATUS.findall(file.read()):
                count += 1
                if ENDING.search(name):
                    needless += [name] if marked else []
                else:
                    unmarked += [] if marked else [name]
    tap.case('every status is to be heeded, but of calls that end something',
             [f'{name} lacks OPT_NODISCARD' for name in unmarked] +
             [f'{name} has OPT_NODISCARD' for name in needless]
             if count else 'no function is found')
    for mode, warns in MODES:
        name = ' '.join(mode)
        told = 'unused' in compile_with(mode, IGNORES)
        tap.case(f'{name} {"warns" if warns else "is quiet"} when a status is '
                 'ignored', '' if told == warns else f'told: {told}')
        tap.case(f'{name} is quiet when statuses are heeded',
                 compile_with(mode, HEEDS))
    tap.case('a program can do without warnings',
             compile_with(('clang', '-std=c11'), IGNORES, '-DOPT_NODISCARD='))
    tap.finish()


main()
