# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Replays runs and goes on with them; ../README.md tells what is asked.

usage: main.py replay <input> <directory>
       main.py slots <input> <file>
       main.py relay <input> <from> <to> <first step> <steps> <rule>
"""

import os
import struct
import sys
from array import array

import libopt


class Input:
    """The numbers that all languages work on; ../write_input.c."""

    def __init__(self, path):
        with open(path, 'rb') as file:
            self.tensors, self.steps = struct.unpack('<qq', file.read(16))
            self.counts = struct.unpack(f'<{self.tensors}q',
                                        file.read(8 * self.tensors))
            self._numbers = array('f')
            self._numbers.frombytes(file.read())

    def numbers(self, step, index, code):
        """Gradients of a tensor at a step; at step -1 its parameters."""
        begin = (step + 1) * sum(self.counts) + sum(self.counts[:index])
        return array(code, self._numbers[begin:begin + self.counts[index]])

    def all(self, step, codes):
        return [self.numbers(step, i, code) for i, code in enumerate(codes)]


def replay_run(data, path, rule, preset, code):
    codes = [code] * data.tensors
    params, grads = data.all(-1, codes), data.all(0, codes)
    with libopt.Optimizer(rule, params, grads, preset=preset) as optimizer:
        for step in range(data.steps):
            for grad, numbers in zip(grads, data.all(step, codes)):
                memoryview(grad)[:] = numbers
            optimizer.step()
    with open(path, 'wb') as file:
        for param in params:
            param.tofile(file)


def replay(data, directory):
    for rule in libopt.rules():
        for preset in rule.presets:
            for code, dtype in (('f', 'f32'), ('d', 'f64')):
                path = os.path.join(directory,
                                    f'{rule.name}-{preset.name}-{dtype}')
                replay_run(data, path, rule.name, preset.name, code)


def shape_of(count):
    return (2, count // 2) if count % 2 == 0 else (1, count)


def relay(data, source, target, first, steps, rule):
    codes = ['f' if i % 2 == 0 else 'd' for i in range(data.tensors)]
    specs = {code: [(f'Größe.{i}', libopt.TensorSpec(
                        shape_of(data.counts[i]),
                        'float32' if code == 'f' else 'float64'))
                    for i in range(data.tensors) if codes[i] == code]
             for code in 'fd'}
    names = [f'Größe.{i}' for i in range(data.tensors)]
    params = dict(zip(names, data.all(-1, codes)))
    with libopt.Optimizer(rule, [{'params': specs['f']},
                                 {'params': specs['d']}]) as optimizer:
        if source == '-':
            optimizer.param_groups[1]['lr'] = 0.01
        elif optimizer.load(source, params=params)['step'] != first:
            sys.exit(f'{source}: made after another step')
        for step in range(first, first + steps):
            optimizer.step(dict(zip(names, data.all(step, codes))), params)
        optimizer.save(target, step=first + steps, params=params)


def size_of(state, slot):
    """Type and number of elements of a slot."""
    view = memoryview(state[slot])  # which must not outlive this call
    return ({'f': 'f32', 'd': 'f64'}[view.format],
            str(view.nbytes // view.itemsize))


def slots(path):
    with open(path, 'w', encoding='utf-8') as file:
        for rule in libopt.rules():
            spec = [('w', libopt.TensorSpec((2, 3, 500), 'float32'))]
            with libopt.Optimizer(rule.name, spec) as optimizer:
                state = optimizer.state['w']
                for slot in rule.slots:
                    if slot.when_option or slot.name not in list(state):
                        continue
                    shape = slot.shape.replace('_', '')
                    line = (rule.name, slot.name, shape,
                            *size_of(state, slot.name))
                    file.write(' '.join(line) + '\n')


def main():
    command, data, *arguments = sys.argv[1:]
    data = Input(data)
    if command == 'replay':
        replay(data, *arguments)
    elif command == 'slots':
        slots(*arguments)
    else:
        source, target, first, steps, rule = arguments
        relay(data, source, target, int(first), int(steps), rule)


main()
