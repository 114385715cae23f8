#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Every program of the README of JavaScript runs as a user's would, and the
marked one prints what the README says.

usage: readme_programs.py <package> <node>...
"""

import os
import re
import sys
import tempfile

import readme
import tap

README = 'bindings/js/README.md'


def blocks():
    with open(os.path.join(tap.ROOT, README), encoding='utf-8') as file:
        return re.findall(r'```js\n(.*?)```', file.read(), re.S)


def main():
    package, *node = sys.argv[1:]
    with tempfile.TemporaryDirectory() as work:
        os.mkdir(os.path.join(work, 'node_modules'))
        os.symlink(package, os.path.join(work, 'node_modules', 'libopt'))
        readme.case('js', 'js', 'first.mjs', work,
                    lambda path: ('', [*node, path]), README)
        for i, block in enumerate(blocks()):
            path = os.path.join(work, f'program{i}.mjs')
            with open(path, 'w', encoding='utf-8') as file:
                file.write(block)
            tap.case(f"the README's program {i} for JavaScript runs",
                     tap.run(*node, path, cwd=work))
    tap.finish()


main()
