#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Every C and C++ file is formatted as .clang-format says."""

import tap
import tree


def main():
    paths = tree.code()
    # One process for all: to start one for each takes most of the time.
    told = tap.run('clang-format', '--dry-run', '-Werror', *paths,
                   cwd=tap.ROOT)
    wrong = {line.split(':', 1)[0] for line in told.splitlines()
             if ': error: ' in line}
    for path in paths:
        # A complaint that names no file is told of every one.
        tap.case(f'clang-format {path}',
                 f'run clang-format -i {path}' if path in wrong else
                 told if not wrong else '')
    tap.finish()


main()
