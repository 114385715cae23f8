#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The CSV files of train and valley can be plotted.

usage: plots.py <valley>
"""

import os
import sys
import tempfile

import tap

sys.path.append(f'{tap.ROOT}/examples/plots')
import style  # noqa: E402 (of the examples)

VALLEY = sys.argv[1]
PLACE = tempfile.TemporaryDirectory()
DATA, PNG = (os.path.join(PLACE.name, name) for name in ('data.csv', 'x.png'))


def plot(script, text):
    """Plots a CSV file; returns what went wrong."""
    with open(DATA, 'w', encoding='utf-8') as file:
        file.write(text)
    return tap.run(f'{tap.ROOT}/examples/plots/{script}', DATA, PNG)


def picture():
    with open(PNG, 'rb') as file:
        return file.read()


def draws(script, text):
    tap.case(f'plots/{script} draws a PNG',
             plot(script, text) or
             ('' if picture().startswith(b'\x89PNG\r\n\x1a\n')
              else 'not a PNG'))
    problems = plot(script, text.splitlines()[0] + '\n')
    tap.case(f'plots/{script} refuses a file without data',
             '' if 'exit 1' in problems and DATA in problems else problems
             or 'it did not')


def losses(rate=lambda step: 0.1, runs=('gd', 'adam', 'newest')):
    """A small file of loss curves, with a rule that has no colour yet."""
    rows = [f'{run},{run},textbook,128,{step},{step / 10},{rate(step)},'
            f'{2 / step}' for run in runs for step in range(1, 30)]
    return '\n'.join(['run,rule,preset,batch,step,epoch,lr,loss'] + rows)


def many():
    """The losses of all rules, and of a new one."""
    with open(DATA, 'w', encoding='utf-8') as file:
        file.write(tap.output(VALLEY))
    names = ['sgd', 'minibatch', *style.read_columns(DATA, 'rule', ()),
             'newest']
    families = style.families(names)
    tap.case('every rule is in one family, a new one among the others',
             '' if sorted(sum(families.values(), [])) == sorted(names) and
             families[style.OTHERS] == ['newest'] else str(families))
    tap.case('the curves of a family can be told apart',
             [f'{family}: {len(members)} rules'
              for family, members in families.items()
              if len(set(style.family_colours(members).values())) <
              len(members) or len(members) > 9])
    tap.case('the losses of all rules are drawn',
             plot('losses.py', losses(runs=names)))


def selection():
    """The valley's picture of a few paths."""
    with open(DATA, 'w', encoding='utf-8') as file:
        file.write(tap.output(VALLEY))
    tap.case('the paths of rules that are named are drawn',
             tap.run(f'{tap.ROOT}/examples/plots/valley.py', DATA, PNG,
                     'nadam,radam'))
    problems = tap.run(f'{tap.ROOT}/examples/plots/valley.py', DATA, PNG,
                       'adam,nonesuch')
    tap.case('a path that is not there is refused by name',
             '' if 'exit 1' in problems and 'no path of nonesuch' in problems
             else problems or 'it was drawn')


def rates():
    """A learning rate below all others, 0, and the decay of one."""
    one = ('adam',)
    wrong = plot('losses.py', losses(runs=one))
    level = picture()
    wrong += plot('losses.py', losses(lambda step: 0.1 / step, one))
    tap.case('the same losses with another schedule are another plot',
             wrong or ('' if picture() != level else 'the same'))
    wrong = plot('losses.py', losses(runs=one))
    tap.case('the same numbers are the same plot',
             wrong or ('' if picture() == level else 'another'))
    apart = losses(lambda step: 0.1 * (step > 20)) + '\n' + '\n'.join(
        losses(lambda step: 1e-5, ('lion', 'sgd')).splitlines()[1:])
    tap.case('rates of 0 and rates far apart can be drawn',
             plot('losses.py', apart) +
             plot('losses.py', losses(lambda step: 0.0)))


def main():
    draws('valley.py', tap.output(VALLEY))
    draws('losses.py', losses())
    rates()
    many()
    selection()
    tap.finish()


main()
