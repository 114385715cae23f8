#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The trainer gives the same numbers again, with any number of threads.

usage: threads.py <train>
"""

import tap
import tiny

train = tiny.Trainer()


def main():
    tables, files = [], []
    for threads in ('1', '2', '3', '1'):
        result = train('--rule', 'all', '--threads', threads, '--epochs', '1')
        tables.append(tiny.expect(result, 0) or tiny.table(result))
        files.append(train.csv())
    tap.case('two runs print the same numbers and write the same bytes',
             tiny.differences(tables[0], tables[3]) +
             tiny.differences(files[0], files[3]))
    for i, threads in ((1, 2), (2, 3)):
        tap.case(f'{threads} threads give the numbers of one',
                 tiny.differences(tables[0], tables[i]) +
                 tiny.differences(files[0], files[i]))
    settings = ('--rule', 'gd,adam', '--epochs', '3', '--schedule', 'one_cycle',
                '--warmup', '1', '--clip', '0.5', '--ema', '0.9')
    many = tiny.Trainer(train=600, test=50)  # gd accumulates two micro-batches
    for threads in ('1', '2', '3'):
        result = many('--threads', threads, *settings)
        tables.append(tiny.expect(result, 0) or tiny.table(result))
        files.append(many.csv())
    tap.case('a schedule, clipping and averages are the same for all threads',
             tiny.differences(tables[4], tables[5]) +
             tiny.differences(files[4], files[5]) +
             tiny.differences(tables[4], tables[6]) +
             tiny.differences(files[4], files[6]))
    rules = list(tables[0])
    tap.case('the default runs begin with gradient descent in its three forms',
             tiny.differences(rules[:3], ['gd', 'sgd', 'minibatch']))
    tap.case('the default runs have every other rule and alias',
             [f'no {rule}' for rule in
              ('momentum', 'adagrad', 'rmsprop', 'adam', 'adamw')
              if rule not in rules])
    tap.finish()


main()
