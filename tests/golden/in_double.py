# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""NAdam and ASGD of PyTorch, from its documentation, with every number a double:
PyTorch keeps their scalars in its default type, which was float32 where its runs
were recorded."""

import math


class NAdam:
    """One tensor."""

    def __init__(self, params, lr=0.002, betas=(0.9, 0.999), eps=1e-8,
                 weight_decay=0, momentum_decay=0.004,
                 decoupled_weight_decay=False, maximize=False):
        self.params = list(params)
        self.lr, self.betas, self.eps = lr, betas, eps
        self.decay, self.psi = weight_decay, momentum_decay
        self.decoupled = decoupled_weight_decay
        self.sign = -1 if maximize else 1
        self.step_number = 0
        self.product = 1.0
        self.m = [0.0] * len(self.params)
        self.v = [0.0] * len(self.params)

    def mu(self, step):
        return self.betas[0] * (1 - 0.5 * 0.96 ** (step * self.psi))

    def step(self, gradient):
        self.step_number += 1
        beta1, beta2 = self.betas
        now, later = (self.mu(self.step_number + i) for i in (0, 1))
        self.product *= now
        of_gradient = self.lr * (1 - now) / (1 - self.product)
        of_moment = self.lr * later / (1 - self.product * later)
        correction = 1 - beta2 ** self.step_number
        for i, g in enumerate(gradient):
            g *= self.sign
            if self.decoupled:
                self.params[i] *= 1 - self.lr * self.decay
            else:
                g += self.decay * self.params[i]
            self.m[i] = beta1 * self.m[i] + (1 - beta1) * g
            self.v[i] = beta2 * self.v[i] + (1 - beta2) * g * g
            root = math.sqrt(self.v[i] / correction) + self.eps
            self.params[i] -= (of_gradient * g + of_moment * self.m[i]) / root


class ASGD:
    """One tensor."""

    def __init__(self, params, lr=0.01, lambd=1e-4, alpha=0.75, t0=1e6,
                 weight_decay=0, maximize=False):
        self.params = list(params)
        self.lr, self.lambd, self.alpha = lr, lambd, alpha
        self.decay = weight_decay
        self.sign = -1 if maximize else 1
        self.step_number = 0
        self.eta = lr

    def step(self, gradient):
        self.step_number += 1
        for i, g in enumerate(gradient):
            g = self.sign * g + self.decay * self.params[i]
            self.params[i] *= 1 - self.lambd * self.eta
            self.params[i] -= self.eta * g
        self.eta = self.lr / (
            1 + self.lambd * self.lr * self.step_number) ** self.alpha


def run(name, options, initial, gradients, kept):
    """The parameters of all tensors after the kept steps."""
    tensors = [{'NAdam': NAdam, 'ASGD': ASGD}[name](params, **options)
               for params in initial]
    found = []
    for number, gradient in enumerate(gradients, 1):
        for tensor, of_tensor in zip(tensors, gradient):
            tensor.step(of_tensor)
        if number in kept:
            found.append([list(tensor.params) for tensor in tensors])
    return found
