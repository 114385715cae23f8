#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""A reader that is not libopt's reads what libopt's writer wrote.

usage: foreign_reader_test.py <write_sample>
"""

import os
import struct
import sys
import tempfile
import zlib

import numpy
import tap
from read_safetensors import read

CRC, PAD = '__crc32__', '__pad__.'


def counting(size, dtype, shape):
    return numpy.arange(size, dtype='u1').view(dtype).reshape(shape)


EXPECTED = {
    'fc1.weight': counting(128, '<f4', (4, 8)),
    'fc1.weight/exp_avg': counting(24, '<f8', (3,)),
    'fc1.weight/step': counting(8, '<i8', ()),
    'b\u00EFas "\\ \U0001F600': counting(0, '<f4', (0,)),
    '__own__.epoch': counting(65, 'u1', (65,)),
}


def wrong_tensors(tensors):
    names = [n for n in tensors if n != CRC and not n.startswith(PAD)]
    if names != list(EXPECTED):
        yield f'names: {names}'
    for name in set(names) & set(EXPECTED):
        found, wanted = tensors[name], EXPECTED[name]
        if (found.dtype, found.shape, found.tobytes()) != (
                wanted.dtype, wanted.shape, wanted.tobytes()):
            yield f'{name}: {found!r}, not {wanted!r}'


def misaligned(data, header_size, tensors):
    at = header_size
    for name, array in tensors.items():
        if not name.startswith(PAD) and at % 64 != 0:
            yield f'{name} starts at byte {at}'
        if data[at:at + array.nbytes] != array.tobytes():
            yield f'{name} is not at byte {at}'
        at += array.nbytes


def wrong_checksums(header, tensors):
    names = list(tensors)
    if names[-1] != CRC:
        yield f'the last tensor is {names[-1]}'
        return
    wanted = [zlib.crc32(header)]
    wanted += [zlib.crc32(tensors[name].tobytes()) for name in names[:-1]]
    if tensors[CRC].tolist() != wanted:
        yield f'{tensors[CRC].tolist()}, not {wanted}'


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'sample.safetensors')
        tap.case('the writer writes a file', tap.run(sys.argv[1], path))
        with open(path, 'rb') as file:
            data = file.read()
        metadata, tensors = read(path)
    header_size = 8 + struct.unpack('<Q', data[:8])[0]

    right = {'format': 'libopt', 'format_version': '1',
             'note': 'a "tab":\t\\'}
    tap.case('the metadata are read',
             '' if metadata == right else str(metadata))
    tap.case('every tensor is read, bit for bit', list(wrong_tensors(tensors)))
    tap.case('every tensor is aligned to 64 bytes',
             list(misaligned(data, header_size, tensors)))
    tap.case('pads are zeros',
             [name for name, array in tensors.items()
              if name.startswith(PAD) and array.any()])
    tap.case('the checksums are those of zlib',
             list(wrong_checksums(data[:header_size], tensors)))
    tap.finish()


main()
