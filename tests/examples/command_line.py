#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The trainer's command line and its output files.

usage: command_line.py <train>
"""

import os
import re
import shutil
import subprocess

import tap
import tiny

train = tiny.Trainer()

WRONG = (  # arguments, and texts that the message must have
    (('--epochs', '0'), "--epochs: '0' is not a whole number from 1 to 1000"),
    (('--epochs', '1001'), "--epochs: '1001'"),
    (('--epochs', '2.5'), "--epochs: '2.5'"),
    (('--batch', '-1'), "--batch: '-1' is not a whole number from 1 to"),
    (('--batch', '99999999999999999999'), "--batch: '99999999999999999999'"),
    (('--threads', 'many'), "--threads: 'many' is not a whole number from 1"),
    (('--threads=1025',), "--threads: '1025'"),
    (('--seed', '-1'), "--seed: '-1' is not a whole number from 0"),
    (('--seed', '9223372036854775808'), "--seed: '9223372036854775808'"),
    (('--lr', 'fast'), "--lr: 'fast' is not a number from 0 to 1000"),
    (('--lr', '-0.1'), "--lr: '-0.1'"),
    (('--lr', 'nan'), "--lr: 'nan'"),
    (('--lr', 'inf'), "--lr: 'inf'"),
    (('--schedule', 'cosin'), "--schedule: ", "did you mean 'cosine'?",
     'see --list'),
    (('--schedule', ':t_max=5'), '--schedule: ', "''"),
    (('--schedule', 'cosine:eta_mi=1'), "did you mean 'eta_min'?"),
    (('--schedule', 'cosine:eta_min=-1'), "--schedule: option 'eta_min' cannot "
     'be -1: it must be in [0, inf)'),
    (('--schedule', 'cosine:t_max=1.5'), "'t_max' cannot be 1.5"),
    (('--schedule', 'cosine:eta_min=low'), "eta_min of cosine: 'low' is not a "
     'number'),
    (('--schedule', 'cosine:eta_min='), "eta_min of cosine: '' is not a"),
    (('--schedule', 'cosine:eta_min'), "'eta_min' is not OPTION=VALUE"),
    (('--schedule', 'cyclic:mode=triangle'), "mode of cyclic: 'triangle' is "
     'not a number and none of triangular,triangular2,exp_range'),
    (('--schedule', 'x' * 256), '--schedule: longer than 255 bytes'),
    (('--rule', 'gd', '--epochs', '5', '--warmup', '5'),
     '--warmup: 5 steps, but the run has 5: give less, or train longer with '
     '--epochs'),
    (('--epochs', '20', '--warmup', '30'), '--warmup: 30 steps, but the run '
     'has 20', 'that run is gd; name the others with --rule'),
    (('--rule', 'gd', '--epochs', '5', '--schedule',
      'warmup_stable_decay:decay_steps=5'), 'warm-up and decay are 1 and 5 '
     'steps, but the run has 5'),
    (('--rule', 'gd', '--lr', '0', '--schedule', 'cyclic'),
     "'peak_value' cannot be 0"),
    (('--rule', 'adam', '--schedule', 'exponential:gamma=1e99'),
     'the learning rate is inf in step', 'give other options, or a lower --lr'),
    (('--warmup', '-1'), "--warmup: '-1' is not a whole number from 0 to"),
    (('--warmup', '0.5'), "--warmup: '0.5'"),
    (('--clip', '0'), "--clip: '0' is not above 0: leave out --clip"),
    (('--clip', '-1'), "--clip: '-1' is not a number from 0 to 1000000"),
    (('--clip', 'inf'), "--clip: 'inf'"),
    (('--ema', '1.5'), "--ema: '1.5' is not a number from 0 to 1"),
    (('--ema', 'nan'), "--ema: 'nan'"),
    (('--rule', 'adm'), "did you mean 'adam'?"),
    (('--rule', ','), '--rule: no rule'),
    (('--rule', 'adam,adam'), "--rule: 'adam' is given twice"),
    (('--preset', 'torch'), "has no preset 'torch'"),
    (('--lr',), '--lr needs a value'),
    (('--lr=',), '--lr needs a value'),
    (('--help=1',), '--help takes no value'),
    (('--epoch', '1'), "unknown argument '--epoch'"),
    (('-x',), "unknown argument '-x'"),
    (('adam',), "unknown argument 'adam'"),
)


def wrong_options():
    for arguments, *texts in WRONG:
        result = train(*arguments)
        tap.case(f'{" ".join(arguments)} is refused',
                 tiny.expect(result, 2, *texts) or
                 ('trained' if '%' in result.stderr else ''))
    tap.case('a refused command line writes nothing',
             f'{train.path("out")} exists'
             if os.path.exists(train.path('out')) else '')


def information():
    text = train('--help')
    with open(f'{tap.ROOT}/examples/train/options.txt',
              encoding='utf-8') as file:
        documented = file.read()
    tap.case('--help prints options.txt',
             tiny.expect(text, 0) if text.stdout == documented
             else text.stdout)
    script = subprocess.run([f'{tap.ROOT}/examples/run', '--rule', 'adam',
                             '--help'], stdout=subprocess.PIPE, text=True,
                            check=False)
    tap.case('examples/run --help prints the same, without building',
             '' if script.returncode == 0 and script.stdout == documented
             else script.stdout)
    with open(f'{tap.ROOT}/examples/train/options.c',
              encoding='utf-8') as file:
        options = re.findall(r'^ +{"([\w-]+)", k', file.read(), re.M)
    tap.case('options.txt documents every option',
             [f'--{name} is missing' for name in options
              if f'\n  --{name} ' not in documented]
             if len(options) >= 18 else f'only {options} found')
    rows = train('--list').stdout.splitlines()
    tap.case('--list shows rules and learning rates',
             '' if any(re.fullmatch(r'adam +adam +128 +5 +0\.002', row)
                       for row in rows) else rows)


def script():
    """examples/run, in a place where nothing is installed or built."""
    place = train.path('project')
    os.makedirs(os.path.join(place, 'cmake'))
    os.makedirs(os.path.join(place, 'examples', 'train'))
    for name in 'run', os.path.join('train', 'options.txt'):
        shutil.copy(f'{tap.ROOT}/examples/{name}',
                    os.path.join(place, 'examples', name))
    bootstrap = os.path.join(place, 'cmake', 'bootstrap')
    with open(bootstrap, 'w', encoding='utf-8') as file:
        file.write('#!/bin/sh\necho begins >&2\nexit 9\n')
    os.chmod(bootstrap, 0o755)

    def run(*arguments):
        return subprocess.run([os.path.join(place, 'examples', 'run'),
                               *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)

    for arguments, text in (
            (('--epoch', '1'), "unknown argument '--epoch'; --help lists"),
            (('--epochs', '1', 'adam'), "unknown argument 'adam'"),
            (('-x',), "unknown argument '-x'"),
            (('--.*', '1'), "unknown argument '--.*'"),
            (('--clip',), '--clip needs a value'),
            (('--ema=',), '--ema needs a value'),
            (('--list=1',), '--list takes no value')):
        result = run(*arguments)
        tap.case(f'examples/run {" ".join(arguments)} is refused before '
                 'anything is built', tiny.expect(result, 2, text) or
                 ('built' if 'begins' in result.stderr else ''))
    for arguments in ((), ('--list',), ('--rule', 'adam', '--schedule=cosine',
                                        '--warmup', '--clip', '--clip=1')):
        tap.case(f'examples/run {" ".join(arguments)} begins',
                 tiny.expect(run(*arguments), 9, 'begins'))


def output_files():
    result = train('--rule', 'gd', '--epochs', '1', out='new/deep/place')
    tap.case('--out is created with its parents',
             tiny.expect(result, 0) if os.path.exists(
                 train.path('new', 'deep', 'place', 'losses.csv'))
             else result.stderr)
    tap.case('the paths of losses.csv and results.csv are printed',
             [f'no {name}' for name in ('losses.csv', 'results.csv')
              if f': {train.path("new", "deep", "place", name)}\n'
              not in result.stdout])
    os.mkdir(train.path('half'))
    os.symlink('/dev/full', train.path('half', 'results.csv'))
    tap.case('a full disk is an error of the results',
             tiny.expect(train('--rule', 'gd', out='half'), 1, 'cannot write',
                         'results.csv', 'No space left'))
    blocked = train('--rule', 'gd', out='data/train-images-idx3-ubyte.gz/out')
    tap.case('--out below a file is an error',
             tiny.expect(blocked, 1, '--out: cannot create directory',
                         'Not a directory'))
    os.mkdir(train.path('full'))
    os.symlink('/dev/full', train.path('full', 'losses.csv'))
    tap.case('a full disk is an error of the CSV file',
             tiny.expect(train('--rule', 'gd', out='full'), 1,
                         'cannot write', 'losses.csv', 'No space left'))
    with open('/dev/full', 'w', encoding='utf-8') as full:
        result = train('--rule', 'gd', '--epochs', '1', stdout=full)
    tap.case('a full disk is an error of the table',
             tiny.expect(result, 1, 'cannot write to stdout',
                         'No space left'))


def main():
    wrong_options()
    information()
    script()
    output_files()
    tap.finish()


main()
