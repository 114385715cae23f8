#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""clang-tidy over C++ and opt.hpp, as .clang-tidy says.

usage: tidy.py <build directory with compile_commands.json>
"""

import concurrent.futures
import json
import os
import sys

import tap

FOLDERS = ('src/', 'tests/bindings/cpp/', 'examples/cpp/')


def main():
    build = sys.argv[1]
    with open(os.path.join(build, 'compile_commands.json'),
              encoding='utf-8') as file:
        paths = {os.path.relpath(entry['file'], tap.ROOT)
                 for entry in json.load(file)}
    paths = sorted(p for p in paths if p.startswith(FOLDERS))

    def tidy(path):
        return tap.run('clang-tidy', '--quiet', '-p', build, path,
                       cwd=tap.ROOT)

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, problems in zip(paths, pool.map(tidy, paths)):
            tap.case(f'clang-tidy {path}', problems)
    tap.finish()


main()
