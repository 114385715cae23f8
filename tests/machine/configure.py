#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The project configures with a JDK that no distribution has and in an empty
environment; what is missing is told with its remedy.

usage: configure.py <folder of a JDK>
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

import tap

PATH = os.environ['PATH']
JAVA_ALONE = ('-G', 'Ninja', '-DOPT_BUILD_JAVA=ON', '-DOPT_BUILD_TESTS=OFF',
              '-DOPT_BUILD_BENCH=OFF', '-DOPT_BUILD_EXAMPLES=OFF')
# The parts of a JDK that the Java binding takes, in CMake's cache.
CACHED = re.compile(
    r'^(Java_JA(?:R|VA|VAC)_EXECUTABLE|JAVA_INCLUDE_PATH2?):.*=(.*)$', re.M)


def configure(build, *options, path=PATH, **environment):
    """(whether it succeeded, output) of cmake, whose environment is a path and
    what is given."""
    result = subprocess.run(
        ['cmake', '-S', tap.ROOT, '-B', build, *options],
        env={'PATH': path, **environment}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False)
    return result.returncode == 0, ' '.join(result.stdout.split())


def copy_of_jdk(jdk, place):
    """A JDK that works and takes `place` for its home: links, but for the
    launchers and the library from whose path the JVM derives it."""
    subprocess.run(['cp', '-rs', jdk, place], check=True)
    for name in ('bin/java', 'bin/javac', 'bin/jar', 'bin/javadoc',
                 'lib/server/libjvm.so'):
        os.unlink(os.path.join(place, name))
        shutil.copy(os.path.join(jdk, name), os.path.join(place, name))


def uses(jdk, build):
    """Yields what of the JDK's is taken from elsewhere."""
    with open(os.path.join(build, 'CMakeCache.txt'), encoding='utf-8') as file:
        for name, value in CACHED.findall(file.read()):
            if not value.startswith(f'{jdk}/'):
                yield f'{name} is {value}'


def with_a_jdk(jdk, work):
    home = os.path.join(work, 'jdk')
    copy_of_jdk(jdk, home)
    links = os.path.join(work, 'links')
    os.mkdir(links)
    os.symlink(os.path.join(home, 'bin/javac'), os.path.join(links, 'javac'))
    for name, arguments in (
            ('that is on the path', {'path': f'{home}/bin:{PATH}'}),
            ('whose javac the path has a link to',
             {'path': f'{links}:{PATH}'}),
            ('that JAVA_HOME names', {'JAVA_HOME': home})):
        with tempfile.TemporaryDirectory(dir=work) as build:
            succeeded, output = configure(build, *JAVA_ALONE, **arguments)
            tap.case(f'the Java binding takes all from the JDK {name}',
                     uses(home, build) if succeeded else output)
    shutil.rmtree(os.path.join(home, 'include'))
    os.unlink(os.path.join(home, 'bin/jar'))
    with tempfile.TemporaryDirectory(dir=work) as build:
        succeeded, output = configure(build, *JAVA_ALONE, JAVA_HOME=home)
        tap.case('what an incomplete JDK lacks is told by name',
                 '' if not succeeded and
                 f'{home} is not a complete JDK' in output and
                 'lacks bin/jar, include/jni.h' in output else output)


def system_without(prefix, work):
    """The path and CMake's option of a system that lacks some programs."""
    place = os.path.join(work, f'without-{prefix}')
    os.mkdir(place)
    folders = [*filter(os.path.isdir, PATH.split(':')), '/usr/bin', '/bin']
    programs = {name: os.path.join(folder, name) for folder in folders[::-1]
                for name in os.listdir(folder) if not name.startswith(prefix)}
    for name, program in programs.items():
        os.symlink(program, os.path.join(place, name))
    return place, f'-DCMAKE_IGNORE_PATH={";".join(folders)}'


def without_programs(work):
    for prefix, package in (('swig', 'swig'),
                            ('javac', 'default-jdk-headless')):
        path, option = system_without(prefix, work)
        with tempfile.TemporaryDirectory(dir=work) as build:
            succeeded, output = configure(build, *JAVA_ALONE, option, path=path)
            tap.case(f'without {prefix} the remedy is told',
                     '' if not succeeded and
                     f"Debian's package is {package}" in output and
                     'cmake/bootstrap tests installs it' in output else output)


def main():
    with tempfile.TemporaryDirectory(prefix='libopt-machine-') as work:
        with_a_jdk(sys.argv[1], work)
        without_programs(work)
        succeeded, output = configure(os.path.join(work, 'gcc'),
                                      '--preset', 'gcc')
        tap.case('the preset gcc needs of the environment the path alone',
                 '' if succeeded else output)
    tap.finish()


main()
