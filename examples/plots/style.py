# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Colours, CSV files and saving, for all plots of the examples."""

import csv
import sys

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt  # noqa: E402 (the backend comes first)

plt.rcParams.update({
    'font.size': 10,
    'axes.titlesize': 11,
    'axes.spines.top': False,
    'axes.spines.right': False,
    'figure.dpi': 150,
    'legend.frameon': False,
})

# Paul Tol's 'muted' colours, which the colour-blind can tell apart too. A rule
# that is not named here gets the next free one.
_NAMED = {
    'gd': '#332288',
    'sgd': '#999933',
    'minibatch': '#117733',
    'momentum': '#882255',
    'adagrad': '#DDAA33',
    'rmsprop': '#44AA99',
    'adam': '#CC3311',
    'adamw': '#0077BB',
}
_OTHERS = ['#EE3377', '#000000', '#AA4499', '#88CCEE', '#BBBBBB']


def colours(names):
    """One colour for each of the names."""
    others = [name for name in names if name not in _NAMED]
    return {
        name: _NAMED.get(name) or _OTHERS[others.index(name) % len(_OTHERS)]
        for name in names
    }


def read_columns(path, key, numbers):
    """Reads a CSV file into {value of `key`: {column: list of values}}, in the
    order of the file; the columns `numbers` become floats."""
    groups = {}
    with open(path, newline='', encoding='utf-8') as file:
        for row in csv.DictReader(file):
            group = groups.setdefault(row[key], {name: [] for name in row})
            for name, text in row.items():
                group[name].append(float(text) if name in numbers else text)
    if not groups:
        sys.exit(f'{sys.argv[0]}: {path} holds no data to plot')
    return groups


def arguments():
    """The CSV file and the PNG file of the command line."""
    if len(sys.argv) != 3:
        sys.exit(f'usage: {sys.argv[0]} FILE.csv FILE.png')
    return sys.argv[1:]


def save(figure, path):
    figure.savefig(path, metadata={'Software': None})
    print(f'plot: {path}')
