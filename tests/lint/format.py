#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Every C and C++ file is formatted as .clang-format says."""

import tap
import tree


def main():
    for path in tree.code():
        wrong = tap.run('clang-format', '--dry-run', '-Werror', path,
                        cwd=tap.ROOT)
        tap.case(f'clang-format {path}',
                 wrong and f'run clang-format -i {path}')
    tap.finish()


main()
