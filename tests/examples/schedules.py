#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The trainer's --schedule and --warmup: the learning rates of the CSV file are
those of the kinds' formulas, over the length of the run.

usage: schedules.py <train>
"""

import math

import tap
import tiny

train = tiny.Trainer()
LR, STEPS, EPOCH = 0.01, 40, 4  # 10 epochs of 4 steps
RUN = ('--rule', 'adam', '--epochs', '10', '--batch', '40', '--lr', str(LR))


def cosine(part):
    return (1 + math.cos(math.pi * part)) / 2


def rise(t, warmup):
    """A warm-up whose first step is not lost."""
    return (t + 1) / (warmup + 1)


def one_cycle(t, n, part=0.3):
    first, last = 1 / 25, 1 / 25e4
    top = part * n - 1
    if t <= top:
        return 1 + (first - 1) * cosine(t / top)
    return last + (1 - last) * cosine((t - top) / (n - 1 - top))


def cyclic(t, n):
    half = math.ceil(n / 8)
    return 0.1 + 0.9 * abs(t % (2 * half) - half) / half


def inverse_sqrt(t, warmup):
    return min((t + 1) / warmup, math.sqrt(warmup / (t + 1)))


def trapezoid(t, n, warmup):
    if t < warmup:
        return rise(t, warmup)
    return min(1, (n - t) / (n / 5))


FORMULAS = {  # of the rate's share after t of n steps
    'constant': lambda t, n: 1,
    'linear': lambda t, n: 1 - t / n,
    'step': lambda t, n: 0.1**(t // math.ceil(n / 3)),
    'multi_step': lambda t, n: 0.1**((t >= n // 2) + (t >= n * 3 // 4)),
    'exponential': lambda t, n: 0.955**t,  # n is less than 100
    'polynomial': lambda t, n: 1 - t / n,
    'cosine': lambda t, n: cosine(t / n),
    'cosine_restarts': lambda t, n: cosine(
        t % math.ceil(n / 3) / math.ceil(n / 3)),
    'cyclic': cyclic,
    'plateau': lambda t, n: 1,  # each epoch is better than the one before
}
RISING = {  # those that rise by themselves, with the warm-up they are given
    'one_cycle': lambda t, n, w: one_cycle(t, n, 0.3 if w is None else w / n),
    'inverse_sqrt': lambda t, n, w: inverse_sqrt(t, n / 10 if w is None else w),
    'warmup_stable_decay': lambda t, n, w: trapezoid(
        t, n, n / 10 if w is None else w),
}
OPTIONS = {  # texts that set options, and the formula then
    'cosine:eta_min=0.004': lambda t: 0.4 + 0.6 * cosine(t / STEPS),
    'cosine:t_max=10,eta_min=0.004': lambda t: 0.4 + 0.6 * cosine(t / 10),
    'cosine_restarts:t_mult=2': lambda t: cosine(t / 14 if t < 14
                                                 else (t - 14) / 28),
    'polynomial:power=2': lambda t: (1 - t / STEPS)**2,
    'linear:end_factor=0.5': lambda t: 1 - 0.5 * t / STEPS,
    'step:gamma=0.5,interval=4,step_size=2': lambda t: 0.5**(t // 4 // 2),
    'warmup_stable_decay:decay_steps=20,decay=sqrt': lambda t: (
        rise(t, 4) if t < 4 else 1 - math.sqrt(max(t - 20, 0) / 20)),
    'warmup_stable_decay:stable_steps=3,decay=1': lambda t: (
        rise(t, 4) if t < 4 else cosine(min(max(t - 7, 0) / 8, 1))),
}


def wrong_rates(rows, formula):
    """The steps, each a point of the curve, whose rate is not the formula's."""
    if len(rows) != STEPS:
        return f'{len(rows)} points'
    return [f'step {t}: {row["lr"]}, not {LR * formula(t)}'
            for t, row in enumerate(rows)
            if not math.isclose(float(row['lr']), LR * formula(t),
                                rel_tol=1e-8, abs_tol=1e-15)]


def rates(name, formula, *arguments):
    result = train(*RUN, *arguments)
    tap.case(name, tiny.expect(result, 0) or
             wrong_rates(train.curves()['adam'], formula))
    return [row['loss'] for row in train.curves()['adam']]


def every_kind():
    """Returns the losses with each."""
    kinds = tiny.listed(train, '--schedule')
    tap.case('this test knows every kind that --list shows',
             tiny.differences(sorted(kinds), sorted([*FORMULAS, *RISING])))
    losses = {}
    for kind, formula in FORMULAS.items():
        losses[kind] = rates(f'{kind} follows its formula over the run',
                             lambda t, f=formula: f(t, STEPS),
                             '--schedule', kind)
        rates(f'{kind} follows it after a warm-up, over the rest',
              lambda t, f=formula: rise(t, 12) if t < 12
              else f(t - 12, STEPS - 12),
              '--schedule', kind, '--warmup', '12')
    for kind, formula in RISING.items():
        for name, warmup in (('a part', None), ('--warmup', 12)):
            losses[kind] = rates(
                f'{kind} rises by itself for {name} of the run',
                lambda t, f=formula, w=warmup: f(t, STEPS, w),
                '--schedule', kind,
                *(() if warmup is None else ('--warmup', str(warmup))))
    tap.case('every kind but a straight line in other words has losses of its '
             'own', '' if len({tuple(x) for x in losses.values()}) ==
             len(losses) - 2 and losses['linear'] == losses['polynomial'] and
             losses['constant'] == losses['plateau'] else str(losses))
    return losses


def options(losses):
    for text, formula in OPTIONS.items():
        rates(f'{text} is followed', formula, '--schedule', text)
    rates('--warmup 0 is no warm-up', lambda t: FORMULAS['cosine'](t, STEPS),
          '--schedule', 'cosine', '--warmup', '0')
    rates('--warmup may take all steps but one', lambda t: rise(t, STEPS - 1),
          '--warmup', str(STEPS - 1))
    default = rates('linear is the default', lambda t: 1 - t / STEPS)
    tap.case('and has the same losses', tiny.differences(default,
                                                         losses['linear']))


def plateau():
    """An epoch that is not 65 % better halves the rate."""
    text = 'plateau:threshold=0.65,patience=0,factor=0.5'
    result = train(*RUN, '--schedule', text)
    rows = train.curves()['adam']
    expected, best, rate = [], math.inf, 1.0
    for epoch in range(0, STEPS, EPOCH):
        expected += [rate] * EPOCH
        loss = sum(float(row['loss'])
                   for row in rows[epoch:epoch + EPOCH]) / EPOCH
        if loss < 0.35 * best:
            best = loss
        else:
            rate *= 0.5
    tap.case('plateau follows the mean loss of the epochs',
             tiny.expect(result, 0) or
             wrong_rates(rows, lambda t: expected[t]) or
             ('' if 0.5 >= expected[-1] > 0.5**8 else f'{expected}: too few or '
              'too many plateaus to tell'))


def main():
    options(every_kind())
    plateau()
    tap.finish()


main()
