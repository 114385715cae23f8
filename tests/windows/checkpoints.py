#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Windows writes the checkpoints that Linux writes, byte for byte.

usage: checkpoints.py <write_fixtures of Linux>
       <command that runs that of Windows>...
"""

import os
import sys
import tempfile

import tap


def written(*command):
    """Name and bytes of each checkpoint, and what is wrong."""
    if not os.path.exists(command[0]) and os.path.isabs(command[0]):
        return {}, f'{command[0]} is missing: build it first'
    with tempfile.TemporaryDirectory() as folder:
        problem = tap.run(*command, folder)
        files = {}
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), 'rb') as file:
                files[name] = file.read()
    return files, problem or ('' if files else f'{command} wrote none')


def main():
    linux, problem = written(sys.argv[1])
    tap.case('Linux writes checkpoints', problem)
    windows, problem = written(*sys.argv[2:])
    tap.case('Windows writes checkpoints', problem)
    for name in sorted(linux.keys() | windows.keys()):
        tap.case(f'{name} is the same file on Linux and on Windows',
                 '' if linux.get(name) == windows.get(name) else
                 f'{len(linux.get(name, b""))} bytes on Linux, '
                 f'{len(windows.get(name, b""))} on Windows')
    tap.finish()


main()
