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

IMAGES, TESTS, HIDDEN = 160, 10, 128
SEED, LR, EPOCHS = 7, 0.1, 3
MASK = (1 << 64) - 1


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


def load():
    content = tiny.files(train=IMAGES, test=TESTS)
    pixels = np.frombuffer(content['train-images-idx3-ubyte.gz'][16:],
                           np.uint8).reshape(IMAGES, 784)
    labels = np.frombuffer(content['train-labels-idx1-ubyte.gz'][8:], np.uint8)
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


def descend(batch):
    """The losses of gradient descent, batch by batch."""
    x, labels = load()
    random = Random(SEED)
    weights = []
    for bound, shape in ((math.sqrt(6 / 784), (784, HIDDEN)), (0, (HIDDEN,)),
                         (math.sqrt(3 / HIDDEN), (10, HIDDEN)), (0, (10,))):
        weights.append(random.uniform(bound, *shape))
    order, losses = list(range(IMAGES)), []
    steps = EPOCHS * IMAGES // batch
    for _ in range(EPOCHS):
        random.shuffle(order)
        for i in range(0, IMAGES, batch):
            picked = order[i:i + batch]
            loss, grads = gradient(weights, x[picked], labels[picked])
            lr = LR * (1 - len(losses) / steps)
            losses.append(loss)
            for weight, grad in zip(weights, grads):
                weight -= lr * grad
    return losses


def main():
    train = tiny.Trainer(train=IMAGES, test=TESTS)
    train('--rule', 'gd,minibatch', '--batch', '32', '--lr', str(LR),
          '--epochs', str(EPOCHS), '--seed', str(SEED))
    for run, batch in (('gd', IMAGES), ('minibatch', 32)):
        expected = descend(batch)
        got = [float(row['loss']) for row in train.curves()[run]]
        tap.case(f'the losses of {run} are those of an independent oracle',
                 '' if len(got) == len(expected) and
                 np.allclose(got, expected, rtol=1e-4, atol=0)
                 else f'{got}\n{expected}')
    tap.finish()


main()
