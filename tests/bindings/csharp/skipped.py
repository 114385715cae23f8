#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The tests that would run on .NET, by name, where there is no .NET SDK.

usage: skipped.py <source file>...
"""

import os
import re
import sys

FACT = re.compile(r'\[Fact\]\s+public (?:unsafe )?void (\w+)\(')
REASON = 'no .NET SDK: https://dotnet.microsoft.com/download'


def main():
    names = []
    for path in sorted(sys.argv[1:]):
        with open(path, encoding='utf-8') as file:
            group = os.path.splitext(os.path.basename(path))[0]
            names += [f'{group}.{name}' for name in FACT.findall(file.read())]
    for i, name in enumerate(names, 1):
        print(f'ok {i} - {name} # SKIP {REASON}')
    print(f'1..{len(names)}')


main()
