# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Optimizers of PyTorch and of libopt, over the same parameters."""

import pytest
import torch

# class in torch.optim, its options
CASES = [
    ('SGD', dict(lr=0.1)),
    ('SGD', dict(lr=0.1, momentum=0.9)),
    ('SGD', dict(lr=0.1, momentum=0.9, dampening=0.3, weight_decay=0.01)),
    ('SGD', dict(lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01)),
    ('SGD', dict(lr=0.01, maximize=True)),
    ('Adagrad', dict(lr=0.1)),
    ('Adagrad', dict(lr=0.1, lr_decay=0.1, weight_decay=0.01, eps=1e-6,
                     initial_accumulator_value=0.25)),
    ('Adagrad', dict(maximize=True)),
    ('RMSprop', dict()),
    ('RMSprop', dict(momentum=0.9, weight_decay=0.01, alpha=0.9)),
    ('RMSprop', dict(centered=True, momentum=0.5)),
    ('RMSprop', dict(maximize=True)),
    ('Adam', dict()),
    ('Adam', dict(lr=0.01, betas=(0.8, 0.95), eps=1e-5, weight_decay=0.01)),
    ('Adam', dict(amsgrad=True)),
    ('Adam', dict(maximize=True, amsgrad=True)),
    ('AdamW', dict()),
    ('AdamW', dict(lr=0.01, betas=(0.8, 0.95), weight_decay=0.1)),
    ('AdamW', dict(amsgrad=True, maximize=True)),
    # Without foreach, PyTorch 1.13 multiplies by the momentum factor twice.
    ('NAdam', dict(foreach=True)),
    ('NAdam', dict(lr=0.01, betas=(0.8, 0.95), eps=1e-5, weight_decay=0.01,
                   momentum_decay=0.1, foreach=True)),
    ('ASGD', dict()),
    ('ASGD', dict(lr=0.1, lambd=0.01, alpha=0.5, t0=2, weight_decay=0.01)),
    ('ASGD', dict(t0=0, maximize=True)),
    ('Adadelta', dict()),
    ('Adadelta', dict(lr=0.5, rho=0.8, eps=1e-4, weight_decay=0.01)),
    ('Adadelta', dict(maximize=True)),
    ('Adamax', dict()),
    ('Adamax', dict(lr=0.01, betas=(0.8, 0.95), eps=1e-5, weight_decay=0.01)),
    ('Adamax', dict(maximize=True)),
    ('RAdam', dict()),
    ('RAdam', dict(lr=0.01, betas=(0.8, 0.95), eps=1e-5, weight_decay=0.01)),
    ('Rprop', dict()),
    ('Rprop', dict(lr=0.05, etas=(0.4, 1.3), step_sizes=(1e-3, 0.1))),
    ('Rprop', dict(maximize=True)),
]
IDS = [' '.join([name, *(f'{k}={v}' for k, v in options.items())])
       for name, options in CASES]
SHAPES = [(5, 3), (7,), (2, 3, 4, 4), (3,)]
NUMBERS = ('mu_product', 'eta', 'mu')  # of the state
LATE = 3  # the parameter whose first gradient comes late, or never


@pytest.fixture
def precise_numbers(dtype):
    """Within, PyTorch keeps the numbers of NAdam and ASGD in the type of the
    parameters; it does so in its default type."""
    torch.set_default_dtype(dtype)
    yield
    torch.set_default_dtype(torch.float32)


def params(dtype=torch.float32):
    generator = torch.Generator().manual_seed(1)
    return [torch.nn.Parameter(torch.randn(s, generator=generator).to(dtype))
            for s in SHAPES]


def grad_steps(optimizer, parameters, first, count, late=None):
    """Steps with gradients that are a function of the step alone."""
    for step in range(first, first + count):
        generator = torch.Generator().manual_seed(step)
        for i, p in enumerate(parameters):
            p.grad = torch.randn(SHAPES[i], generator=generator).to(p.dtype)
            if i == LATE and (late is None or step < late):
                p.grad = None
        optimizer.step()


def assert_close(ours, theirs):
    for a, b in zip(ours, theirs):
        tolerance = 1e-13 if a.dtype == torch.float64 else 3e-6
        torch.testing.assert_close(a, b, rtol=tolerance, atol=tolerance)


def groups_of(parameters):
    return [{'params': parameters[:2]}, {'params': parameters[2:], 'lr': 0.02}]


def make(module, name, options, dtype=torch.float32):
    parameters = params(dtype)
    return parameters, getattr(module, name)(groups_of(parameters), **options)
