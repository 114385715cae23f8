# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""A tiny data set like Fashion-MNIST, and the trainer run on it."""

import csv
import gzip
import os
import random
import struct
import subprocess
import sys
import tempfile

CLASSES, SIDE = 10, 28


def images_file(images):
    return (struct.pack('>IIII', 0x0803, len(images), SIDE, SIDE) +
            b''.join(images))


def labels_file(labels):
    return struct.pack('>II', 0x0801, len(labels)) + bytes(labels)


def draw(label, noise):
    """A bright band in noise; the class is where the band is."""
    pixels = bytearray(noise.choices(range(60), k=SIDE * SIDE))
    start = (2 * label + 4) * SIDE
    pixels[start:start + 2 * SIDE] = bytes([200] * (2 * SIDE))
    return bytes(pixels)


def files(train=160, test=50, copies=1):
    """The four files: names and contents before compression. `copies`: how
    often each training image is there."""
    noise = random.Random(1)
    content = {}
    for name, count, times in (('train', train, copies), ('t10k', test, 1)):
        labels = [i % CLASSES for i in range(count)]
        images = [draw(label, noise) for label in labels]
        content[f'{name}-images-idx3-ubyte.gz'] = images_file(images * times)
        content[f'{name}-labels-idx1-ubyte.gz'] = labels_file(labels * times)
    return content


def write(directory, content):
    for name, data in content.items():
        with gzip.open(os.path.join(directory, name), 'wb', 1) as file:
            file.write(data)


class Trainer:
    """Runs the trainer on the tiny data set, in a directory of its own."""

    def __init__(self, **counts):
        self.program = sys.argv[1]
        self._place = tempfile.TemporaryDirectory()
        self.place = self._place.name
        self.data = os.path.join(self.place, 'data')
        os.mkdir(self.data)
        write(self.data, files(**counts))

    def path(self, *names):
        return os.path.join(self.place, *names)

    def command(self, *arguments, out='out'):
        return [self.program, '--data', self.data, '--out', self.path(out),
                *arguments]

    def __call__(self, *arguments, out='out', **options):
        return subprocess.run(self.command(*arguments, out=out),
                              stdout=options.pop('stdout', subprocess.PIPE),
                              stderr=subprocess.PIPE, text=True, check=False,
                              timeout=300, **options)

    def csv(self, out='out'):
        with open(self.path(out, 'losses.csv'), encoding='utf-8') as file:
            return file.read()

    def results(self, out='out'):
        with open(self.path(out, 'results.csv'), encoding='utf-8') as file:
            return list(csv.DictReader(file))

    def curves(self, out='out'):
        """{run: [rows]} of the CSV file."""
        runs = {}
        for row in csv.DictReader(self.csv(out).splitlines()):
            runs.setdefault(row['run'], []).append(row)
        return runs

    def losses(self, run):
        """Those of a run's curve, as the CSV file has them."""
        return [row['loss'] for row in self.curves()[run]]


def table(result):
    """{run: row without times} of the printed table."""
    rows = [line.split() for line in result.stdout.splitlines()]
    start = next(i for i, row in enumerate(rows) if row[:2] ==
                 ['rule', 'preset'])
    end = next(i for i, row in enumerate(rows) if row[:1] == ['total'])
    return {row[0]: row[1:-2] for row in rows[start + 1:end]}


def listed(trainer, option):
    """The values that an option takes, as --list shows them."""
    tables = trainer('--list').stdout.split('\n\n')
    table_of = next(t for t in tables if t.startswith(option))
    return [line.split()[0] for line in table_of.splitlines()[1:]]


def expect(result, code, *texts):
    """Reports a wrong exit status, and texts that stderr lacks."""
    problems = []
    if result.returncode != code:
        problems.append(f'exit {result.returncode}, not {code}')
    problems += [f'stderr does not have {text!r}' for text in texts
                 if text not in result.stderr]
    if problems:
        problems.append(f'stderr: {result.stderr}')
    return problems


def differences(a, b):
    return '' if a == b else f'{a}\n---\n{b}'
