# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Which settings of torch.optim are recorded, by libopt's option names.

Most use a large epsilon: with the usual 1e-8 the places where it can stand
differ by less than a float can tell.
"""

import dataclasses
import itertools


@dataclasses.dataclass
class Case:
    rule: str
    dtype: str
    options: dict
    schedule: tuple = ()  # (step, option, value)


def sgd():
    yield {'lr': 0.01}
    yield {'lr': 0.01, 'weight_decay': 0.1}
    yield {'lr': 0.01, 'momentum': 0.9}
    yield {'lr': 0.01, 'dampening': 0.5}
    yield {'lr': 0.01, 'momentum': 0.9, 'dampening': 0.5}
    yield {'lr': 0.01, 'momentum': 0.9, 'dampening': 0.1, 'weight_decay': 0.1}
    yield {'lr': 0.01, 'momentum': 0.5, 'nesterov': 1}
    yield {'lr': 0.01, 'momentum': 0.9, 'nesterov': 1, 'weight_decay': 0.1}
    yield {'lr': 0.01, 'momentum': 0.9, 'maximize': 1, 'weight_decay': 0.1}


def adagrad():
    yield {}
    yield {'lr': 0.1, 'eps': 0.1}
    yield {'lr': 0.1, 'lr_decay': 0.05}
    yield {'lr': 0.1, 'initial_accumulator': 0.5, 'eps': 0.1}
    yield {'lr': 0.1, 'weight_decay': 0.1, 'eps': 0.01}
    yield {'lr': 0.1, 'weight_decay': 0.1, 'lr_decay': 0.01, 'maximize': 1,
           'initial_accumulator': 0.1, 'eps': 0.1}


def rmsprop():
    yield {}
    for centered, momentum in itertools.product((0, 1), (0, 0.9)):
        yield {'lr': 0.002, 'eps': 0.01, 'centered': centered,
               'momentum': momentum}
    yield {'lr': 0.002, 'alpha': 0.9, 'eps': 0.1}
    yield {'lr': 0.002, 'weight_decay': 0.1, 'eps': 0.01, 'maximize': 1}
    yield {'lr': 0.002, 'alpha': 0.9, 'weight_decay': 0.1, 'eps': 0.1,
           'centered': 1, 'momentum': 0.5}


def adam():
    yield {}
    yield {'lr': 0.01, 'eps': 0.01}
    yield {'lr': 0.01, 'amsgrad': 1, 'eps': 0.01}
    yield {'lr': 0.01, 'beta1': 0, 'beta2': 0.9, 'eps': 0.1}
    yield {'lr': 0.01, 'beta1': 0.5, 'beta2': 0.99, 'amsgrad': 1, 'eps': 0.1}
    yield {'lr': 0.01, 'beta1': 0.4, 'beta2': 0, 'eps': 0.1}
    yield {'lr': 0.01, 'weight_decay': 0.1, 'eps': 0.01}
    yield {'lr': 0.01, 'weight_decay': 0.1, 'maximize': 1, 'eps': 0.01}
    yield {'lr': 0.01, 'weight_decay': 0.1, 'amsgrad': 1, 'eps': 0.1}


# Values that change on the way. PyTorch corrects the bias by the beta of the
# step, to the power of its number.
SCHEDULES = {
    'sgd': ((50, 'lr', 0.02), (120, 'momentum', 0.5)),
    'adagrad': ((50, 'lr', 0.2), (120, 'lr_decay', 0.001)),
    'rmsprop': ((50, 'lr', 0.001), (120, 'alpha', 0.95)),
    'adam': ((2, 'beta1', 0.8), (50, 'lr', 0.002), (120, 'beta2', 0.99)),
}
SCHEDULED = {
    'sgd': {'lr': 0.01, 'momentum': 0.9},
    'adagrad': {'lr': 0.1, 'lr_decay': 0.01, 'eps': 0.01},
    'rmsprop': {'lr': 0.002, 'eps': 0.01},
    'adam': {'lr': 0.01, 'beta1': 0.9, 'beta2': 0.999, 'eps': 0.01},
}
OPTIONS = {'sgd': sgd, 'adagrad': adagrad, 'rmsprop': rmsprop, 'adam': adam,
           'adamw': adam}


def all_cases():
    for rule, dtype in itertools.product(OPTIONS, ('f32', 'f64')):
        for options in OPTIONS[rule]():
            yield Case(rule, dtype, options)
        like = 'adam' if rule == 'adamw' else rule
        yield Case(rule, dtype, SCHEDULED[like], SCHEDULES[like])


ALL = tuple(all_cases())
