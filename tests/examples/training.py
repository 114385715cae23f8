#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The trainer trains: numbers, threads, progress, Ctrl-C.

usage: training.py <train>
"""

import os
import pty
import signal
import subprocess

import tap
import tiny

train = tiny.Trainer()


def differences(a, b):
    return '' if a == b else f'{a}\n---\n{b}'


def same_numbers():
    results, files = [], []
    for threads in ('1', '2', '3', '1'):
        result = train('--threads', threads)
        results.append(tiny.expect(result, 0) or tiny.table(result))
        files.append(train.csv())
    tap.case('two runs print the same numbers and write the same bytes',
             differences(results[0], results[3]) +
             differences(files[0], files[3]))
    tap.case('no number depends on the thread count',
             differences(results[0], results[1]) +
             differences(results[0], results[2]) +
             differences(files[0], files[1]) + differences(files[0], files[2]))
    return results[0]


def everything_learns(rows):
    tap.case('the default runs begin with gradient descent in its three forms',
             differences(list(rows)[:3], ['gd', 'sgd', 'minibatch']))
    tap.case('the default runs have every other rule and alias',
             [f'no {rule}' for rule in
              ('momentum', 'adagrad', 'rmsprop', 'adam', 'adamw')
              if rule not in rows])
    accuracy = {name: float(row[-2]) for name, row in rows.items()}
    tap.case('every mini-batch rule learns the bands',
             [f'{name}: {value} %' for name, value in accuracy.items()
              if name in ('momentum', 'adagrad', 'rmsprop', 'adam', 'adamw')
              and value < 90])


def curves():
    train('--rule', 'adam', '--epochs', '10', '--lr', '0.01')
    rows = train.curves()['adam']
    tap.case('the training loss falls',
             '' if float(rows[-1]['loss']) < 0.5 * float(rows[0]['loss'])
             else f'{rows[0]} to {rows[-1]}')
    steps = 10 * 5  # batches of 128 in 600 images: 5 an epoch
    wrong = [row for row in rows
             if abs(float(row['lr']) -
                    0.01 * (1 - (int(row['step']) - 1) / steps)) > 1e-10]
    tap.case('the learning rate decays linearly to 0',
             [str(row) for row in wrong] if len(rows) == steps else f'{rows}')
    other = train('--rule', 'adam', '--epochs', '10', '--lr', '0.01',
                  '--seed', '2')
    tap.case('another seed gives other numbers',
             '' if other.returncode == 0 and train.curves()['adam'] != rows
             else 'the same')


def losses(run):
    return [row['loss'] for row in train.curves()[run]]


def relations():
    common = ('--lr', '0.05', '--epochs', '4')
    train('--rule', 'gd,minibatch,momentum', '--batch', '600', *common)
    full = losses('gd')
    tap.case('full batch is mini-batch with one batch for all',
             differences(full, losses('minibatch')))
    tap.case('momentum is not plain descent',
             '' if losses('momentum') != full else 'the same losses')
    train('--rule', 'gd,momentum', '--preset', 'pytorch', *common)
    tap.case('momentum keeps its momentum under another preset',
             '' if losses('momentum') != losses('gd') else 'the same losses')
    train('--rule', 'sgd,minibatch', '--batch', '1', '--lr', '0.01',
          '--epochs', '1')
    tap.case('sgd is mini-batch with one image',
             differences(losses('sgd'), losses('minibatch')))


def progress():
    result = train('--rule', 'adam', '--epochs', '4')
    lines = result.stderr.splitlines()
    tap.case('without a terminal, progress is plain lines with loss and time',
             '' if len(lines) == 5 and '\r' not in result.stderr and
             all('loss' in line and 's left' in line for line in lines)
             else result.stderr)
    master, slave = pty.openpty()
    # Long enough for a redraw, which comes every tenth of a second.
    with subprocess.Popen(train.command('--rule', 'sgd', '--epochs', '20'),
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
    command = train.command('--rule', 'adam,gd', '--epochs', '1000',
                            '--batch', '600', out='interrupted')
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
             differences(list(rows), ['adam']))
    tap.case('Ctrl-C tells what it stopped',
             '' if 'interrupted during gd' in output else output)
    curve = train.curves('interrupted')
    tap.case('Ctrl-C writes the curves, that of the stopped run as well',
             '' if len(curve['adam']) == 100 and
             0 < len(curve['gd']) < 100 else str(curve))


def main():
    everything_learns(same_numbers())
    curves()
    relations()
    progress()
    interrupted()
    tap.finish()


main()
