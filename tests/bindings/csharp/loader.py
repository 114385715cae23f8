#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Without its native library the assembly tells where it looked for it.

usage: loader.py <program> <command>...

The command runs the program, which lies beside the assembly.
"""

import os
import shutil
import subprocess
import sys
import tempfile

import tap

WANTED = ('DllNotFoundException', 'libopt_csharp.so', 'runtimes/<rid>/native',
          'LD_LIBRARY_PATH')


def main():
    program, *command = sys.argv[1:]
    with tempfile.TemporaryDirectory() as place:
        folder = os.path.dirname(program)
        for name in os.listdir(folder):
            if '.so' not in name and os.path.isfile(f'{folder}/{name}'):
                shutil.copy(f'{folder}/{name}', place)
        source = os.path.join(place, 'input')  # no tensors, no steps
        with open(source, 'wb') as file:
            file.write(bytes(16))
        result = subprocess.run(
            [*command, os.path.join(place, os.path.basename(program)),
             'replay', source, place],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        wanted = (*WANTED, place)
    tap.case('without the native library the error tells what to do',
             [f'no {text} in: {result.stdout}' for text in wanted
              if text not in result.stdout])
    tap.finish()


main()
