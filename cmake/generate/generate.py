#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Writes what is generated from the library's catalogue into the source tree.

usage: generate.py <libopt.so>

Each generator is a script with a function files(catalog) that gives paths from
the root on and texts. The target "generate" runs them all.
"""

import runpy
import sys
from collections.abc import Iterator

sys.dont_write_bytecode = True

from catalog import ROOT, load

# Rust is last: it needs tools that may be missing.
GENERATORS = ('cmake/generate/c.py', 'cmake/generate/cpp.py',
              'cmake/generate/readme.py', 'bindings/python/generate.py',
              'bindings/java/generate.py', 'bindings/csharp/generate.py',
              'bindings/rust/generate.py')


def files(library: str) -> Iterator[tuple[str, str]]:
    """Paths of all generated files, and what they should hold."""
    catalog = load(library)
    for path in GENERATORS:
        yield from runpy.run_path(str(ROOT / path))['files'](catalog)


def is_fresh(path: str, text: str) -> bool:
    """Whether a file of the tree holds this text."""
    file = ROOT / path
    return file.exists() and file.read_text(encoding='utf-8') == text


if __name__ == '__main__':
    for path, text in files(*sys.argv[1:]):
        if not is_fresh(path, text):
            (ROOT / path).write_text(text, encoding='utf-8')
            print(f'{path}: written')
