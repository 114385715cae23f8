// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { libopt } from './loaded.mjs';

const { Adam, doubles, floats, Sgd } = libopt;

// Makes the library's memory grow; returns what did.
function growMemory() {
  const before = floats(1).view.buffer;
  const made = [];
  do {
    made.push(floats(1 << 20));
  } while (floats(1).view.buffer === before);
  return made;
}

test('an array begins as zeros, or as a copy of values', () => {
  assert.deepEqual([...floats(3)], [0, 0, 0]);
  assert.deepEqual([...doubles([1, 2.5])], [1, 2.5]);
  assert.deepEqual([...floats(new Set([4, 5]))], [4, 5]);
  assert.deepEqual([...doubles(floats([0.5]))], [0.5]);
  assert.equal(floats(0).view.length, 0);
});

test('views see the elements, and one view serves until the memory grows', () => {
  const array = floats(2);
  assert.ok(array.view instanceof Float32Array);
  assert.ok(doubles(1).view instanceof Float64Array);
  array.view[1] = 7;
  assert.deepEqual([...array], [0, 7]);
  assert.equal(array.view, array.view);
});

test('after the memory has grown, old views are empty and new ones are not', () => {
  const array = floats([1, 2, 3]);
  const old = array.view;
  growMemory().forEach((made) => made.free());
  assert.equal(old.length, 0);
  assert.deepEqual([...array.view], [1, 2, 3]);
});

test('a view from before the memory grew is refused when it is lent', () => {
  const old = floats(2).view;
  growMemory();
  const optimizer = new Sgd();
  const tensor = optimizer.attach('w', 2);
  assert.throws(() => optimizer.step({ lent: { tensor, param: old } }),
    { status: 'STATE', message: /take `view` again/ });
});

test('views may be lent beside arrays that are copied, whatever grows', () => {
  const optimizer = new Sgd({ lr: 1 });
  const count = 1 << 22;
  const [first, second] = ['a', 'b'].map((name) =>
    optimizer.attach(name, name === 'a' ? count : 2));
  const inside = floats([1, 2]);
  optimizer.step({
    lent: [
      {
        tensor: first,
        param: new Float32Array(count),
        grad: new Float32Array(count),
      },
      { tensor: second, param: inside.view, grad: Float32Array.of(1, 1) },
    ],
  });
  assert.deepEqual([...inside], [0, 1]);
});

test('training goes on to the same bytes when the memory grows', () => {
  const train = (between) => {
    const param = floats([1, -2, 3]);
    const grad = floats(3);
    const optimizer = new Adam({ lr: 0.1 });
    optimizer.attach('w', param, grad);
    for (let step = 0; step < 10; ++step) {
      if (step === 5) between();
      param.view.forEach((value, i) => {
        grad.view[i] = value;
      });
      optimizer.step();
    }
    return [...param];
  };
  assert.deepEqual(train(growMemory), train(() => {}));
});

test('steps do not make the memory grow, nor do they take any', () => {
  const param = floats(1000);
  const optimizer = new Sgd({ lr: 1 });
  optimizer.attach('w', param, floats(1000));
  const { view } = param;
  for (let step = 0; step < 1000; ++step) {
    optimizer.step({ zeroGrads: true, work: { maxNorm: 1 } });
  }
  assert.equal(param.view, view);
});

test('parts of an array share its memory', () => {
  const whole = floats(6);
  const part = whole.subarray(2, 5);
  part.fill(1);
  part.subarray(1).set([8, 9]);
  assert.deepEqual([...whole], [0, 0, 1, 8, 9, 0]);
  assert.throws(() => whole.subarray(4, 7), { name: 'OptArgumentError' });
});

test('one array may hold the parameters of several tensors', () => {
  const params = floats([1, 2, 3, 4]);
  const grads = floats([1, 1, 1, 1]);
  const optimizer = new Sgd({ lr: 1 });
  optimizer.attach([0, 2].map((begin) => ({
    param: params.subarray(begin, begin + 2),
    grad: grads.subarray(begin, begin + 2),
  })));
  optimizer.step();
  assert.deepEqual([...params], [0, 1, 2, 3]);
});

test('an array that is attached cannot be freed before it is let go of', () => {
  const param = floats(2);
  const optimizer = new Sgd();
  const tensor = optimizer.attach('w', param, floats(2));
  assert.throws(() => param.free(), {
    name: 'OptStateError', message: /attached to an optimizer/,
  });
  tensor.detach();
  param.free();
  param.free();
  assert.throws(() => param.view, { message: 'the array has been freed' });
});

test('memory that was freed is used again', () => {
  const sizeOf = () => floats(1).view.buffer.byteLength;
  floats(1 << 22).free();
  const size = sizeOf();
  for (let i = 0; i < 100; ++i) floats(1 << 22).free();
  assert.equal(sizeOf(), size);
});

// Runs the collector, and what it leaves to be done.
async function collect() {
  globalThis.gc();
  await new Promise(setImmediate);
}

test('arrays that nobody has any more are freed, those of a view are not',
  async () => {
    const { view } = floats([1, 2, 3]);
    await collect();
    const size = () => floats(1).view.buffer.byteLength;
    const before = size();
    for (let i = 0; i < 100; ++i) {
      floats(1 << 20).fill(7);
      await collect();
    }
    assert.ok(size() - before < 50 << 20);
    if (view.length > 0) assert.deepEqual([...view], [1, 2, 3]);
  });

test('an optimizer that nobody has any more lets go of its arrays', async () => {
  const param = floats(1);
  (() => new Sgd().attach('w', param, floats(1)))();
  for (let i = 0; i < 10; ++i) await collect();
  param.free();
});

test('an array is refused whose length is no number of elements', () => {
  for (const length of [-1, 0.5, NaN]) {
    assert.throws(() => floats(length), { name: 'OptArgumentError' });
  }
  assert.throws(() => floats(2 ** 40), { status: 'MEMORY' });
});
