// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The commands that ../README.md asks for: main.mjs replay|relay|slots ...

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { libopt } from './loaded.mjs';

function readInput(path) {
  const bytes = readFileSync(path);
  const data = bytes.buffer.slice(bytes.byteOffset,
    bytes.byteOffset + bytes.byteLength);
  const [tensors, steps] = Array.from(new BigInt64Array(data, 0, 2), Number);
  const counts = Array.from(new BigInt64Array(data, 16, tensors), Number);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const floats = new Float32Array(data, 16 + 8 * tensors);
  // The numbers of tensor i; of step -1 they are its parameters.
  const numbers = (step, i) => {
    const begin = (step + 1) * total +
      counts.slice(0, i).reduce((sum, count) => sum + count, 0);
    return floats.subarray(begin, begin + counts[i]);
  };
  return { steps, counts, numbers };
}

// Arrays that the optimizer keeps, one file for each run.
function replay(input, directory) {
  for (const { name, presets } of libopt.rules()) {
    for (const preset of presets) {
      for (const dtype of ['f32', 'f64']) {
        const path = join(directory, `${name}-${preset.name}-${dtype}`);
        replayRun(input, name, preset.name, dtype, path);
      }
    }
  }
}

function replayRun(input, rule, preset, dtype, path) {
  const make = dtype === 'f64' ? libopt.doubles : libopt.floats;
  const optimizer = new libopt.Optimizer(rule, { preset });
  const params = input.counts.map((_, i) => make(input.numbers(-1, i)));
  const grads = input.counts.map((count) => make(count));
  optimizer.attach(params.map((param, i) => ({ param, grad: grads[i] })));
  for (let step = 0; step < input.steps; ++step) {
    grads.forEach((grad, i) => grad.set(input.numbers(step, i)));
    optimizer.step();
  }
  optimizer.close();
  writeFileSync(path, Buffer.concat(params.map(({ view }) =>
    Buffer.from(view.buffer, view.byteOffset, view.byteLength))));
  for (const array of [...params, ...grads]) array.free();
}

// Arrays of JavaScript's own, which are lent to each call.
function relay(input, from, to, first, steps, rule) {
  const optimizer = new libopt.Optimizer(rule);
  const second = optimizer.addGroup();
  if (from === '-') second.set('lr', 0.01);
  const lent = input.counts.map((count, i) => {
    const Type = i % 2 === 0 ? Float32Array : Float64Array;
    const tensor = optimizer.attach(`Größe.${i}`, count, {
      shape: count % 2 === 0 ? [2, count / 2] : [1, count],
      group: optimizer.groups[i % 2],
      paramDtype: i % 2 === 0 ? 'f32' : 'f64',
    });
    return { tensor, param: Type.from(input.numbers(-1, i)), grad: null };
  });
  if (from !== '-') {
    const checkpoint = libopt.Checkpoint.open(readFileSync(from));
    if (checkpoint.read('step')[0] !== BigInt(first)) {
      throw new Error(`${from}: made after another step`);
    }
    optimizer.load(checkpoint, { params: true, lent });
    checkpoint.close();
  }
  for (let step = first; step < first + steps; ++step) {
    lent.forEach((one, i) => {
      one.grad = one.param.constructor.from(input.numbers(step, i));
    });
    optimizer.step({ lent });
  }
  writeFileSync(to, optimizer.saveToBytes({
    params: true, lent, entries: { step: BigInt(first + steps) },
  }));
}

// The number of elements of a slot; -1 if the tensor has no such slot.
function elementsOf(tensor, slot) {
  try {
    return tensor.viewState(slot).length;
  } catch (error) {
    if (error.status !== 'NAME') throw error;
    return -1;
  }
}

function slots(file) {
  const lines = [];
  for (const rule of libopt.rules()) {
    const optimizer = new libopt.Optimizer(rule.name);
    const tensor = optimizer.attach('w', 3000, { shape: [2, 3, 500] });
    for (const slot of rule.slots) {
      if (slot.when_option !== null) continue;
      const elements = elementsOf(tensor, slot.name);
      if (elements < 0) continue;
      const dtype = slot.dtype === 'f64' ? 'f64' : 'f32';
      lines.push([rule.name, slot.name, slot.shape.replace('_', ''), dtype,
        elements].join(' '));
    }
    optimizer.close();
  }
  writeFileSync(file, `${lines.join('\n')}\n`);
}

const [command, ...args] = process.argv.slice(2);
const input = readInput(args[0]);
if (command === 'replay') {
  replay(input, args[1]);
} else if (command === 'slots') {
  slots(args[1]);
} else {
  const [from, to, first, steps, rule] = args.slice(1);
  relay(input, from, to, Number(first), Number(steps), rule);
}
