// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Softmax regression on Fashion-MNIST with libopt's AdamW.
//
// usage: softmax.mjs [directory of the data]

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { load, AdamW, floats } from 'libopt';

const DATA = '/usr/share/datasets/fashion-mnist';
const PIXELS = 784, CLASSES = 10, BATCH = 100, EPOCHS = 4;

// The bytes of an idx file after its header of `header` numbers.
function read(directory, name, header) {
  return gunzipSync(readFileSync(`${directory}/${name}`)).subarray(4 * header);
}

function loadData(directory, part) {
  return {
    images: read(directory, `${part}-images-idx3-ubyte.gz`, 4),
    labels: read(directory, `${part}-labels-idx1-ubyte.gz`, 2),
  };
}

// The image's pixels in 0..1, in `pixels`.
function pixelsOf(images, i, pixels) {
  for (let j = 0; j < PIXELS; ++j) pixels[j] = images[i * PIXELS + j] / 255;
}

// The probabilities of the classes, in `classes`.
function classify(pixels, weight, bias, classes) {
  classes.set(bias);
  for (let j = 0; j < PIXELS; ++j) {
    if (pixels[j] === 0) continue;
    for (let k = 0; k < CLASSES; ++k) {
      classes[k] += pixels[j] * weight[j * CLASSES + k];
    }
  }
  const most = Math.max(...classes);
  let sum = 0;
  for (let k = 0; k < CLASSES; ++k) {
    classes[k] = Math.exp(classes[k] - most);
    sum += classes[k];
  }
  for (let k = 0; k < CLASSES; ++k) classes[k] /= sum;
}

// The same numbers in every run (Marsaglia's xorshift).
function* numbers(state) {
  for (;;) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    yield (state >>> 0) / 2 ** 32;
  }
}

function shuffle(order, random) {
  for (let i = order.length - 1; i > 0; --i) {
    const j = Math.floor(random.next().value * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
}

function addGradients({ images, labels }, batch, weight, bias) {
  const pixels = new Float32Array(PIXELS), classes = new Float32Array(CLASSES);
  for (const i of batch) {
    pixelsOf(images, i, pixels);
    classify(pixels, weight.param.view, bias.param.view, classes);
    classes[labels[i]] -= 1;
    const weightGrad = weight.grad.view, biasGrad = bias.grad.view;
    for (let k = 0; k < CLASSES; ++k) biasGrad[k] += classes[k] / BATCH;
    for (let j = 0; j < PIXELS; ++j) {
      if (pixels[j] === 0) continue;
      for (let k = 0; k < CLASSES; ++k) {
        weightGrad[j * CLASSES + k] += pixels[j] * classes[k] / BATCH;
      }
    }
  }
}

function accuracy({ images, labels }, weight, bias) {
  const pixels = new Float32Array(PIXELS), classes = new Float32Array(CLASSES);
  let right = 0;
  for (let i = 0; i < labels.length; ++i) {
    pixelsOf(images, i, pixels);
    classify(pixels, weight.view, bias.view, classes);
    if (classes.indexOf(Math.max(...classes)) === labels[i]) ++right;
  }
  return right / labels.length;
}

await load();
const directory = process.argv[2] ?? DATA;
const data = loadData(directory, 'train');
const weight = {
  name: 'weight', param: floats(PIXELS * CLASSES), grad: floats(PIXELS * CLASSES),
};
const bias = { name: 'bias', param: floats(CLASSES), grad: floats(CLASSES) };
const optimizer = new AdamW({ lr: 1e-3 });
bias.group = optimizer.addGroup({ weightDecay: 0 }); // none for the biases
optimizer.attach([weight, bias]);

const order = Array.from(data.labels.keys());
const random = numbers(1);
for (let epoch = 0; epoch < EPOCHS; ++epoch) {
  shuffle(order, random);
  for (let i = 0; i < order.length; i += BATCH) {
    addGradients(data, order.slice(i, i + BATCH), weight, bias);
    optimizer.step({ zeroGrads: true });
  }
}
optimizer.close();
const right = accuracy(loadData(directory, 't10k'), weight.param, bias.param);
console.log(`test accuracy: ${(100 * right).toFixed(1)} %`);
