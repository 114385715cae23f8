#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Softmax regression on Fashion-MNIST with NumPy arrays and libopt's AdamW.

usage: softmax.py [directory of the data]
"""

import gzip
import os
import sys

import libopt
import numpy as np

DATA = '/usr/share/datasets/fashion-mnist'
CLASSES, BATCH, EPOCHS = 10, 100, 4


def read(directory, name, header):
    """The bytes of an idx file after its header of `header` numbers."""
    with gzip.open(os.path.join(directory, name)) as file:
        return np.frombuffer(file.read(), np.uint8, offset=4 * header)


def load(directory, part):
    """Images as rows of pixels in 0..1, and their labels."""
    labels = read(directory, f'{part}-labels-idx1-ubyte.gz', 2)
    images = read(directory, f'{part}-images-idx3-ubyte.gz', 4)
    return images.reshape(len(labels), -1).astype(np.float32) / 255, labels


def probabilities(images, weight, bias):
    scores = images @ weight + bias
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def main():
    directory = sys.argv[1] if len(sys.argv) > 1 else DATA
    images, labels = load(directory, 'train')
    one_hot = np.eye(CLASSES, dtype=np.float32)[labels]
    weight = np.zeros((images.shape[1], CLASSES), np.float32)
    bias = np.zeros(CLASSES, np.float32)
    weight_grad, bias_grad = np.zeros_like(weight), np.zeros_like(bias)
    shuffle = np.random.default_rng(1)

    # Weight decay for the weights, none for the biases.
    groups = [{'params': {'weight': (weight, weight_grad)}},
              {'params': {'bias': (bias, bias_grad)}, 'weight_decay': 0}]
    with libopt.AdamW(groups, lr=1e-3) as optimizer:
        for _ in range(EPOCHS):
            order = shuffle.permutation(len(images))
            for batch in order.reshape(-1, BATCH):
                error = probabilities(images[batch], weight, bias)
                error -= one_hot[batch]
                np.matmul(images[batch].T, error / BATCH, out=weight_grad)
                np.mean(error, axis=0, out=bias_grad)
                optimizer.step()

    images, labels = load(directory, 't10k')
    right = probabilities(images, weight, bias).argmax(axis=1) == labels
    print(f'test accuracy: {100 * right.mean():.1f} %')


main()
