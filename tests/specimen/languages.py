#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Every language knows the slots of a rule that exists in tests alone, goes on
from a checkpoint of it, and saves the same as C, which then goes on to the same
bytes as if it had been alone.

usage: languages.py <input> -- c <command>... -- <name> <command>... [-- ...]

The commands are those of ../bindings/README.md, with a library that has the
rule. libopt in Python's path is such a one, too.
"""

import array
import filecmp
import itertools
import os
import sys
import tempfile

import tap
from libopt import _safetensors

RULE = 'specimen'
FIRST, STEPS = 20, 20
# Of a tensor of 2 x 300 elements.
TENSOR = 'Größe.2'
SHAPES = {'momentum_buffer': (2, 300), 'left': (2, 2), 'right': (300, 300),
          'scales': (3,), 'rows': (2,), 'norm': ()}
# The slots of that rule that no step changes.
KEPT = ('left', 'right', 'scales', 'rows')
# The output of a program for a tensor of 2 x 3 x 500 elements; momentum_buffer
# depends on an option.
LINES = """\
specimen left rowsquare f32 18
specimen right columnsquare f64 500000
specimen scales blocks f32 12
specimen rows rows f32 2
specimen norm number f64 1
specimen steps groupnumber f64 1
"""


def split(arguments):
    """{name: command} of arguments that are separated by '--'."""
    parts = [list(part) for is_mark, part in
             itertools.groupby(arguments, lambda x: x == '--') if not is_mark]
    return {name: command for name, *command in parts}


def read(path):
    with open(path, 'rb') as file:
        return _safetensors.read(file.read())


def kept(path):
    """{name: tensor} of the slots that no step changes."""
    return {name: tensor for name, tensor in read(path)[1].items()
            if name.rpartition('/')[2] in KEPT}


def fill(source, target):
    """Writes a checkpoint in which each element of these slots is another."""
    metadata, tensors = read(source)
    numbers = itertools.count(1)
    for name, tensor in kept(source).items():
        code = {'F32': 'f', 'F64': 'd'}[tensor.dtype]
        count = len(tensor.data) // array.array(code).itemsize
        data = array.array(code, itertools.islice(numbers, count))
        tensors[name] = tensor._replace(data=data.tobytes())
    with open(target, 'wb') as file:
        file.write(_safetensors.write(metadata, tensors))


def wrong_shapes(path):
    tensors = read(path)[1]
    return [f'{slot}: {tensors[f"{TENSOR}/{slot}"].shape}'
            for slot, shape in SHAPES.items()
            if tensors[f'{TENSOR}/{slot}'].shape != shape]


def different(path, expected):
    tensors, wanted = read(path)[1], read(expected)[1]
    return [f'{name}: {state}' for state, names in (
                ('missing', {*wanted} - {*tensors}),
                ('not wanted', {*tensors} - {*wanted}),
                ('other bytes, shape or type',
                 {name for name in {*wanted} & {*tensors}
                  if wanted[name] != tensors[name]})) for name in names]


def wrong_lines(path):
    with open(path, encoding='utf-8') as file:
        told = ''.join(line for line in file if line.startswith(f'{RULE} '))
    return '' if told == LINES else told or 'none'


def relay(command, source, place, name, first=FIRST):
    target = os.path.join(place, name)
    return tap.run(*command, 'relay', sys.argv[1], source, target, str(first),
                   str(STEPS), RULE), target


def main():
    languages = split(sys.argv[2:])
    with tempfile.TemporaryDirectory() as place:
        problems, begun = relay(languages['c'], '-', place, 'begun', 0)
        tap.case('C begins a training', problems or wrong_shapes(begun))
        start = os.path.join(place, 'start')
        fill(begun, start)
        _, expected = relay(languages['c'], start, place, 'expected')
        _, last = relay(languages['c'], expected, place, 'last', FIRST + STEPS)
        for name, command in languages.items():
            problems, end = relay(command, start, place, name)
            tap.case(f'{name} goes on and saves what C saves', problems or
                     different(end, expected))
            problems, after = relay(languages['c'], end, place,
                                    f'{name}.after', FIRST + STEPS)
            tap.case(f'C goes on after {name} to the same bytes', problems or
                     ('' if filecmp.cmp(after, last, shallow=False)
                      else 'other bytes'))
            told = os.path.join(place, f'{name}.slots')
            problems = tap.run(*command, 'slots', sys.argv[1], told)
            tap.case(f'{name} tells the shapes of the slots',
                     problems or wrong_lines(told))
        tap.case('the slots keep their shapes', wrong_shapes(expected))
        tap.case('the slots keep their elements',
                 '' if kept(expected) == kept(start) else 'others')
    tap.finish()


main()
