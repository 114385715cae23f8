#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""The trainer computes what its documentation says: the same network and
gradient descent, written again in float64 with NumPy, give the same losses.

usage: oracle.py <train>
"""

import math

import numpy as np
import tap
import tiny

IMAGES, TESTS, HIDDEN = 160, 500, 128
SEED, LR, EPOCHS, CLIP = 7, 0.02, 3, 3
MASK = (1 << 64) - 1

train = tiny.Trainer(train=IMAGES, test=TESTS)


class Random:
    """SplitMix64."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9e3779b97f4a7c15) & MASK
        z = self.state
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9 & MASK
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb & MASK
        return z ^ (z >> 31)

    def uniform(self, bound, *shape):
        values = [bound * ((self.next() >> 11) * 2.0**-52 - 1)
                  for _ in range(math.prod(shape))]
        return np.array(values).reshape(shape)

    def shuffle(self, order):
        for i in range(len(order) - 1, 0, -1):
            j = self.next() % (i + 1)
            order[i], order[j] = order[j], order[i]


def load(part, count):
    content = tiny.files(train=IMAGES, test=TESTS)
    pixels = np.frombuffer(content[f'{part}-images-idx3-ubyte.gz'][16:],
                           np.uint8).reshape(count, 784)
    labels = np.frombuffer(content[f'{part}-labels-idx1-ubyte.gz'][8:],
                           np.uint8)
    return (pixels / 255 - 0.286) / 0.353, labels


def gradient(weights, x, labels):
    """The mean loss of a batch, and its gradients."""
    w1, b1, w2, b2 = weights
    rows = np.arange(len(x))
    h = np.maximum(x @ w1 + b1, 0)
    logits = h @ w2.T + b2
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[rows, labels]).mean()
    p[rows, labels] -= 1
    dz = p / len(x)
    dh = (dz @ w2) * (h > 0)
    return loss, (x.T @ dh, dh.sum(axis=0), dz.T @ h, dz.sum(axis=0))


def accuracy(weights):
    """In percent, on the test images."""
    w1, b1, w2, b2 = weights
    x, labels = load('t10k', TESTS)
    logits = np.maximum(x @ w1 + b1, 0) @ w2.T + b2
    return 100 * (logits.argmax(axis=1) == labels).mean()


def clip(grads, norms):
    """To the norm CLIP over all; the norm before is added to `norms`."""
    norms.append(math.sqrt(sum((grad**2).sum() for grad in grads)))
    return [grad * min(1, CLIP / (norms[-1] + 1e-6)) for grad in grads]


def average(averages, weights, updates, most):
    """With a decay of at most `most`, which is 2 / 11 at first."""
    if updates == 0:
        return [weight.copy() for weight in weights]
    decay = min(most, (1 + updates) / (10 + updates))
    return [decay * a + (1 - decay) * w for a, w in zip(averages, weights)]


def descend(batch, norms=None, decay=0.0):
    """The losses of gradient descent, batch by batch, and at the end the
    accuracies of the weights and of their averages. With a list for the norms,
    the gradients are clipped."""
    x, labels = load('train', IMAGES)
    random = Random(SEED)
    weights = []
    for bound, shape in ((math.sqrt(6 / 784), (784, HIDDEN)), (0, (HIDDEN,)),
                         (math.sqrt(3 / HIDDEN), (10, HIDDEN)), (0, (10,))):
        weights.append(random.uniform(bound, *shape))
    order, losses, averages = list(range(IMAGES)), [], None
    steps = EPOCHS * IMAGES // batch
    for _ in range(EPOCHS):
        random.shuffle(order)
        for i in range(0, IMAGES, batch):
            picked = order[i:i + batch]
            loss, grads = gradient(weights, x[picked], labels[picked])
            lr = LR * (1 - len(losses) / steps)
            if norms is not None:
                grads = clip(grads, norms)
            for weight, grad in zip(weights, grads):
                weight -= lr * grad
            averages = average(averages, weights, len(losses), decay)
            losses.append(loss)
    return losses, [accuracy(weights), accuracy(averages)]


def same(got, expected):
    return ('' if len(got) == len(expected) and
            np.allclose(got, expected, rtol=1e-4, atol=0)
            else f'{got}\n{expected}')


def losses_of(run):
    return [float(loss) for loss in train.losses(run)]


def main():
    train('--rule', 'gd,minibatch', '--batch', '32', '--lr', str(LR),
          '--epochs', str(EPOCHS), '--seed', str(SEED))
    for run, batch in (('gd', IMAGES), ('minibatch', 32)):
        tap.case(f'the losses of {run} are those of an independent oracle',
                 same(losses_of(run), descend(batch)[0]))
    for decay in 0.9, 0.3:
        result = train('--rule', 'minibatch', '--batch', '32', '--lr', str(LR),
                       '--epochs', str(EPOCHS), '--seed', str(SEED), '--clip',
                       str(CLIP), '--ema', str(decay))
        norms = []
        losses, accuracies = descend(32, norms, decay)
        row = tiny.table(result)['minibatch']
        tap.case(f'the accuracies are those of the weights and of their averages,'
                 f' with {decay}',
                 same([float(row[-6]), float(row[-4])], accuracies) or
                 ('' if accuracies[0] != accuracies[1] else 'the same'))
    tap.case('with clipped gradients, the losses are those of the oracle as well',
             same(losses_of('minibatch'), losses))
    clipped = sum(norm > CLIP for norm in norms)
    tap.case('the table shows the clipped steps and the largest norm',
             tiny.differences(row[-2:], [str(clipped), f'{max(norms):.3g}']) or
             ('' if 0 < clipped < len(norms) else f'{clipped} steps'))
    tap.finish()


main()
