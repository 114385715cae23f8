#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The types of the package are right: a program that uses all of it compiles,
mistakes in it do not, and the types declare what the modules export.

usage: types.py <tsc> <package>
"""

import os
import re
import shutil
import sys
import tempfile

import tap

HERE = os.path.dirname(os.path.abspath(__file__))
OPTIONS = ('--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2022,dom',
           '--module', 'nodenext', '--moduleResolution', 'nodenext')


def exported(path):
    """The names that a module, or the types of one, export themselves."""
    with open(path, encoding='utf-8') as file:
        text = file.read()
    text = re.sub(r'/\*.*?\*/|//[^\n]*', '', text, flags=re.S)
    names = set(re.findall(
        r'^export (?:\* as|class|function|const) (\w+)', text, re.M))
    for group in re.findall(r'^export \{([^}]*)\}', text, re.M):
        names |= set(re.findall(r'\w+', group))
    return names


def main():
    tsc, package = sys.argv[1:]
    with tempfile.TemporaryDirectory() as work:
        os.mkdir(os.path.join(work, 'node_modules'))
        os.symlink(package, os.path.join(work, 'node_modules', 'libopt'))
        program = shutil.copy(os.path.join(HERE, 'types.mts'), work)
        tap.case('a program in TypeScript that uses the package compiles, and '
                 'its mistakes are found',
                 tap.run(tsc, *OPTIONS, program, cwd=work))
    for module in ('index', 'rules', 'schedules'):
        code, types = (exported(os.path.join(package, f'{module}.{suffix}'))
                       for suffix in ('js', 'd.ts'))
        tap.case(f'{module}.d.ts declares what {module}.js exports',
                 sorted(code ^ types) if code else 'nothing is exported')
    tap.finish()


main()
