#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Writes what is generated from the library's catalogue into the source tree.

usage: generate.py <libopt.so>

Each generator is a script with a function files(catalog) that gives paths and
texts. The target "generate" runs them all.
"""

import runpy
import sys

sys.dont_write_bytecode = True

from catalog import ROOT, Files, load

# The last needs tools that may be missing.
GENERATORS = ('cmake/generate/c.py', 'cmake/generate/readme.py',
              'bindings/python/generate.py', 'bindings/java/generate.py',
              'bindings/csharp/generate.py', 'bindings/js/generate.py',
              'bindings/rust/generate.py',
              'bindings/rust/declarations.py')


def files(library: str) -> Files:
    """Paths of all generated files, and what they should hold."""
    catalog = load(library)
    for path in GENERATORS:
        yield from runpy.run_path(str(ROOT / path))['files'](catalog)


if __name__ == '__main__':
    for path, text in files(*sys.argv[1:]):
        file = ROOT / path
        if not file.exists() or file.read_text(encoding='utf-8') != text:
            file.write_text(text, encoding='utf-8')
            print(f'{path}: written')
