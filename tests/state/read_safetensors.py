# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Reads safetensors files as their public specification has it, with nothing
but the standard library and NumPy."""

import json
import struct

import numpy

DTYPES = {
    'BOOL': '?', 'U8': 'u1', 'I8': 'i1', 'U16': '<u2', 'I16': '<i2',
    'F16': '<f2', 'U32': '<u4', 'I32': '<i4', 'F32': '<f4', 'U64': '<u8',
    'I64': '<i8', 'F64': '<f8'}


def without_duplicates(pairs):
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError('duplicate keys')
    return result


def read(path):
    """Returns the metadata and the tensors, in the order of their data."""
    with open(path, 'rb') as file:
        data = file.read()
    length, = struct.unpack('<Q', data[:8])
    text = data[8:8 + length].decode('utf-8')
    if not text.startswith('{'):
        raise ValueError('the header does not start with {')
    header = json.loads(text, object_pairs_hook=without_duplicates)
    metadata = header.pop('__metadata__', {})
    data = data[8 + length:]
    tensors, reached = {}, 0
    for name, entry in sorted(header.items(),
                              key=lambda item: item[1]['data_offsets']):
        begin, end = entry['data_offsets']
        if begin != reached:
            raise ValueError(f'{name}: a hole or an overlap at {begin}')
        reached = end
        array = numpy.frombuffer(data[begin:end], DTYPES[entry['dtype']])
        tensors[name] = array.reshape(entry['shape'])
    if reached != len(data):
        raise ValueError('the tensors do not end where the file ends')
    return metadata, tensors
