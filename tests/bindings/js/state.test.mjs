// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { libopt } from './loaded.mjs';

const { Adam, Checkpoint, floats, Sgd } = libopt;

function begin(options) {
  const param = floats([1, 2, 3]);
  const optimizer = new Adam(options);
  optimizer.attach('w', param, floats([1, -1, 2]));
  return { param, optimizer };
}

test('a run goes on from a checkpoint to the same bytes', () => {
  const first = begin({ lr: 0.1 });
  first.optimizer.step();
  const bytes = first.optimizer.saveToBytes({ params: true });
  const second = begin();
  assert.deepEqual(second.optimizer.load(bytes, { params: true }), []);
  assert.deepEqual([...second.param], [...first.param]);
  first.optimizer.step();
  second.optimizer.step();
  assert.deepEqual(first.optimizer.saveToBytes({ params: true }),
    second.optimizer.saveToBytes({ params: true }));
  assert.equal(second.optimizer.groups[0].get('lr'), 0.1);
});

test('checkpoints are bytes of JavaScript that no growth of memory takes', () => {
  const bytes = begin().optimizer.saveToBytes();
  const array = floats(1);
  assert.ok(bytes instanceof Uint8Array);
  assert.notEqual(bytes.buffer, array.view.buffer);
});

test('entries of every type are saved and read', () => {
  const bytes = begin().optimizer.saveToBytes({
    entries: {
      epoch: 3n, loss: 0.5, note: 'Größe', raw: Uint8Array.of(1, 2),
      floats: Float32Array.of(1.5), heap: floats([2.5]),
      big: BigInt64Array.of(-1n, 2n ** 62n),
    },
  });
  const checkpoint = Checkpoint.open(bytes);
  assert.deepEqual(checkpoint.read('epoch'), BigInt64Array.of(3n));
  assert.deepEqual(checkpoint.read('loss'), Float64Array.of(0.5));
  assert.equal(new TextDecoder().decode(checkpoint.read('note')), 'Größe');
  assert.deepEqual(checkpoint.read('raw'), Uint8Array.of(1, 2));
  assert.deepEqual(checkpoint.read('floats'), Float32Array.of(1.5));
  assert.deepEqual(checkpoint.read('heap'), Float32Array.of(2.5));
  assert.deepEqual(checkpoint.read('big'), BigInt64Array.of(-1n, 2n ** 62n));
  const own = checkpoint.entries.filter(({ isOwn }) => isOwn);
  assert.equal(own.length, 7);
  checkpoint.close();
  assert.throws(() => checkpoint.entries, { status: 'HANDLE' });
});

test('a checkpoint is looked into, and loaded while it is open', () => {
  const { optimizer } = begin();
  optimizer.step();
  const checkpoint = Checkpoint.open(optimizer.saveToBytes().buffer);
  const entry = checkpoint.find('w/exp_avg');
  assert.deepEqual([entry.dtype, entry.count, entry.bytes], ['f32', 3, 12]);
  assert.deepEqual(checkpoint.read('w/exp_avg'),
    optimizer.tensors[0].getState('exp_avg'));
  const other = begin().optimizer;
  other.load(checkpoint);
  assert.equal(other.info.steps, 1);
  assert.throws(() => checkpoint.find('w/exp'), { status: 'NAME' });
});

test('a damaged checkpoint is refused and changes nothing', () => {
  const { optimizer } = begin();
  optimizer.step();
  const bytes = optimizer.saveToBytes();
  bytes[bytes.length - 9] ^= 1;
  const { optimizer: other } = begin();
  assert.throws(() => other.load(bytes),
    { name: 'OptCheckpointError', status: 'FORMAT', report: [] });
  assert.equal(other.info.steps, 0);
});

test('a checkpoint that does not fit is refused with every name', () => {
  const bytes = begin().optimizer.saveToBytes();
  const other = new Adam();
  other.attach('v', floats(3), floats(3));
  assert.throws(() => other.load(bytes), (error) => {
    assert.equal(error.name, 'OptCheckpointError');
    for (const [kind, tensor] of [['missing', 'v'], ['unexpected', 'w']]) {
      const names = error.report.filter((finding) => finding.kind === kind)
        .map(({ name }) => name);
      assert.ok(names.includes(`${tensor}/exp_avg`));
      assert.ok(names.every((name) => name.startsWith(tensor)));
    }
    return true;
  });
  const found = other.load(bytes, { allowMissing: true, allowUnexpected: true });
  assert.ok(found.some(({ name }) => name === 'v/exp_avg'));
  assert.throws(() => new Sgd().load(bytes), { status: 'MISMATCH', report: [] });
});

test('options stay if they are to, and some tensors are loaded alone', () => {
  const bytes = begin({ lr: 0.5 }).optimizer.saveToBytes();
  const { optimizer } = begin({ lr: 0.25 });
  optimizer.load(bytes, { keepOptions: true });
  assert.equal(optimizer.groups[0].get('lr'), 0.25);
  optimizer.load(bytes, { names: ['w'] });
  assert.throws(() => optimizer.load(bytes, { names: ['x'] }),
    { status: 'NAME' });
});

test('parameters that are lent are saved and loaded', () => {
  const optimizer = new Adam();
  const tensor = optimizer.attach('w', 2);
  const param = Float32Array.of(1, 2);
  const bytes = optimizer.saveToBytes({
    params: true, lent: { tensor, param },
  });
  param.fill(0);
  optimizer.load(bytes, { params: true, lent: { tensor, param } });
  assert.deepEqual(param, Float32Array.of(1, 2));
});
