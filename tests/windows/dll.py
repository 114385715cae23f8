#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The symbols of opt.dll, its needs, and that its code may run on Windows.

usage: dll.py <opt.dll> <opt.lib> <objdump> <nm>
"""

import os
import re
import sys

import pe
import tap

# An aligned move of a wide vector from or to the stack, which is aligned to 16
# bytes alone.
ALIGNED = re.compile(r'\t(vmov(?:ap[sd]|dqa\d*|ntdq|ntp[sd])\b.*'
                     r'\(%r[sb]p.*%[yz]mm|vmov(?:ap[sd]|dqa\d*|ntdq|ntp[sd])\b'
                     r'.*%[yz]mm.*\(%r[sb]p.*)')
WIDE = re.compile(r'%zmm')


def functions():
    with open(os.path.join(tap.ROOT, 'cmake/libopt.map'),
              encoding='utf-8') as file:
        return set(re.findall(r'^ +(opt_\w+);', file.read(), re.M))


def main():
    dll, library, objdump, nm = sys.argv[1:]
    tap.case('opt.dll exports the C API and nothing else',
             [f'{name} is in one of both' for name in
              sorted(pe.exports(objdump, dll) ^ functions())])
    tap.case('opt.dll needs nothing but parts of Windows',
             pe.foreign(objdump, dll))

    imports = set(re.findall(r' (opt_\w+)$',
                             tap.output(nm, library), re.M))
    tap.case('opt.lib has every function for linkers like that of MSVC',
             [f'lacks {name}' for name in sorted(functions() - imports)])

    code = tap.output(objdump, '-d', '--no-show-raw-insn', dll)
    aligned = [line.strip() for line in code.splitlines()
               if ALIGNED.search(line)]
    tap.case('no wide vector is moved as if the stack were aligned to it',
             aligned[:20])
    tap.case('code with wide vectors was looked at',
             '' if WIDE.search(code) else 'there is none')
    tap.finish()


main()
