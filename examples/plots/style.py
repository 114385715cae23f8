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

# Rules that are much alike: a plot of many rules shows each family by itself.
# A rule that is in none is among the others.
FAMILIES = {
    'gradient descent': ('gd', 'sgd', 'minibatch', 'momentum', 'lars', 'asgd',
                         'schedule_free_sgd'),
    'signs alone': ('rprop', 'signum', 'signsgd', 'lion'),
    'rates from squared gradients': (
        'adagrad', 'rowwise_adagrad', 'ftrl', 'rmsprop', 'rmsprop_tf',
        'adadelta', 'adafactor', 'novograd'),
    'Adam and its forms': (
        'adam', 'adamw', 'adamax', 'adamaxw', 'nadam', 'nadamw', 'lamb',
        'lambc', 'stableadamw'),
    'Adam, rectified or averaged': (
        'radam', 'radamw', 'ranger', 'radabelief', 'schedule_free_adamw',
        'schedule_free_radam'),
    'Adam with other moments': ('adabelief', 'yogi', 'adopt', 'ademamix',
                                'adan'),
}
OTHERS = 'others'

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
_FAMILY = [*_NAMED.values(), *_OTHERS]


def families(names):
    """{family: names}, in the order of FAMILIES and of the names; families of
    which there is none are left out."""
    found = {family: [name for name in names if name in members]
             for family, members in FAMILIES.items()}
    known = {name for members in found.values() for name in members}
    found[OTHERS] = [name for name in names if name not in known]
    return {family: members for family, members in found.items() if members}


def family_colours(names):
    """One colour for each name of a family; its colours are used in turn, so
    that every family begins with the same."""
    return {name: _FAMILY[i % len(_FAMILY)] for i, name in enumerate(names)}


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


def arguments(*more):
    """The CSV file and the PNG file of the command line, and those of the names
    in `more` that follow, else ''."""
    if not 3 <= len(sys.argv) <= 3 + len(more):
        usage = ' '.join(['FILE.csv', 'FILE.png', *(f'[{m}]' for m in more)])
        sys.exit(f'usage: {sys.argv[0]} {usage}')
    return sys.argv[1:] + [''] * (3 + len(more) - len(sys.argv))


def save(figure, path):
    figure.savefig(path, metadata={'Software': None})
    print(f'plot: {path}')
