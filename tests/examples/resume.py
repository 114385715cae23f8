#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""A run that is stopped and goes on from its checkpoint ends like one that
never stopped: with the same table, CSV files and checkpoint, byte for byte.

usage: resume.py <train>
"""

import os
import shutil
import signal

import stopping
import tap
import tiny

train = tiny.Trainer()
EPOCHS = stopping.epochs_for(train, 0.8)
EVERY = 10 * EPOCHS // 23
RARELY = ('--save-every', '1000000')  # to be fast
# Those that everybody knows, and one of each other kind of state: numbers of a
# tensor and of a group, other evaluation weights, factors, sums.
RULES = ('gd', 'sgd', 'momentum', 'adagrad', 'rmsprop', 'adam', 'adamw', 'lion',
         'nadam', 'asgd', 'schedule_free_adamw', 'adafactor', 'novograd')
ADAM = ('--rule', 'adam', '--batch', '16', '--epochs', str(EPOCHS))


class Outcome:
    """The table, CSV files and checkpoint of a run."""

    def __init__(self, result, file, out):
        self.problems = tiny.expect(result, 0)
        self.table = '' if self.problems else tiny.table(result)
        self.csv = f'{train.csv(out)}\n{train.results(out)}'
        self.bytes = stopping.read(file)

    def differences(self, other):
        return (self.problems or other.problems or
                tiny.differences(self.table, other.table) or
                tiny.differences(self.csv, other.csv) or
                ('' if self.bytes == other.bytes else 'other checkpoints'))


def whole(*arguments):
    file = train.path('whole')
    if os.path.exists(file):
        os.remove(file)
    return Outcome(train(*arguments, '--save', file, *RARELY, out='whole_out'),
                   file, 'whole_out')


def resumed(file, *arguments):
    result = train('--resume', file, '--save', file, *(arguments or RARELY))
    return Outcome(result, file, 'out')


def signals(expected):
    for name, number in (('Ctrl-C', signal.SIGINT), ('SIGTERM', signal.SIGTERM)):
        file = train.path(name)
        result = stopping.stop(train, 20, number, *ADAM, '--save', file,
                               *RARELY)
        tap.case(f'{name} saves, and says how to go on',
                 tiny.expect(result, 128 + number) or
                 ('' if f'checkpoint: {file}; go on from it with --resume' in
                  result.stdout else result.stdout))
        steps = stopping.number(file, 'step')
        tap.case(f'{name} saves all steps that were made',
                 '' if f'after {steps} steps' in result.stdout and
                 0 < steps < 10 * EPOCHS else f'{steps}: {result.stdout}')
        shutil.copy(file, file + '3')
        tap.case(f'after {name} the run goes on to the same end',
                 expected.differences(resumed(file)))
        tap.case(f'after {name} three threads go on to the same end',
                 expected.differences(resumed(file + '3', '--threads', '3')))


def killed(expected, arguments, name):
    os.mkdir(train.path(name))
    file = train.path(name, 'run')
    every = ('--save-every', str(EVERY))
    steps = []
    for percent, start in ((20, (*arguments, '--save', file)),
                           (60, ('--resume', file, '--save', file))):
        result = stopping.stop(train, percent, signal.SIGKILL, *start, *every)
        steps.append(stopping.number(file, 'step'))
        tap.case(f'{name}: kill -9 at {percent} % leaves a save on the way',
                 '' if result.returncode == -9 and steps[-1] % EVERY == 0 and
                 steps[-1] > 0 else f'{result.returncode} {steps}')
    tap.case(f'{name}: the second process went further than the first',
             '' if steps[1] > steps[0] else str(steps))
    tap.case(f'{name}: after kill -9 the run goes on to the same end',
             expected.differences(resumed(file, *every)))
    tap.case(f'{name}: nothing is left beside the checkpoint',
             tiny.differences(os.listdir(train.path(name)), ['run']))


def settings():
    """Stopped in a warm-up, and after a plateau."""
    warmup = ('--schedule', 'cosine', '--warmup', str(8 * EPOCHS), '--clip',
              '0.5', '--ema', '0.99')
    # No epoch is better at such a rate, unless some of its losses are lost.
    plateau = ('--lr', '1e-8', '--warmup', '3', '--schedule',
               f'plateau:threshold=0.05,eps=0,patience={EPOCHS // 25},'
               'factor=0.9')
    for name, arguments in (('warm-up', (*ADAM, *warmup)),
                            ('plateau', (*ADAM, *plateau))):
        expected = whole(*arguments)
        rates = [float(row['lr']) for row in train.curves('whole_out')['adam']]
        tap.case(f'{name}: after a fifth, the rate is below the highest',
                 '' if rates[20] < 0.95 * max(rates) else str(rates))
        file = train.path(f'{name}_stopped')
        result = stopping.stop(train, 20, signal.SIGINT, *arguments, '--save',
                               file, *RARELY)
        shutil.copy(file, file + '2')
        tap.case(f'{name}: stopped, it goes on to the same end',
                 tiny.expect(result, 130) or expected.differences(resumed(file)))
        tap.case(f'{name}: settings that are given again are taken',
                 expected.differences(resumed(file + '2', *arguments, *RARELY)))
        killed(expected, arguments, name)


def finished(expected):
    file = train.path('whole')
    before = stopping.read(file)
    result = train('--resume', file)
    tap.case('a finished run that is resumed prints its numbers again',
             tiny.expect(result, 0) or
             tiny.differences(tiny.table(result), expected.table) or
             tiny.differences(f'{train.csv()}\n{train.results()}',
                              expected.csv))
    tap.case('without --save nothing is written',
             '' if stopping.read(file) == before else 'another file')


def same_options():
    file = train.path('elsewhere')
    stopping.stop(train, 20, signal.SIGINT, *ADAM, '--save', file)
    before = stopping.read(file)
    other = train.path('other')
    result = train('--resume', file, '--save', other, *ADAM, '--lr', '0.002',
                   '--preset', 'textbook', '--seed', '1')
    tap.case('options that are given again and the same are taken',
             tiny.expect(result, 0))
    tap.case('--save may name another file than --resume, which stays',
             '' if stopping.read(file) == before and
             stopping.read(other) == stopping.read(train.path('whole'))
             else 'other bytes')
    os.symlink(file, train.path('link'))
    result = train('--resume', file, '--save', train.path('link'))
    tap.case('--save may name the file of --resume by a link',
             tiny.expect(result, 0) or
             ('' if os.path.islink(train.path('link')) and stopping.read(file)
              == stopping.read(other) else 'other bytes'))


def rules():
    epochs = max(EPOCHS // 10 * 5, 10)
    for name in RULES:
        arguments = ('--rule', name, '--batch', '16', '--preset', 'textbook',
                     '--epochs', str(epochs // 16 + 1 if name == 'sgd'
                                     else epochs))
        file = train.path('rule_' + name)
        expected = whole(*arguments)
        result = stopping.stop(train, 20, signal.SIGINT, *arguments, '--save',
                               file, *RARELY)
        tap.case(f'{name}: stopped and resumed, it ends the same',
                 tiny.expect(result, 130) or
                 expected.differences(resumed(file)))


def large_batch():
    few = tiny.Trainer(train=600, test=10)
    file = few.path('run')
    arguments = ('--rule', 'gd', '--epochs', str(max(EPOCHS // 15 * 5, 10)),
                 *RARELY)
    expected = few(*arguments, '--save', few.path('whole'), out='whole_out')
    result = stopping.stop(few, 20, signal.SIGINT, *arguments, '--save', file)
    tap.case('a batch of several micro-batches is stopped',
             tiny.expect(result, 130))
    result = few('--resume', file, '--save', file)
    tap.case('it goes on to the same end',
             tiny.expect(result, 0) or
             tiny.differences(tiny.table(result), tiny.table(expected)) or
             tiny.differences(few.csv(), few.csv('whole_out')) or
             ('' if stopping.read(file) == stopping.read(few.path('whole'))
              else 'other checkpoints'))


def main():
    rules()
    expected = whole(*ADAM)
    signals(expected)
    killed(expected, ADAM, 'plain')
    finished(expected)
    same_options()
    settings()
    large_batch()
    tap.finish()


main()
