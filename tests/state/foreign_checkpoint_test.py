#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""A reader that is not libopt's finds in a checkpoint what the optimizer had.

usage: foreign_checkpoint_test.py <print_checkpoint>
"""

import os
import subprocess
import sys
import tempfile

import tap
from read_safetensors import DTYPES, read


def told(line):
    """An array as the program tells it: name, (dtype, shape, bytes)."""
    dtype, extents, data, name = line.split(' ', 3)
    shape = tuple(int(extent) for extent in extents.split(',') if extent)
    return name, (DTYPES[dtype], shape, bytes.fromhex(data))


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'state.safetensors')
        done = subprocess.run([sys.argv[1], path], capture_output=True,
                              check=False, encoding='utf-8')
        tap.case('a C program saves a checkpoint', done.stderr)
        metadata, tensors = read(path)
    expected = dict(told(line) for line in done.stdout.splitlines())
    found = {name: (array.dtype.str.replace('|', ''), array.shape,
                    array.tobytes())
             for name, array in tensors.items()
             if name != '__crc32__' and not name.startswith('__pad__.')}
    tap.case('names are those of the optimizer, in its order',
             '' if list(found) == list(expected) else str(list(found)))
    for name, array in expected.items():
        tap.case(f'dtype, shape and bytes of {name}',
                 '' if found.get(name) == array
                 else f'{found.get(name)}, not {array}')
    tap.case('the metadata tell rule, version and columns',
             [f'{key} is {metadata.get(key)}' for key, value in (
                 ('rule', 'adam'), ('format', 'libopt'),
                 ('format_version', '1'), ('counters', 'steps,pending_samples'))
              if metadata.get(key) != value]
             + [key for key in ('libopt_version', 'options')
                if key not in metadata])
    columns = len(metadata['options'].split(','))
    tap.case('the options have a column for each name',
             '' if tensors['__options__'].shape == (3, columns)
             else str(tensors['__options__'].shape))
    tap.finish()


main()
