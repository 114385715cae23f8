# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The symbols that a DLL shows, and the libraries that it needs."""

import re

import tap

# Parts of every Windows.
SYSTEM = {'kernel32.dll', 'msvcrt.dll', 'advapi32.dll',
          'api-ms-win-core-synch-l1-2-0.dll'}


def exports(objdump, dll):
    headers = tap.output(objdump, '-p', dll)
    table = headers.split('[Ordinal/Name Pointer] Table', 1)[1]
    return set(re.findall(
        r'^\s*\[\s*\d+\](?: \+base\[\s*\d+\]\s+\w+)? (\w+)$', table, re.M))


def foreign(objdump, dll):
    """The libraries that are not part of Windows."""
    needed = re.findall(r'DLL Name: (\S+)', tap.output(objdump, '-p', dll))
    if not needed:
        return ['needs nothing, which cannot be']
    return [f'needs {name}' for name in sorted(needed)
            if name.lower() not in SYSTEM]
