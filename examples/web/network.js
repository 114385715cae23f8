// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// A fully connected network of tanh units with one output, the logit of the
// second class; its weights are in libopt's memory.

import { floats } from 'libopt';

/** The same numbers in every run, from 0 to 1 (Marsaglia's xorshift). */
export function randomNumbers(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Points of two spirals, which wind around each other, and their classes. */
export function spirals(count, random) {
  const points = [];
  for (let i = 0; i < count; ++i) {
    const label = i % 2;
    const way = Math.sqrt((i + 1) / count);
    const angle = way * 2.2 * Math.PI + label * Math.PI;
    points.push({
      label,
      input: [way * Math.cos(angle) + 0.05 * (random() - 0.5),
        way * Math.sin(angle) + 0.05 * (random() - 0.5)],
    });
  }
  return points;
}

export class Network {
  #layers = [];

  /** @param {number[]} sizes of the layers, from the inputs to the output */
  constructor(sizes, random) {
    for (let i = 1; i < sizes.length; ++i) {
      const inputs = sizes[i - 1];
      const outputs = sizes[i];
      const scale = Math.sqrt(6 / (inputs + outputs));
      const weight = floats(Array.from({ length: inputs * outputs },
        () => scale * (2 * random() - 1)));
      this.#layers.push({
        inputs, outputs, weight, bias: floats(outputs),
        weightGrad: floats(inputs * outputs), biasGrad: floats(outputs),
        // Of the point at work: what goes in, and the slope of the loss there.
        input: new Float32Array(inputs), inputGrad: new Float32Array(inputs),
      });
    }
  }

  /** The arrays that an optimizer attaches. */
  get tensors() {
    return this.#layers.flatMap((layer, i) => [
      {
        name: `${i}.weight`, param: layer.weight, grad: layer.weightGrad,
        shape: [layer.outputs, layer.inputs],
      },
      { name: `${i}.bias`, param: layer.bias, grad: layer.biasGrad },
    ]);
  }

  /** The mean loss over the points; its gradient is added to the tensors'. */
  addGradient(points) {
    let loss = 0;
    for (const { input, label } of points) {
      const logit = this.#forward(input);
      const probability = 1 / (1 + Math.exp(-logit));
      // Without overflow: log(1 + exp(z)) = max(z, 0) + log(1 + exp(-|z|)).
      loss += Math.max(logit, 0) - logit * label +
        Math.log1p(Math.exp(-Math.abs(logit)));
      this.#backward([(probability - label) / points.length]);
    }
    return loss / points.length;
  }

  #forward(point) {
    let values = point;
    this.#layers.forEach((layer, l) => {
      layer.input.set(values);
      const weight = layer.weight.view;
      const outputs = Array.from(layer.bias);
      for (let i = 0; i < layer.outputs; ++i) {
        for (let j = 0; j < layer.inputs; ++j) {
          outputs[i] += weight[i * layer.inputs + j] * layer.input[j];
        }
      }
      const isLast = l === this.#layers.length - 1;
      values = isLast ? outputs : outputs.map(Math.tanh);
    });
    return values[0];
  }

  // `slopes`: the derivatives of the loss with respect to the outputs.
  #backward(slopes) {
    for (const layer of [...this.#layers].reverse()) {
      const weight = layer.weight.view;
      const weightGrad = layer.weightGrad.view;
      const biasGrad = layer.biasGrad.view;
      layer.inputGrad.fill(0);
      for (let i = 0; i < layer.outputs; ++i) {
        biasGrad[i] += slopes[i];
        for (let j = 0; j < layer.inputs; ++j) {
          weightGrad[i * layer.inputs + j] += slopes[i] * layer.input[j];
          layer.inputGrad[j] += slopes[i] * weight[i * layer.inputs + j];
        }
      }
      // Through tanh, whose outputs are this layer's inputs.
      slopes = layer.inputGrad.map((slope, j) =>
        slope * (1 - layer.input[j] ** 2));
    }
  }
}
