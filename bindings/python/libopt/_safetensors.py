# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The layout of checkpoints, as src/state/FORMAT.md has it, in memory: for what
is made of a checkpoint in Python, and of which a checkpoint is made. Loading
one is left to the library, which checks it."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from typing import NamedTuple

_ALIGNMENT = 64
_CHECKSUMS = '__crc32__'
_PAD = '__pad__.'


class Tensor(NamedTuple):
    """An array of a checkpoint: 'F32', 'F64', 'I64' or 'U8'; its bytes."""
    dtype: str
    shape: tuple[int, ...]
    data: bytes | memoryview


def read(data: bytes | bytearray) -> tuple[dict[str, str], dict[str, Tensor]]:
    """Metadata and tensors of a checkpoint that the library has written."""
    length, = struct.unpack('<Q', data[:8])
    header = json.loads(data[8:8 + length].decode())
    metadata = header.pop('__metadata__', {})
    body = memoryview(data)[8 + length:]
    return metadata, {
        name: Tensor(entry['dtype'], tuple(entry['shape']),
                     body[slice(*entry['data_offsets'])])
        for name, entry in header.items()
        if name != _CHECKSUMS and not name.startswith(_PAD)}


def write(metadata: Mapping[str, str],
          tensors: Mapping[str, Tensor]) -> bytes:
    """The checkpoint of these metadata and tensors."""
    padded: dict[str, Tensor] = {}
    pads = 0
    for name, tensor in tensors.items():
        padded[name] = tensor
        gap = -len(tensor.data) % _ALIGNMENT
        if gap:
            padded[f'{_PAD}{pads}'] = Tensor('U8', (gap,), bytes(gap))
            pads += 1
    header = _header(metadata, padded)
    checksums = [zlib.crc32(header)]
    checksums += [zlib.crc32(tensor.data) for tensor in padded.values()]
    return b''.join([header, *(tensor.data for tensor in padded.values()),
                     struct.pack(f'<{len(checksums)}I', *checksums)])


def _header(metadata: Mapping[str, str],
            tensors: Mapping[str, Tensor]) -> bytes:
    entries: dict[str, object] = {'__metadata__': dict(metadata)}
    end = 0
    for name, tensor in tensors.items():
        begin, end = end, end + len(tensor.data)
        entries[name] = {'dtype': tensor.dtype, 'shape': list(tensor.shape),
                         'data_offsets': [begin, end]}
    count = len(tensors) + 1
    entries[_CHECKSUMS] = {'dtype': 'U32', 'shape': [count],
                           'data_offsets': [end, end + 4 * count]}
    text = json.dumps(entries, ensure_ascii=False,
                      separators=(',', ':')).encode()
    text += b' ' * (-(8 + len(text)) % _ALIGNMENT)
    return struct.pack('<Q', len(text)) + text
