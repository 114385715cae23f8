#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The trainer learns, follows its options, shows progress and obeys Ctrl-C.

usage: training.py <train>
"""

import os
import pty
import signal
import subprocess

import tap
import tiny

train = tiny.Trainer()

LEARNERS = ['momentum', 'adagrad', 'rmsprop', 'adam', 'adamw']


def learning():
    rows = tiny.table(train('--rule', ','.join(LEARNERS), '--batch', '16'))
    tap.case('every rule with its default settings learns the bands',
             [f'{name}: {row}' for name, row in rows.items()
              if float(row[-2]) < 90] if sorted(rows) == sorted(LEARNERS)
             else str(rows))


def order():
    """Of few steps, after which the rules are not equally good; the worst is
    the first of them."""
    names = ['minibatch', 'adam', 'schedule_free_adamw', 'rmsprop']
    rows = tiny.table(train('--rule', ','.join(names), '--epochs', '1',
                            '--lr', '0.002', '--batch', '80'))
    accuracies = [float(row[-2]) for row in rows.values()]
    tap.case('the best rule is in the first row of the table',
             '' if sorted(rows) == sorted(names) and
             accuracies == sorted(accuracies, reverse=True) and
             accuracies[0] > accuracies[-1] and list(rows) != names
             else str(rows))
    tap.case('results.csv has the runs in their order',
             tiny.differences([row['run'] for row in train.results()], names))


def curves():
    epochs, batch = 10, 50
    steps = epochs * 4  # the last batch of an epoch has 10 of 160 images
    settings = ('--rule', 'adam', '--epochs', str(epochs), '--batch',
                str(batch), '--lr', '0.01')
    train(*settings)
    rows = train.curves()['adam']
    tap.case('the curve has a point for each of a few steps',
             tiny.differences([int(row['step']) for row in rows],
                              list(range(1, steps + 1))))
    tap.case('the training loss falls',
             '' if float(rows[-1]['loss']) < 0.5 * float(rows[0]['loss'])
             else f'{rows[0]} to {rows[-1]}')
    tap.case('the learning rate decays linearly to 0',
             [str(row) for row in rows
              if abs(float(row['lr']) -
                     0.01 * (1 - (int(row['step']) - 1) / steps)) > 1e-10])
    train(*settings, '--seed', '2')
    tap.case('another seed gives other numbers',
             '' if train.curves()['adam'] != rows else 'the same')


def accumulation():
    # The network takes 300 images at once, but not 600: gradients of 512 and
    # 88 are accumulated. Each image twice has the mean gradient of once.
    curves_of = []
    for copies in 1, 2:
        trainer = tiny.Trainer(train=300, test=10, copies=copies)
        trainer('--rule', 'gd,minibatch', '--batch', '600', '--lr', '0.05',
                '--epochs', '3')
        curves_of.append([float(x) for x in trainer.losses('gd')])
    tap.case('accumulated micro-batches make the step of the whole batch',
             '' if len(curves_of[0]) == 3 and
             all(abs(a - b) < 1e-4 * a for a, b in zip(*curves_of))
             else str(curves_of))
    tap.case('full batch is mini-batch with one batch for all',
             tiny.differences(trainer.losses('gd'),
                              trainer.losses('minibatch')))


def relations():
    for preset in 'textbook', 'pytorch':
        train('--rule', 'gd,momentum', '--batch', '160', '--lr', '0.05',
              '--epochs', '4', '--preset', preset)
        tap.case(f'momentum is not plain descent with the preset {preset}',
                 '' if train.losses('momentum') != train.losses('gd')
                 else 'the same')
    train('--rule', 'rmsprop', '--epochs', '2')
    textbook = train.losses('rmsprop')
    train('--rule', 'rmsprop', '--epochs', '2', '--preset', 'pytorch')
    tap.case('another preset gives other numbers',
             '' if train.losses('rmsprop') != textbook else 'the same')
    train('--rule', 'sgd,minibatch', '--batch', '1', '--lr', '0.01',
          '--epochs', '1')
    tap.case('sgd is mini-batch with one image',
             tiny.differences(train.losses('sgd'), train.losses('minibatch')))


def options():
    run = ('--rule', 'adam', '--epochs', '3', '--batch', '16')
    train(*run)
    plain = train.csv()
    changed = {}
    for option, value in (('schedule', 'cosine'), ('warmup', '9'),
                          ('clip', '0.1')):
        tap.case(f'--{option} is taken',
                 tiny.expect(train(*run, f'--{option}', value), 0))
        changed[option] = train.csv()
    tap.case('each of them makes another curve',
             '' if len({plain, *changed.values()}) == 4 else str(changed))
    header = train(*run, '--schedule', 'step:gamma=0.5', '--warmup', '9',
                   '--clip', '2', '--ema', '0.75').stdout
    tap.case('the first line shows them',
             '' if 'schedule step:gamma=0.5, warm-up 9, clip 2, ema 0.75\n' in
             header else header)
    row = tiny.table(train(*run, '--schedule', 'cosine:t_max=5,eta_min=0.001',
                           '--warmup', '9', '--clip', '2', '--ema', '0.75'))
    written = train.results()[0]
    tap.case('results.csv has settings and results, as the table has them',
             tiny.differences(
                 [written[name] for name in
                  ('run', 'schedule', 'warmup', 'clip', 'ema', 'clipped_steps')],
                 ['adam', 'cosine:t_max=5,eta_min=0.001', '9', '2', '0.75',
                  row['adam'][-2]]) or
             tiny.differences(
                 [f'{float(written["loss"]):.4f}',
                  f'{100 * float(written["accuracy"]):.2f}',
                  f'{100 * float(written["ema_accuracy"]):.2f}',
                  f'{float(written["max_norm"]):.3g}'],
                 [row['adam'][5], row['adam'][6], row['adam'][8],
                  row['adam'][11]]))
    result = train(*run, '--ema', '0')
    row = tiny.table(result)['adam']
    tap.case('an average that keeps nothing is as good as the weights',
             tiny.differences(row[-4:-2], row[-2:]))
    tap.case('an average changes no curve', tiny.differences(train.csv(), plain))
    result = train(*run, '--clip', '1000000')
    row = tiny.table(result)['adam']
    tap.case('a clip beyond every gradient changes no curve, and counts none',
             tiny.differences(train.csv(), plain) or
             tiny.differences(row[-2], '0'))


def clipped_micro_batches():
    # 512 and 88 images: to clip each would be another step than to clip the
    # mean of all.
    rows = []
    for copies in 1, 2:
        trainer = tiny.Trainer(train=300, test=10, copies=copies)
        rows.append(tiny.table(trainer(
            '--rule', 'gd', '--lr', '1', '--epochs', '3', '--clip', '0.05'))
            ['gd'] + trainer.losses('gd'))
    tap.case('the mean gradient of micro-batches is clipped, not each of them',
             '' if all(abs(float(a) - float(b)) < 1e-4 * float(a)
                       for a, b in zip(rows[0][-5:], rows[1][-5:])) and
             rows[0][-5] == '3' else str(rows))


def progress():
    result = train('--rule', 'adam', '--epochs', '4')
    lines = result.stderr.splitlines()
    tap.case('without a terminal, progress is plain lines with loss and time',
             '' if len(lines) == 5 and '\r' not in result.stderr and
             all('loss' in line and 's left' in line for line in lines)
             else result.stderr)
    master, slave = pty.openpty()
    with subprocess.Popen(train.command('--rule', 'sgd', '--epochs', '4'),
                          stdout=subprocess.DEVNULL, stderr=slave) as process:
        os.close(slave)
        shown = b''
        try:
            while chunk := os.read(master, 4096):
                shown += chunk
        except OSError:  # the other end is closed
            pass
    os.close(master)
    tap.case('on a terminal, progress is a bar that is redrawn in place',
             '' if process.returncode == 0 and
             all(text in shown for text in (b'\r[1/1] sgd', b'#', b'loss',
                                            b's left', b'\r\033[K'))
             and b'\n' not in shown else repr(shown))


def interrupted():
    few = tiny.Trainer(train=15, test=10)
    command = few.command('--rule', 'gd,sgd', '--epochs', '1000')
    with subprocess.Popen(command, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if line.startswith('[2/2]'):
                process.send_signal(signal.SIGINT)
                break
        output, errors = process.communicate()
    result = subprocess.CompletedProcess(command, process.returncode, output,
                                         errors)
    rows = tiny.table(result)
    tap.case('Ctrl-C exits with 130', tiny.expect(result, 130))
    tap.case('Ctrl-C prints the table of the finished runs',
             tiny.differences(list(rows), ['gd']))
    tap.case('Ctrl-C says what it stopped',
             '' if 'interrupted during sgd' in output else output)
    curve = few.curves()
    tap.case('Ctrl-C writes the curves, that of the stopped run as well',
             '' if len(curve['gd']) == 100 and
             0 < len(curve['sgd']) < 100 else str(curve))


def main():
    learning()
    order()
    curves()
    accumulation()
    relations()
    options()
    clipped_micro_batches()
    progress()
    interrupted()
    tap.finish()


main()
