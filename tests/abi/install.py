#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""An installed libopt is found and used, and the READMEs' programs in C work
with it.

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


def configure(prefix, build, *options):
    return tap.run('cmake', '-S', CONSUMER, '-B', build, '-G', 'Ninja',
                   f'-DCMAKE_PREFIX_PATH={prefix}', *options)


def with_cmake(prefix, work):
    for languages in ('C', 'C;CXX'):
        names = languages.replace(';', ' and ')
        build = os.path.join(work, names)
        problem = (configure(prefix, build, f'-DLANGUAGES={languages}') or
                   tap.run('cmake', '--build', build))
        tap.case(f'find_package(libopt) in a project of {names}', problem)
        for kind in ('opt', 'opt_static'):
            tap.case(f'a program of it runs with libopt::{kind}',
                     problem or readme.expect(
                         '0 1 2', os.path.join(build, f'with_{kind}')))
    for version in ('0.0', '0.2', '1.0'):
        refusal = configure(prefix, os.path.join(work, version),
                            '-DLANGUAGES=NONE', f'-DWANTED={version}')
        tap.case(f'find_package(libopt {version}) does not take 0.1',
                 '' if 'compatible with requested version' in
                 ' '.join(refusal.split()) else refusal or 'it does')


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


def with_libcxx(prefix):
    """clang++ that has libc++ must not take the library's -lstdc++ for it."""
    flags = pkg_config(prefix, '--static', '--libs')
    plan = subprocess.run(['clang++', '-stdlib=libc++', '-###', 'main.o',
                           *flags], stderr=subprocess.PIPE, text=True,
                          check=True).stderr
    tap.case('pkg-config gives a host with libc++ the library of libopt.a too',
             '' if '"-lc++"' in plan and '"-lstdc++"' in plan else plan)


def compile_cpp(prefix, source, program, flags):
    return tap.run('g++', '-std=c++17', '-Wall', '-Wextra', '-pedantic',
                   '-Werror', source, '-o', program, *flags,
                   f'-Wl,-rpath,{prefix}/lib')


def without_warning(prefix, source):
    return tap.run('clang', '-std=c11', '-fsyntax-only',
                   '-Wno-unknown-warning-option', '-Weverything',
                   '-Wno-padded', '-Wno-declaration-after-statement',
                   '-Wno-unsafe-buffer-usage', '-Werror',
                   *pkg_config(prefix, '--cflags'), source)


def readme_programs(prefix, work):
    flags = pkg_config(prefix, '--cflags', '--libs')
    program = os.path.join(work, 'readme')
    command = ['env', '-C', work, program]
    for path in ('README.md', 'include/opt/README.md'):
        for name in readme.names(path) or ['any']:
            readme.case(name, 'c', 'readme.c', work, lambda source: (
                compile_c(prefix, source, program, [*flags, '-lm']), command),
                path)
            tap.case(f"{path}'s program {name} has no warning of clang's",
                     without_warning(prefix, os.path.join(work, 'readme.c')))
    readme.case('first', 'cpp', 'readme.cc', work, lambda source: (
        compile_cpp(prefix, source, program, flags), command),
        'include/opt/hpp/README.md')


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
        with_libcxx(prefix)
        readme_programs(prefix, work)
    finally:
        shutil.rmtree(work)
    tap.finish()


main()
