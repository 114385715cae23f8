#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The valley, the catalogue and the plots.

usage: others.py <valley> <describe> <train>
"""

import csv
import math
import os
import re
import subprocess
import sys
import tempfile

import tap

VALLEY, DESCRIBE, TRAIN = sys.argv[1:]
HEIGHT_AT_START = 104.0  # of (-1, 2)


def rules():
    """All rules and aliases, as describe tells them."""
    text = tap.output(DESCRIBE)
    names = re.findall(r'^(\w+): ', text, re.M)
    aliases = re.search(r'^aliases:\n((?:    .*\n)+)', text, re.M)[1]
    return names, re.findall(r'^    (\w+)', aliases, re.M)


def full_disk(program):
    with open('/dev/full', 'w', encoding='utf-8') as full:
        result = subprocess.run([program], stdout=full,
                                stderr=subprocess.PIPE, text=True,
                                check=False)
    tap.case(f'{os.path.basename(program)} reports a full disk',
             '' if result.returncode == 1 and 'No space left' in result.stderr
             else f'exit {result.returncode}: {result.stderr}')


def valley(names, aliases):
    text = tap.output(VALLEY)
    paths = {}
    for row in csv.DictReader(text.splitlines()):
        paths.setdefault(row['rule'], []).append(
            {name: row[name] if name == 'rule' else float(row[name])
             for name in row})
    tap.case('the valley has every rule; gradient descent by its aliases',
             '' if set(paths) == set(names + aliases) - {'sgd'}
             else str(list(paths)))
    tap.case('every path starts at (-1, 2) and never climbs above it',
             [f'{rule}: {row}' for rule, path in paths.items() for row in path
              if row['f'] > HEIGHT_AT_START or
              (row['step'] == 0) != ((row['x'], row['y']) == (-1, 2))])
    start, first = paths['gd'][:2]
    x, y, lr = start['x'], start['y'], start['lr']
    step = (-lr * (-2 * (1 - x) - 400 * x * (y - x * x)),
            -lr * 200 * (y - x * x))
    tap.case('the first step of gd is the gradient times the learning rate',
             '' if math.isclose(first['x'], x + step[0], rel_tol=1e-12) and
             math.isclose(first['y'], y + step[1], rel_tol=1e-12)
             else f'{first}, not {step} further')
    tap.case('every path ends in the valley',
             [f'{rule}: {path[-1]}' for rule, path in paths.items()
              if not path[-1]['f'] < HEIGHT_AT_START / 10])
    tap.case('adam finds the minimum',
             '' if paths['adam'][-1]['f'] < 1e-3 else str(paths['adam'][-1]))
    tap.case('the valley prints the same numbers again',
             '' if text == tap.output(VALLEY) else 'other numbers')
    return text


def is_png(path):
    with open(path, 'rb') as file:
        return file.read(8) == b'\x89PNG\r\n\x1a\n'


def plot(script, text, place):
    data, png = os.path.join(place, 'data.csv'), os.path.join(place, 'x.png')
    with open(data, 'w', encoding='utf-8') as file:
        file.write(text)
    problems = tap.run(f'{tap.ROOT}/examples/{script}', data, png)
    tap.case(f'{script} draws a PNG',
             problems or ('' if is_png(png) else 'not a PNG'))
    with open(data, 'w', encoding='utf-8') as file:
        file.write(text.splitlines()[0] + '\n')
    problems = tap.run(f'{tap.ROOT}/examples/{script}', data, png)
    tap.case(f'{script} refuses a file without data',
             '' if 'exit 1' in problems and data in problems else problems
             or 'it did not')


def losses(rate=lambda step: 0.1, runs=('gd', 'adam', 'newest')):
    """A small file of loss curves, with a rule that has no colour yet."""
    rows = [f'{run},{run},textbook,128,{step},{step / 10},{rate(step)},'
            f'{2 / step}' for run in runs for step in range(1, 30)]
    return '\n'.join(['run,rule,preset,batch,step,epoch,lr,loss'] + rows)


def drawn(place, text):
    """The bytes of a plot of losses."""
    data, png = os.path.join(place, 'data.csv'), os.path.join(place, 'x.png')
    with open(data, 'w', encoding='utf-8') as file:
        file.write(text)
    tap.output(f'{tap.ROOT}/examples/plot_losses.py', data, png)
    with open(png, 'rb') as file:
        return file.read()


def rates(place):
    """A learning rate below all others, 0, and the decay of one."""
    one = ('adam',)
    level = drawn(place, losses(runs=one))
    tap.case('the same losses with another schedule are another plot',
             '' if drawn(place, losses(lambda step: 0.1 / step, one)) != level
             else 'the same')
    tap.case('the same numbers are the same plot',
             '' if drawn(place, losses(runs=one)) == level else 'another')
    text = losses(lambda step: 0.1 * (step > 20)) + '\n' + '\n'.join(
        losses(lambda step: 1e-5, ('lion', 'sgd')).splitlines()[1:])
    drawn(place, text)
    drawn(place, losses(lambda step: 0.0))
    tap.case('rates of 0 and rates far apart can be drawn')


def main():
    names, aliases = rules()
    tap.case('describe tells rules and aliases',
             '' if {'sgd', 'adam'} <= set(names) and
             {'gd', 'momentum'} <= set(aliases) else f'{names} {aliases}')
    listed = tap.output(TRAIN, '--list').splitlines()
    tap.case('the trainer runs every rule and alias',
             [f'no {name}' for name in names + aliases
              if not any(line.startswith(f'{name} ') for line in listed)])
    full_disk(DESCRIBE)
    full_disk(VALLEY)
    text = valley(names, aliases)
    with tempfile.TemporaryDirectory() as place:
        plot('plot_valley.py', text, place)
        plot('plot_losses.py', losses(), place)
        rates(place)
    tap.finish()


main()
