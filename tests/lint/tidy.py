#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""clang-tidy over C++ and opt.hpp, as .clang-tidy says.

usage: tidy.py <build directory with compile_commands.json>
"""

import concurrent.futures
import json
import os
import re
import sys
import tempfile

import tap

FOLDERS = ('src/', 'tests/bindings/cpp/', 'examples/cpp/')
COUNTING = '-DOPT_COUNT_WORK'
# The kernels are the same text for every SIMD target: one is enough. .clang-tidy
# asks for the warning.
ADDED = ' -DHWY_COMPILE_ONLY_STATIC -Wreserved-identifier'
# g++'s precompiled header, which Clang cannot read.
PRECOMPILED = re.compile(r' -include \S+/cmake_pch\.hxx')


def compile_commands(build):
    """Those of FOLDERS; of a source that is also compiled to count its work
    that one alone, which has all that the other has."""
    with open(os.path.join(build, 'compile_commands.json'),
              encoding='utf-8') as file:
        commands = [{**entry, 'command':
                     PRECOMPILED.sub('', entry['command']) + ADDED}
                    for entry in json.load(file)
                    if path_of(entry).startswith(FOLDERS)]
    counting = {entry['file'] for entry in commands
                if COUNTING in entry['command']}
    return [entry for entry in commands if entry['file'] not in counting or
            COUNTING in entry['command']]


def path_of(entry):
    return os.path.relpath(entry['file'], tap.ROOT)


def main():
    commands = compile_commands(sys.argv[1])
    paths = sorted({path_of(entry) for entry in commands})
    with tempfile.TemporaryDirectory(prefix='libopt-tidy-') as place:
        with open(os.path.join(place, 'compile_commands.json'), 'w',
                  encoding='utf-8') as file:
            json.dump(commands, file)

        def tidy(path):
            return tap.run('clang-tidy', '--quiet', '-p', place, path,
                           cwd=tap.ROOT)

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for path, problems in zip(paths, pool.map(tidy, paths)):
                tap.case(f'clang-tidy {path}', problems)
    tap.finish()


main()
