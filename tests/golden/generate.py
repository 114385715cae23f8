#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Writes the trajectories of torch.optim that libopt has to reproduce.

usage: generate.py > trajectories.txt

The gradients do not depend on the parameters, and neither are stored: both are
made of mixed integers, see random(), param() and gradient(), as in
tests/rules/data.h and tests/golden/trajectories.h. The file has one case after
another:

  case <rule> <dtype>
  <option> <value>              option names as libopt has them
  tensor <count> <first step that has a gradient>
  at <step> <option> <value>    set before that step
  checkpoint <step>             then one line per tensor: its elements' bits
  end
"""

import os
import struct
import sys

# The plain kernels, whose roundings do not depend on the CPU.
os.environ['ATEN_CPU_CAPABILITY'] = 'default'

try:
    import torch
except ImportError as error:
    sys.exit(f'generate.py: error: {error}: install '
             'python3-torch')

import cases

CHECKPOINTS = (1, 2, 3, 10, 100, 300)
# (count, first step with a gradient)
TENSORS = ((1, 1), (5, 40), (17, 1))
# Streams of random() for each tensor, to which its number is added.
PARAM, NOISE, DRIFT = 1000, 2000, 3000

TORCH = {
    'sgd': torch.optim.SGD,
    'adagrad': torch.optim.Adagrad,
    'rmsprop': torch.optim.RMSprop,
    'adam': torch.optim.Adam,
    'adamw': torch.optim.AdamW,
}


def mix(x):
    x = (x ^ (x >> 16)) * 0x7feb352d & 0xffffffff
    x = (x ^ (x >> 15)) * 0x846ca68b & 0xffffffff
    return x ^ (x >> 16)


def random(stream, step, index):
    """32 random bits."""
    return mix(mix(mix(stream) + step & 0xffffffff) + index & 0xffffffff)


def param(tensor, i):
    """Either sign, 1 to 2, with 23 fraction bits."""
    bits = random(PARAM + tensor, 0, i)
    size = 1 + (bits >> 9) * 2.0 ** -23
    return -size if bits & 1 else size


def gradient(tensor, step, i):
    """Noise around a constant drift, -1 to 1, with 22 bits; 2**-(i % 5) of it,
    so that the elements differ in size."""
    noise = (random(NOISE + tensor, step, i) >> 10) - 2 ** 21
    drift = (random(DRIFT + tensor, 0, i) >> 10) - 2 ** 21
    return (noise + drift) * 2.0 ** (-22 - i % 5)


def torch_options(options):
    """libopt's names and numbers in PyTorch's."""
    named = dict(options)
    if 'beta1' in named or 'beta2' in named:
        named['betas'] = (named.pop('beta1', 0.9), named.pop('beta2', 0.999))
    if 'initial_accumulator' in named:
        named['initial_accumulator_value'] = named.pop('initial_accumulator')
    for flag in ('nesterov', 'maximize', 'centered', 'amsgrad'):
        if flag in named:
            named[flag] = bool(named[flag])
    return named


def bits(values, dtype):
    code = '>f' if dtype == 'f32' else '>d'
    return ' '.join(struct.pack(code, value).hex() for value in values)


def run(case):
    torch_dtype = {'f32': torch.float32, 'f64': torch.float64}[case.dtype]

    def tensor(values):
        return torch.tensor(values, dtype=torch_dtype)

    params = [tensor([param(n, i) for i in range(count)]).requires_grad_()
              for n, (count, _) in enumerate(TENSORS)]
    optimizer = TORCH[case.rule](params, **torch_options(case.options))
    print('case', case.rule, case.dtype)
    for option, value in case.options.items():
        print(option, value)
    for count, first in TENSORS:
        print('tensor', count, first)
    for step, option, value in case.schedule:
        print('at', step, option, value)
    current = dict(case.options)
    for step in range(1, CHECKPOINTS[-1] + 1):
        for at, option, value in case.schedule:
            if at == step:
                current[option] = value
                optimizer.param_groups[0].update(torch_options(current))
        for n, (count, first) in enumerate(TENSORS):
            if step >= first:
                params[n].grad = tensor([gradient(n, step, i)
                                         for i in range(count)])
        optimizer.step()
        if step in CHECKPOINTS:
            print('checkpoint', step)
            for values in params:
                print(bits(values.tolist(), case.dtype))
    print('end')


def main():
    for case in cases.ALL:
        run(case)


if __name__ == '__main__':
    main()
