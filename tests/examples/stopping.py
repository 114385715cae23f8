# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Stops the trainer in the middle of a run, and looks into its checkpoints."""

import json
import struct
import subprocess
import zlib


def stop(trainer, percent, signal_number, *arguments, out='out', before=None):
    """Sends the signal when the progress line of that many percent comes;
    `before` is called with the process just before. A file that is too large is
    an error for the trainer, as it is for Python, not a signal."""
    command = trainer.command(*arguments, out=out)
    with subprocess.Popen(command, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True,
                          restore_signals=False) as process:
        lines = []
        for line in process.stderr:
            lines.append(line)
            if f': {percent} %' in line:
                if before:
                    before(process)
                process.send_signal(signal_number)
                break
        output, errors = process.communicate()
    return subprocess.CompletedProcess(command, process.returncode, output,
                                       ''.join(lines) + errors)


def epochs_for(trainer, seconds):
    """How many epochs of 10 steps take that long: time for a signal to arrive,
    with sanitizers and without. A multiple of 5, so that there is a line of
    progress for every fifth."""
    result = trainer('--rule', 'adam', '--batch', '16', '--epochs', '5')
    row = next(line for line in result.stdout.splitlines()
               if line.startswith('adam '))
    epochs = seconds * 5 / max(float(row.split()[-2]), 0.001)
    return max(10, min(1000, int(epochs) // 5 * 5))


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def entries_of(data):
    """{name: (first byte, last byte + 1, index)} of a checkpoint."""
    length, = struct.unpack_from('<Q', data)
    header = json.loads(data[8:8 + length])
    header.pop('__metadata__')
    ranges = sorted((item['data_offsets'][0], item['data_offsets'][1], name)
                    for name, item in header.items())
    start = 8 + length
    return {name: (start + begin, start + end, i)
            for i, (begin, end, name) in enumerate(ranges)}


def number(path, name):
    """The I64 of the trainer's own entry."""
    data = read(path)
    return struct.unpack_from('<q', data, entries_of(data)[f'__own__.{name}'][0])[0]


def renamed(data, name, other):
    """The checkpoint with another name, as long, for an own entry, and the
    checksum of its header right."""
    assert len(name) == len(other)
    start, checksums = 8 + struct.unpack_from('<Q', data)[0], entries_of(data)
    header = data[:start].replace(f'"__own__.{name}"'.encode(),
                                  f'"__own__.{other}"'.encode())
    data = bytearray(header + data[start:])
    struct.pack_into('<I', data, checksums['__crc32__'][0], zlib.crc32(header))
    return bytes(data)


def edited(data, name, content):
    """The checkpoint with the start of an own entry replaced and its checksum
    right."""
    entries = entries_of(data)
    begin, end, index = entries[f'__own__.{name}']
    data = bytearray(data)
    data[begin:begin + len(content)] = content
    struct.pack_into('<I', data, entries['__crc32__'][0] + 4 * (index + 1),
                     zlib.crc32(data[begin:end]))
    return bytes(data)
