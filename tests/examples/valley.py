#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Every rule walks down the valley, and stays in it.

usage: valley.py <valley> <describe>
"""

import csv
import math
import sys

import programs
import tap

VALLEY, DESCRIBE = sys.argv[1:]
HEIGHT_AT_START = 104.0  # of (-1, 2)


def read_paths(text):
    """{rule: [rows]} of what the valley prints."""
    paths = {}
    for row in csv.DictReader(text.splitlines()):
        paths.setdefault(row['rule'], []).append(
            {name: row[name] if name == 'rule' else float(row[name])
             for name in row})
    return paths


def main():
    names, aliases = programs.rules(DESCRIBE)
    text = tap.output(VALLEY)
    paths = read_paths(text)
    tap.case('the valley has every rule; gradient descent by its aliases',
             '' if set(paths) == set(names + aliases) - {'sgd'}
             else str(list(paths)))
    tap.case('every path starts at (-1, 2) and never climbs above it',
             [f'{rule}: {row}' for rule, path in paths.items() for row in path
              if row['f'] > HEIGHT_AT_START or
              (row['step'] == 0 and (row['x'], row['y']) != (-1, 2))])
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
    programs.full_disk(VALLEY)
    tap.finish()


main()
