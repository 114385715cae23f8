#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Every kind of schedule gives the values of PyTorch's scheduler.

usage: torch_test.py <print_values>

PyTorch computes most values from the ones before and rounds each, so that they
drift from the formula by a few units in the last place for each step.
"""

import math
import random
import subprocess
import sys
import warnings

import torch
from torch.optim import lr_scheduler as schedulers

import tap

TOLERANCE = 1e-12  # relative to the largest value
STEPS = 400


class Case:
    """A schedule, and the scheduler that it has to equal."""

    def __init__(self, name, described, make, base=0.1, steps=STEPS,
                 option='lr', metrics=None):
        self.name = name
        self.described = described
        self.make = make
        self.base = base
        self.steps = steps
        self.option = option
        self.metrics = metrics

    def line(self):
        steps = self.steps
        if self.metrics is not None:
            steps = 'report ' + ','.join(map(repr, self.metrics))
        return f'{self.base!r} {steps} {self.described}'

    def expected(self):
        parameter = torch.nn.Parameter(torch.zeros(1))
        lr = self.base if self.option == 'lr' else 0.1
        optimizer = torch.optim.SGD([parameter], lr=lr, momentum=0.5)
        scheduler = self.make(optimizer)
        values = []
        for i in range(self.steps):
            if self.metrics is not None:
                scheduler.step(self.metrics[i])
            values.append(optimizer.param_groups[0][self.option])
            if self.metrics is None and i + 1 < self.steps:
                optimizer.step()
                scheduler.step()
        return values


def same_words(kind, scheduler, **settings):
    """The options have PyTorch's names, in lower case."""
    words = ' '.join(f'{k.lower()}={v!r}' for k, v in settings.items())
    text = ' '.join(f'{k}={v!r}' for k, v in settings.items())
    return Case(f'{scheduler.__name__} {text}', f'{kind} {words}',
                lambda optimizer: scheduler(optimizer, **settings))


def plain_cases():
    s = schedulers
    yield same_words('constant', s.ConstantLR)
    yield same_words('constant', s.ConstantLR, factor=0.25, total_iters=37)
    yield same_words('linear', s.LinearLR)
    yield same_words('linear', s.LinearLR, start_factor=0.01, total_iters=100)
    yield same_words('linear', s.LinearLR, start_factor=1.0, end_factor=0.125,
                     total_iters=333)
    for size in 1, 7, 100:
        yield same_words('step', s.StepLR, step_size=size, gamma=0.9)
    for milestones in [], [1], [0, 3], [5, 5, 80, 300]:
        text = ','.join(map(str, milestones))
        yield Case(f'MultiStepLR {milestones}',
                   f'multi_step milestones={text} gamma=0.5',
                   lambda optimizer, m=milestones: s.MultiStepLR(
                       optimizer, m, gamma=0.5))
    for gamma in 0.99, 0.5, 1.0, 1.01:
        yield same_words('exponential', s.ExponentialLR, gamma=gamma)
    for power in 1, 2, 0.5, 0.9, 3.7:
        yield same_words('polynomial', s.PolynomialLR, total_iters=320,
                         power=power)
    yield same_words('polynomial', s.PolynomialLR)
    for t_max in 1, 2, 50, 399, 1000:
        yield same_words('cosine', s.CosineAnnealingLR, T_max=t_max)
        yield same_words('cosine', s.CosineAnnealingLR, T_max=t_max,
                         eta_min=0.003)
    for t_mult in 1, 2, 3:
        yield same_words('cosine_restarts', s.CosineAnnealingWarmRestarts,
                         T_0=11, T_mult=t_mult, eta_min=0.001)


def cycle_cases():
    for anneal in 'cos', 'linear':
        for three_phase in False, True:
            for pct in 0.3, 0.25, 0.5:
                settings = dict(total_steps=STEPS, pct_start=pct,
                                three_phase=three_phase, anneal_strategy=anneal)
                words = (f'total_steps={STEPS} pct_start={pct} '
                         f'three_phase={int(three_phase)} '
                         f'anneal={("cos", "linear").index(anneal)}')
                name = f'OneCycleLR {words}'
                yield Case(name, f'one_cycle {words} div_factor=10 '
                           'final_div_factor=100',
                           lambda optimizer, settings=settings:
                           schedulers.OneCycleLR(
                               optimizer, max_lr=0.4, div_factor=10.,
                               final_div_factor=100., **settings), base=0.4)
                yield Case(f'{name}, momentum',
                           f'one_cycle inverse=1 min_value=0.7 {words}',
                           lambda optimizer, settings=settings:
                           schedulers.OneCycleLR(
                               optimizer, max_lr=0.4, max_momentum=0.92,
                               base_momentum=0.7, **settings),
                           base=0.92, option='momentum')
    modes = 'triangular', 'triangular2', 'exp_range'
    for mode in modes:
        for up, down in (20, None), (13, 29), (1, 1), (50, 7):
            settings = dict(base_lr=0.01, max_lr=0.3, step_size_up=up,
                            step_size_down=down, mode=mode, gamma=0.99)
            words = (f'step_size_up={up} step_size_down={down or 0} '
                     f'mode={modes.index(mode)} gamma=0.99')
            name = f'CyclicLR {mode} {up} up, {down} down'
            yield Case(name, f'cyclic peak_value=0.3 {words}',
                       lambda optimizer, settings=settings:
                       schedulers.CyclicLR(optimizer, **settings), base=0.01)
            yield Case(f'{name}, momentum', f'cyclic peak_value=0.8 {words}',
                       lambda optimizer, settings=settings:
                       schedulers.CyclicLR(optimizer, base_momentum=0.8,
                                           max_momentum=0.95, **settings),
                       base=0.95, option='momentum')


def joined_cases():
    s = schedulers

    def warm_cosine(optimizer):
        return s.SequentialLR(optimizer, [
            s.LinearLR(optimizer, start_factor=0.1, total_iters=20),
            s.CosineAnnealingLR(optimizer, T_max=200)], milestones=[20])
    yield Case('SequentialLR of LinearLR and CosineAnnealingLR',
               'linear start_factor=0.1 total_iters=20 then 20 '
               'cosine t_max=200', warm_cosine)

    def three(optimizer):
        return s.SequentialLR(optimizer, [
            s.ConstantLR(optimizer, factor=0.5, total_iters=9),
            s.ExponentialLR(optimizer, gamma=0.98),
            s.StepLR(optimizer, step_size=30, gamma=0.5)],
            milestones=[15, 150])
    yield Case('SequentialLR of three',
               'constant factor=0.5 total_iters=9 then 15 exponential '
               'gamma=0.98 then 135 step step_size=30 gamma=0.5', three)

    def chained(optimizer):
        return s.ChainedScheduler([
            s.LinearLR(optimizer, start_factor=0.1, total_iters=40),
            s.ExponentialLR(optimizer, gamma=0.99),
            s.MultiStepLR(optimizer, [50, 100], gamma=0.5)])
    yield Case('ChainedScheduler of three',
               'linear start_factor=0.1 total_iters=40 chain exponential '
               'gamma=0.99 chain multi_step milestones=50,100 gamma=0.5',
               chained)


def metrics(seed):
    random.seed(seed)
    values = [2 * math.exp(-i / 40) + random.gauss(0, 0.05)
              for i in range(STEPS)]
    for i in range(100, STEPS, 97):
        values[i] = (math.nan, math.inf, -math.inf)[i % 3]
    return values


def plateau_cases():
    for mode in 'min', 'max':
        for threshold_mode in 'rel', 'abs':
            for n, settings in enumerate((
                    {}, dict(patience=0, factor=0.9), dict(cooldown=4,
                                                           patience=2),
                    dict(patience=1, factor=0.5, min_lr=0.003),
                    dict(patience=1, factor=0.5, eps=0.01),
                    dict(patience=3, min_lr=0.2), dict(patience=2,
                                                       threshold=0.2))):
                words = ' '.join(
                    f'{"min_value" if k == "min_lr" else k}={v!r}'
                    for k, v in settings.items())
                yield Case(
                    f'ReduceLROnPlateau {mode} {threshold_mode} {words}',
                    f'plateau mode={("min", "max").index(mode)} '
                    f'threshold_mode={("rel", "abs").index(threshold_mode)} '
                    + words,
                    lambda optimizer, mode=mode, t=threshold_mode, s=settings:
                    schedulers.ReduceLROnPlateau(
                        optimizer, mode=mode, threshold_mode=t, **s),
                    metrics=metrics(n))


def problem_of(case, found):
    expected = case.expected()
    if len(found) != len(expected):
        return f'{len(found)} values, PyTorch gives {len(expected)}'
    largest = max(map(abs, expected))
    for step, (value, other) in enumerate(zip(found, expected)):
        if not abs(value - other) <= TOLERANCE * largest:
            return f'step {step}: {value!r}, PyTorch gives {other!r}'
    return ''


def main():
    warnings.simplefilter('ignore')
    cases = [*plain_cases(), *cycle_cases(), *joined_cases(),
             *plateau_cases()]
    result = subprocess.run(
        [sys.argv[1]], input='\n'.join(case.line() for case in cases) + '\n',
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    tap.case('print_values runs', result.stderr)
    lines = result.stdout.splitlines()
    for case, line in zip(cases, lines):
        tap.case(case.name, problem_of(
            case, [float.fromhex(word) for word in line.split()]))
    tap.finish()


main()
