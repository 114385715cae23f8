#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The trainer refuses to save over other files and to go on from files that do
not fit, and no failure costs a checkpoint.

usage: checkpoint_errors.py <train>
"""

import os
import resource
import signal
import struct

import stopping
import tap
import tiny

train = tiny.Trainer()
RUN = train.path('run')
SHORT = ('--rule', 'adam', '--batch', '40', '--epochs', '2')


def refused(what, code, *texts, arguments):
    """The command ends before it trains, and changes no checkpoint."""
    before = stopping.read(RUN)
    result = train(*arguments)
    tap.case(f'{what} is refused',
             tiny.expect(result, code, *texts) or
             ('' if stopping.read(RUN) == before else 'another checkpoint'))


def wrong_options():
    for arguments, *texts in (
            (('--save-every', '5'), '--save-every: name the file with --save'),
            (('--save', 'x', '--save-every', '0'), "'0' is not a whole number"),
            (('--save', ''), '--save needs a value'),
            (('--resume',), '--resume needs a value'),
            (('--save', train.path('new')), '--save: a checkpoint is of one run',
             'name one with --rule'),
            (('--save', train.path('new'), '--rule', 'gd,adam'), '2 are planned'),
            (('--rule', 'sgd', '--save', RUN), f'{RUN} exists', '--resume')):
        refused(' '.join(arguments), 2, *texts, arguments=arguments)
    tap.case('a refused --save creates nothing',
             'it did' if os.path.exists(train.path('new')) else '')


def conflict(path, option, value, stored):
    refused(f'another --{option}, {value} for {stored},', 2,
            f'--{option}: {path} was made with {stored}: leave out --{option}',
            arguments=('--resume', path, f'--{option}', value))


def conflicts():
    for option, value, stored in (
            ('rule', 'adamw', 'adam'), ('rule', 'adam,gd', 'adam'),
            ('preset', 'pytorch', 'textbook'), ('lr', '0.5', '0.002'),
            ('epochs', '3', '2'), ('batch', '41', '40'), ('seed', '2', '1'),
            ('schedule', 'cosine', 'linear'),
            ('schedule', 'linear:total_iters=4', 'linear'),
            ('warmup', '2', 'none'), ('clip', '1', 'none'),
            ('ema', '0.5', 'none')):
        conflict(RUN, option, value, stored)
    path = train.path('scheduled')
    train(*SHORT, '--schedule', 'cosine', '--warmup', '3', '--clip', '0.5',
          '--ema', '0.9', '--save', path)
    for option, value, stored in (
            ('schedule', 'linear', 'cosine'), ('warmup', '2', '3'),
            ('clip', '1', '0.5'), ('ema', '0.99', '0.9')):
        conflict(path, option, value, stored)
    other = tiny.Trainer(train=150)
    refused('another training set', 1, 'other training images', '--data',
            arguments=('--resume', RUN, '--data', other.data))


def broken_files():
    """Files that are not a checkpoint of the trainer, or a damaged one: what
    they are, their bytes, and texts that the message must have."""
    data = stopping.read(RUN)
    end = len(data)

    def number(value):
        return struct.pack('<q', value)

    def damaged(entry):
        begin = stopping.entries_of(data)[entry][0]
        return data[:begin] + bytes([data[begin] ^ 1]) + data[begin + 1:]

    foreign = stopping.read(f'{tap.ROOT}/tests/state/fixtures/'
                            'state-0.1-adam.safetensors')
    return (
        ('an empty file', b'', 'byte 0'),
        ('a text', b'run,rule,preset\n', 'not safetensors'),
        ('half a checkpoint', data[:end // 2], f'byte {end // 2}'),
        ('a checkpoint without its last byte', data[:-1], 'byte'),
        ('a damaged weight', damaged('fc1.weight'),
         "the checksum of 'fc1.weight'", 'damaged'),
        ('damaged state', damaged('fc2.weight/exp_avg'),
         "the checksum of 'fc2.weight/exp_avg'"),
        ('a damaged position', damaged('__own__.order'),
         "the checksum of 'order'"),
        ('the checkpoint of another program', foreign,
         'no checkpoint of this program', "'rule'", '--save'),
        ('a checkpoint of another rule than it says',
         stopping.edited(data, 'rule', b'lion'), "for rule 'adam'",
         "optimizer's rule is 'lion'"),
        ('a checkpoint of no rule', stopping.edited(data, 'rule', b'XXXX'),
         "'XXXX'"),
        ('a checkpoint from before there were schedules',
         stopping.renamed(data, 'schedule', 'scheduled'[1:]),
         'earlier version of this program', 'without --schedule',
         'start over'),
        ('more clipped steps than steps',
         stopping.edited(data, 'clipped.steps', number(9)),
         'counts 9 clipped steps of 8'),
        ('a position after the end', stopping.edited(data, 'step', number(9)),
         'step'),
        ('a position before the start',
         stopping.edited(data, 'step', number(-1)), 'step'),
        ('an image that is not there',
         stopping.edited(data, 'order', number(160)), 'order of the images'),
        ('an image below the first',
         stopping.edited(data, 'order', number(-1)), 'order of the images'),
        ('an image twice',
         stopping.edited(data, 'order', number(5) + number(5)),
         'order of the images'),
        ('a negative number of images',
         stopping.edited(data, 'pending.images', number(-1)), 'images'))


def files():
    for what, content, *texts in broken_files():
        path = train.path('broken')
        with open(path, 'wb') as file:
            file.write(content)
        result = train('--resume', path)
        code = 2 if 'no rule' in what else 1
        tap.case(f'{what} is refused', tiny.expect(result, code, *texts))
        if stopping.read(path) != content:
            tap.case(f'{what} stays as it is', 'it did not')
    refused('a checkpoint that is not there', 1, 'cannot open',
            train.path('nowhere'), 'No such file', 'leave out --resume',
            arguments=('--resume', train.path('nowhere')))


def places():
    """A place that cannot be written to is reported before the training."""
    for what, path, text in (
            ('a directory', train.path('data'), 'Is a directory'),
            ('a missing directory', train.path('no', 'run'), 'No such file'),
            ('a device', '/dev/full', 'device')):
        result = train(*SHORT, '--save', path)
        tap.case(f'{what} is refused as a checkpoint',
                 tiny.expect(result, 1, '--save: cannot', text) or
                 ('trained' if '%' in result.stderr else ''))


def wait_for(process, text):
    for line in process.stderr:
        if text in line:
            return
    raise RuntimeError(f'it never said {text}')


def no_space():
    """A limit on the size of files stands for a full disk."""
    file = train.path('large')
    command = ('--rule', 'adam', '--batch', '16', '--epochs',
               str(stopping.epochs_for(train, 20)), '--save', file,
               '--save-every', '20')
    kept = {}

    def fill_the_disk(process):
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (100000, -1))
        wait_for(process, 'the training goes on')
        kept['bytes'] = stopping.read(file)
        wait_for(process, '--save: cannot')
        kept['same'] = stopping.read(file) == kept['bytes']
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (-1, -1))

    result = stopping.stop(train, 20, signal.SIGINT, *command,
                           before=fill_the_disk)
    tap.case('a full disk on the way is reported, and the training goes on',
             tiny.expect(result, 130))
    tap.case('the checkpoint from before stays',
             '' if kept['same'] else 'it did not')
    tap.case('when there is space again, the steps are saved',
             '' if f'after {stopping.number(file, "step")} steps' in
             result.stdout else result.stdout)
    before = stopping.read(file)
    result = stopping.stop(
        train, 40, signal.SIGINT, '--resume', file, '--save', file,
        '--save-every', '1000000',  # so that there is something to save
        before=lambda process: resource.prlimit(
            process.pid, resource.RLIMIT_FSIZE, (100000, -1)))
    tap.case('a full disk at the end is reported, and is a failure',
             tiny.expect(result, 1, '--save: cannot', 'File too large'))
    tap.case('the checkpoint from before can be gone on from',
             tiny.expect(stopping.stop(train, 60, signal.SIGINT, '--resume',
                                       file), 130) or
             ('' if stopping.number(file, 'step') > 0 and before
              else 'no steps'))


def main():
    tap.case('a checkpoint is made',
             tiny.expect(train(*SHORT, '--save', RUN), 0))
    wrong_options()
    conflicts()
    files()
    places()
    no_space()
    tap.finish()


main()
