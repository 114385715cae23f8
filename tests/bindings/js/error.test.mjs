// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { libopt } from './loaded.mjs';

const { Adam, floats, Sgd } = libopt;
const { translated } = await import(pathToFileURL(
  join(process.env.LIBOPT_PACKAGE, 'messages.js')));

test('messages of the library are in the words of the package', () => {
  assert.equal(translated('call opt_step first'), 'call Optimizer.step first');
  assert.equal(translated('opt_grad_work.max_norm is -inf'),
    'GradientWork.maxNorm is -Infinity');
  assert.equal(translated("NULL or nan in 'opt_step NULL'"),
    "null or NaN in 'opt_step NULL'");
  assert.equal(translated("tensor's opt_step of a file a/opt_step"),
    "tensor's Optimizer.step of a file a/opt_step");
});

test('an error tells its kind, and is an Error', () => {
  const optimizer = new Sgd();
  assert.throws(() => optimizer.groups[0].set('learnRate', 1), (error) => {
    assert.ok(error instanceof Error);
    assert.ok(error instanceof libopt.OptError);
    assert.ok(error instanceof libopt.OptArgumentError);
    assert.equal(error.status, 'NAME');
    assert.match(error.message, /no option 'learn_rate'; did you mean 'lr'/);
    assert.match(error.stack, /^OptArgumentError: /);
    return true;
  });
});

// Mistakes with what they are told as.
const mistakes = [
  ['a name that is taken', (o) => o.attach('w', floats(1)), 'NAME'],
  ['memory that overlaps', (o) => {
    const shared = floats(3);
    o.attach([{ param: shared.subarray(0, 2), grad: floats(2) },
      { param: shared.subarray(1, 3), grad: floats(2) }]);
  }, 'OVERLAP'],
  ['a gradient of another length',
    (o) => o.attach('x', floats(2), floats(3)), 'ARGUMENT'],
  ['a shape that does not fit',
    (o) => o.attach('x', floats(2), null, { shape: [3] }), 'ARGUMENT'],
  ['a group of another optimizer',
    (o) => o.attach('x', floats(1), null, { group: new Sgd().groups[0] }),
    'ARGUMENT'],
  ['a tensor of another optimizer', (o) => o.step({
    lent: { tensor: new Sgd().attach('y', 1), grad: new Float32Array(1) },
  }), 'ARGUMENT'],
  ['a tensor that is lent twice', (o) => o.step({
    lent: [{ tensor: o.tensors[0] }, { tensor: o.tensors[0] }],
  }), 'ARGUMENT'],
  ['an array of another type that is lent', (o) => o.step({
    lent: { tensor: o.tensors[0], grad: new Float64Array(2) },
  }), 'DTYPE'],
  ['a rule that there is not', () => new libopt.Optimizer('adm'), 'NAME'],
  ['a preset that there is not', () => new Adam({ preset: 'torch' }), 'NAME'],
  ['a value out of range', () => new Adam({ beta1: 1 }), 'VALUE'],
  ['a choice that there is not', () => new Adam({ amsgrad: 'on' }), 'VALUE'],
  ['state that tensors lack',
    (o) => o.allGroups.set({ momentum: 0.9 }), 'STATE'],
  ['a slot that there is not', (o) => o.tensors[0].getState('m'), 'NAME'],
  ['a tensor that was detached', (o) => {
    const [tensor] = o.tensors;
    tensor.detach();
    tensor.bind(floats(2));
  }, 'STATE'],
];
for (const [what, mistake, status] of mistakes) {
  test(`${what} is refused as ${status}, with a remedy`, () => {
    const optimizer = new Sgd();
    optimizer.attach('w', floats(2), floats(2));
    assert.throws(() => mistake(optimizer), (error) => {
      assert.equal(error.status, status, error.message);
      assert.doesNotMatch(error.message, /opt_|OPT_|NULL|undefined/);
      return true;
    });
  });
}

// Values of a wrong type, which the language itself has a class for.
const wrongTypes = [
  ["an array of JavaScript's own that is attached",
    (o) => o.attach('x', new Float32Array(2)), /make it by floats\(\)/],
  ['a member that options lack', (o) => o.step({ zeroGrad: true }),
    /no member 'zeroGrad'; it has zeroGrads/],
  ['a text for a number', () => new Adam({ lr: 'small' }), /'lr' is a number/],
  ['a name that is none', (o) => o.attach(7, floats(1)), /a name is a string/],
  ['an entry of no known type',
    (o) => o.saveToBytes({ entries: { x: [1] } }), /the entry 'x' is a number/],
  ['bytes that are none', (o) => o.load('file'), /a checkpoint is a Uint8Array/],
  ['a tensor without an array and a count', (o) => o.attach({ name: 'x' }),
    /an array or a count/],
];
for (const [what, mistake, message] of wrongTypes) {
  test(`${what} is a TypeError that tells what to do`, () => {
    const optimizer = new Sgd();
    assert.throws(() => mistake(optimizer), { name: 'TypeError', message });
  });
}

test('before the library is loaded, every call says so', async () => {
  const url = pathToFileURL(join(process.env.LIBOPT_PACKAGE, 'native.js'));
  const fresh = await import(`${url}?again`);
  assert.equal(fresh.isLoaded(), false);
  assert.throws(() => fresh.memory(), {
    status: 'STATE', message: 'libopt is not loaded: await load() first',
  });
  await assert.rejects(fresh.load(new Uint8Array(8)), WebAssembly.CompileError);
  await fresh.load();
  assert.equal(fresh.isLoaded(), true);
});
