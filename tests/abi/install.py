#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""An installed libopt is found and used, and README's program works with it.

usage: install.py <build directory>
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

import tap

CONSUMER = os.path.join(tap.ROOT, 'tests/abi/consumer')


def expect(expected, *command, **options):
    """Runs a program; returns what is wrong with what it prints."""
    result = subprocess.run(command, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, **options)
    if result.returncode == 0 and result.stdout.strip() == expected.strip():
        return ''
    return (f'{" ".join(command)}: exit {result.returncode}, printed\n'
            f'{result.stdout}expected\n{expected}')


def with_cmake(prefix, work):
    build = os.path.join(work, 'consumer')
    tap.case('find_package(libopt) configures and builds a program',
             tap.run('cmake', '-S', CONSUMER, '-B', build, '-G', 'Ninja',
                     f'-DCMAKE_PREFIX_PATH={prefix}') or
             tap.run('cmake', '--build', build))
    for kind in ('opt', 'opt_static'):
        tap.case(f'a program runs with libopt::{kind}',
                 expect('0 1 2', os.path.join(build, f'with_{kind}')))


def pkg_config(prefix, *arguments):
    path = os.path.join(prefix, 'lib/pkgconfig')
    return subprocess.run(['pkg-config', *arguments, 'libopt'],
                          env={**os.environ, 'PKG_CONFIG_PATH': path},
                          stdout=subprocess.PIPE, text=True,
                          check=True).stdout.split()


def compile_c(prefix, source, program, flags):
    return tap.run('gcc', '-std=c11', '-Wall', '-Wextra', '-pedantic',
                   '-Werror', source, '-o', program, *flags,
                   f'-Wl,-rpath,{prefix}/lib')


def with_pkg_config(prefix, work):
    source = os.path.join(CONSUMER, 'main.c')
    shared = pkg_config(prefix, '--cflags', '--libs')
    static = pkg_config(prefix, '--static', '--cflags', '--libs')
    static = [flag.replace('-lopt', '-l:libopt.a') for flag in static]
    for kind, flags in (('shared', shared), ('static', static)):
        program = os.path.join(work, kind)
        tap.case(f'pkg-config gives the flags of the {kind} library',
                 compile_c(prefix, source, program, flags) or
                 expect('0 1 2', program))


def block(text, marker, language):
    """The code block that follows a marker; None if there is none."""
    match = re.search(f'<!-- {marker} -->\\s*```{language}\n(.*?)```', text,
                      re.S)
    return match and match[1]


def readme_program(prefix, work):
    with open(os.path.join(tap.ROOT, 'README.md'), encoding='utf-8') as file:
        readme = file.read()
    source = block(readme, 'program: c', 'c')
    printed = block(readme, 'output: c', 'text')
    if source is None or printed is None:
        tap.case("README's program works as printed",
                 'README.md lacks <!-- program: c --> with a ```c block, or '
                 '<!-- output: c --> with a ```text block')
        return
    path = os.path.join(work, 'readme.c')
    with open(path, 'w', encoding='utf-8') as file:
        file.write(source)
    program = os.path.join(work, 'readme')
    flags = pkg_config(prefix, '--cflags', '--libs')
    tap.case("README's program works as printed",
             compile_c(prefix, path, program, [*flags, '-lm']) or
             expect(printed, program))


def main():
    work = tempfile.mkdtemp(prefix='libopt-install-')
    try:
        first = os.path.join(work, 'first')
        prefix = os.path.join(work, 'moved')
        tap.case('cmake --install succeeds',
                 tap.run('cmake', '--install', sys.argv[1], '--prefix', first))
        os.rename(first, prefix)  # an installation can be moved
        with_cmake(prefix, work)
        with_pkg_config(prefix, work)
        readme_program(prefix, work)
    finally:
        shutil.rmtree(work)
    tap.finish()


main()
