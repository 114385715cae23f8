#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""libopt's CMake project fits into a host's, and into a host's folders.

usage: subproject.py <libopt.a>
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import readme
import tap

HOST = os.path.join(tap.ROOT, 'tests/abi/subproject')


def read(*path):
    with open(os.path.join(*path), encoding='utf-8') as file:
        return file.read()


def expect(true, complaint):
    return [] if true else [complaint]


def configure(source, build, *options):
    return tap.run('cmake', '-S', source, '-B', build, '-G', 'Ninja', *options)


def of_an_engine(build, graph):
    """The host compiles with -fno-exceptions -fno-rtti, libopt does not."""
    objects = re.findall(r'^build (\S+/libopt_\S+\.o):.*?FLAGS = (.*?)$',
                         graph, re.M | re.S)
    tap.case('exceptions and RTTI are on in the library, off in the host', [
        f'{path}: {flags}' for path, flags in objects
        if not (flags.rfind('-fexceptions') > flags.rfind('-fno-exceptions') >= 0
                and flags.rfind('-frtti') > flags.rfind('-fno-rtti') >= 0)]
             if objects else 'no object of libopt is found')
    throwing = [path for path, _ in objects if '/src/api/' in path][:1]
    tap.case('a source that throws compiles there',
             tap.run('ninja', '-C', build, *throwing) if throwing
             else 'src/api has no source')


def in_c(build):
    """Links the host's program as it would be, but with the built libopt.a."""
    commands = tap.output('ninja', '-C', build, '-t', 'commands',
                          'with_opt_static').splitlines()
    compiling = [line for line in commands if ' -c ' in line and
                 'with_opt_static.dir' in line]
    linking = commands[-1].replace('libopt/libopt.a', shlex.quote(sys.argv[1]))
    problem = '' if sys.argv[1] in linking else f'no libopt.a in {linking}'
    for line in (*compiling, linking):
        problem = problem or tap.run('sh', '-c', line, cwd=build)
    tap.case('a host in C links the static library', problem or readme.expect(
        '0 1 2', os.path.join(build, 'with_opt_static')))


def in_a_host(work):
    build = os.path.join(work, 'a host')
    tap.case('add_subdirectory configures, in a path with spaces',
             configure(HOST, build, '-DCMAKE_UNITY_BUILD=ON',
                       '-DCMAKE_CXX_FLAGS=-fno-exceptions -fno-rtti'))
    graph = read(build, 'build.ninja')
    of_an_engine(build, graph)
    in_c(build)
    tap.case('sources stay apart in a unity build',
             expect('libopt_objects' in graph and 'libopt/Unity' not in graph and
                    'libopt_objects.dir/Unity' not in graph,
                    'the kernels do not compile as one source'))
    install = os.path.join(build, 'libopt', 'cmake_install.cmake')
    tap.case("a host's installation has no libopt",
             expect('libopt.so' not in read(install), f'{install} installs it'))
    tap.case('unless it asks for it',
             configure(HOST, build, '-DOPT_INSTALL=ON') or
             expect('libopt.so' in read(install), f'{install} does not'))


def in_folders_of_its_own(work):
    build = os.path.join(work, 'folders')
    tap.case('folders can be given with their whole path',
             configure(tap.ROOT, build, '-DCMAKE_INSTALL_PREFIX=/p',
                       '-DCMAKE_INSTALL_LIBDIR=/elsewhere/lib64',
                       '-DCMAKE_INSTALL_INCLUDEDIR=/elsewhere/include',
                       '-DOPT_BUILD_TESTS=OFF', '-DOPT_BUILD_BENCH=OFF',
                       '-DOPT_BUILD_EXAMPLES=OFF'))
    for variable, expected in (('prefix', '/p'), ('libdir', '/elsewhere/lib64'),
                               ('includedir', '/elsewhere/include')):
        told = subprocess.run(
            ['pkg-config', f'--variable={variable}', 'libopt'],
            env={**os.environ, 'PKG_CONFIG_PATH': build},
            stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        tap.case(f"pkg-config's {variable} is the one that was given",
                 expect(told == expected, f'it is {told}, not {expected}'))


def main():
    work = tempfile.mkdtemp(prefix='libopt-subproject-')
    try:
        in_a_host(work)
        in_folders_of_its_own(work)
    finally:
        shutil.rmtree(work)
    tap.finish()


main()
