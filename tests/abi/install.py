#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""An installed libopt is found and used, and README's program works with it.

usage: install.py <build directory>
"""

import os
import shutil
import subprocess
import sys
import tempfile

import readme
import tap

CONSUMER = os.path.join(tap.ROOT, 'tests/abi/consumer')


def with_cmake(prefix, work):
    build = os.path.join(work, 'consumer')
    tap.case('find_package(libopt) configures and builds a program',
             tap.run('cmake', '-S', CONSUMER, '-B', build, '-G', 'Ninja',
                     f'-DCMAKE_PREFIX_PATH={prefix}') or
             tap.run('cmake', '--build', build))
    for kind in ('opt', 'opt_static'):
        tap.case(f'a program runs with libopt::{kind}',
                 readme.expect('0 1 2', os.path.join(build, f'with_{kind}')))


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
                 readme.expect('0 1 2', program))


def compile_cpp(prefix, source, program, flags):
    return tap.run('g++', '-std=c++17', '-Wall', '-Wextra', '-pedantic',
                   '-Werror', source, '-o', program, *flags,
                   f'-Wl,-rpath,{prefix}/lib')


def readme_programs(prefix, work):
    flags = pkg_config(prefix, '--cflags', '--libs')
    for name, compiler in (('c', compile_c), ('cpp', compile_cpp)):
        program = os.path.join(work, f'readme_{name}')
        readme.case(name, name, f'readme.{name}', work,
                    lambda path: (compiler(prefix, path, program,
                                           [*flags, '-lm']), [program]))


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
        readme_programs(prefix, work)
    finally:
        shutil.rmtree(work)
    tap.finish()


main()
