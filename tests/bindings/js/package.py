#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The package has what it needs, and is as large as its README says.

usage: package.py <package> <wasm-dis>
"""

import gzip
import os
import re
import sys

import tap

WASM = ('libopt.wasm', 'libopt-plain.wasm')
SIZE = re.compile(r'^\| `(libopt[\w-]*\.wasm)`[^|]*\| ([\d,]+) \| ([\d,]+) \|$',
                  re.M)


def read(package, name):
    with open(os.path.join(package, name), 'rb') as file:
        return file.read()


def wrong_sizes(package):
    told = {name: sizes for name, *sizes in
            SIZE.findall(read(package, 'README.md').decode())}
    yield from (f'it tells none of {name}' for name in WASM if name not in told)
    for name, told_sizes in told.items():
        data = read(package, name)
        sizes = (len(data), len(gzip.compress(data, 9)))
        if any(abs(size - int(about.replace(',', ''))) > size / 20
               for size, about in zip(sizes, told_sizes)):
            yield f'{name}: {sizes}'


def simd_instructions(wasm_dis, path):
    """How many lines of the disassembly name a vector."""
    text = tap.output(wasm_dis, '--all-features', path)
    return len(re.findall(r'\bv128\b|\b[if]\d+x\d+\.', text))


def main():
    package, wasm_dis = sys.argv[1:]
    tap.case('the package has the licences and both files', [
        name for name in ('LICENSE', 'THIRD-PARTY-NOTICES', 'README.md', *WASM)
        if not os.path.exists(os.path.join(package, name))])
    tap.case('its README tells the sizes of its files', list(
        wrong_sizes(package)))
    vectors = [simd_instructions(wasm_dis, os.path.join(package, name))
               for name in WASM]
    tap.case('one file has SIMD instructions, the other none',
             '' if vectors[0] > 1000 and vectors[1] == 0 else str(vectors))
    tap.finish()


main()
