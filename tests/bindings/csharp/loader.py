#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Without its native library the assembly tells where it looked for it.

usage: loader.py <program> <command>...

The command runs the program, which lies beside the assembly and prints what
each way into the library throws.
"""

import os
import shutil
import subprocess
import sys
import tempfile

import tap

WANTED = ('DllNotFoundException', 'libopt_csharp.so', 'runtimes/<rid>/native',
          'LD_LIBRARY_PATH')
WAYS = ('Optimizer', 'Context', 'Schedule', 'Checkpoint', 'Library')


def main():
    program, *command = sys.argv[1:]
    with tempfile.TemporaryDirectory() as place:
        folder = os.path.dirname(program)
        for name in os.listdir(folder):
            if '.so' not in name and os.path.isfile(f'{folder}/{name}'):
                shutil.copy(f'{folder}/{name}', place)
        result = subprocess.run(
            [*command, os.path.join(place, os.path.basename(program))],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        wanted = (*WANTED, place)
    told = dict(line.split(': ', 1) for line in result.stdout.splitlines()
                if ': ' in line)
    for way in WAYS:
        text = told.get(way, result.stdout)
        tap.case(f'without the native library {way} tells what to do',
                 [f'no {part} in: {text}' for part in wanted
                  if part not in text])
    tap.finish()


main()
