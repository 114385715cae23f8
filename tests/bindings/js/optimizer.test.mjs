// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { libopt } from './loaded.mjs';

const { Adam, AdamW, doubles, floats, Optimizer, Sgd } = libopt;

// An optimizer with one tensor, whose gradient is given.
function trained(Class, options, gradient) {
  const param = floats(gradient.length);
  const grad = floats(gradient);
  const optimizer = new Class(options);
  const tensor = optimizer.attach('w', param, grad);
  return { param, grad, optimizer, tensor };
}

test('each rule and alias has a class, which makes an optimizer of it', () => {
  for (const { name, rule, class_name } of
      [...libopt.rules(), ...libopt.aliases()]) {
    const Class = libopt[class_name] ?? Object.values(libopt).find(
      (one) => one.prototype instanceof Optimizer &&
        one.name.toLowerCase() === name.replaceAll('_', ''));
    assert.equal(new Class().rule, rule ?? name);
  }
});

test('options are numbers, switches and choices, and are read as they are set', () => {
  const group = new Adam({ lr: 0.5, amsgrad: 'raw', maximize: true }).groups[0];
  assert.equal(group.get('lr'), 0.5);
  assert.equal(group.get('amsgrad'), 'raw');
  assert.equal(group.get('maximize'), true);
  assert.equal(group.set('amsgrad', true).get('amsgrad'), 'raw');
  assert.equal(group.set({ weight_decay: 0.25 }).get('weightDecay'), 0.25);
  assert.equal(group.options.epsPlacement, 'inside');
});

test('a preset comes before the options that are given', () => {
  const { options } = new Adam({ eps: 1, preset: 'pytorch' }).groups[0];
  assert.equal(options.epsPlacement, 'outside');
  assert.equal(options.eps, 1);
  const [group] = new Adam().groups;
  assert.equal(group.setPreset('pytorch').get('epsPlacement'), 'outside');
});

test('of several options all are set or none', () => {
  const { allGroups } = new Adam({ lr: 0.5 });
  assert.throws(() => allGroups.set({ lr: 0.25, beta1: 2 }), {
    status: 'VALUE',
  });
  assert.equal(allGroups.get('lr'), 0.5);
});

test('groups have values of their own', () => {
  const optimizer = new AdamW({ lr: 1, weightDecay: 0.5 });
  const biases = optimizer.addGroup({ weightDecay: 0 });
  const tensor = optimizer.attach('b', floats(1), floats(1), { group: biases });
  assert.equal(biases.get('weightDecay'), 0);
  assert.equal(biases.get('lr'), 1);
  assert.equal(tensor.group.index, 1);
  [tensor.group] = optimizer.groups;
  assert.equal(tensor.group.index, 0);
  assert.deepEqual(optimizer.groups.map(({ index }) => index), [0, 1]);
});

test('a tensor tells its name, shape and types, and is found by its name', () => {
  const optimizer = new Sgd();
  const tensor = optimizer.attach('Größe', doubles(6), floats(6), {
    shape: [2, 3],
  });
  assert.equal(tensor.name, 'Größe');
  assert.deepEqual(tensor.shape, [2, 3]);
  assert.equal(tensor.count, 6);
  assert.equal(tensor.paramDtype, 'f64');
  assert.equal(tensor.gradDtype, 'f32');
  assert.equal(optimizer.findTensor('Größe'), tensor);
  assert.deepEqual(optimizer.tensors, [tensor]);
});

test('a step follows the formula, and zeroes the gradient if asked', () => {
  const { param, grad, optimizer, tensor } =
    trained(Sgd, { lr: 0.5, momentum: 0.5 }, [1, -2]);
  optimizer.step();
  assert.deepEqual([...param], [-0.5, 1]);
  optimizer.step({ zeroGrads: true });
  assert.deepEqual([...param], [-1.25, 2.5]);
  assert.deepEqual([...grad], [0, 0]);
  assert.equal(tensor.step, 2);
  assert.equal(optimizer.info.steps, 2);
});

test('arrays of JavaScript are lent to one call and come back changed', () => {
  const optimizer = new Sgd({ lr: 1 });
  const lent = optimizer.attach('w', 2);
  const param = Float32Array.of(1, 2);
  const grad = Float32Array.of(1, 1);
  optimizer.step({ lent: { tensor: lent, param, grad }, zeroGrads: true });
  assert.deepEqual([...param], [0, 1]);
  assert.deepEqual([...grad], [0, 0]);
  const inside = floats([5, 5]);
  optimizer.step({ lent: [{ tensor: lent, param: inside, grad: param }] });
  assert.deepEqual([...inside], [5, 4]);
  assert.throws(() => optimizer.step(
    { lent: { tensor: lent, grad } }), { status: 'STATE' });
});

test('gradients are clipped, accumulated and reported', () => {
  const { param, grad, optimizer } = trained(Sgd, { lr: 1 }, [3, 4]);
  const report = optimizer.step({ work: { maxNorm: 1 }, reports: true });
  assert.equal(report.norm, 5);
  assert.ok(Math.abs(param.view[0] + 0.6) < 1e-6);
  assert.equal(report.nonfiniteTensor, null);
  assert.deepEqual(report.groupNorms, [5]);
  param.fill(0);
  optimizer.accumulate(2);
  grad.set([1, 0]);
  optimizer.accumulate(2);
  assert.equal(optimizer.info.pendingSamples, 4);
  optimizer.step();
  assert.deepEqual([...param], [-1, -1]);
  optimizer.accumulate();
  optimizer.discard();
  assert.equal(optimizer.info.pendingSamples, 0);
});

test('the norm is measured, and gradients are clipped, without a step', () => {
  const { grad, optimizer } = trained(Sgd, {}, [3, -4]);
  assert.equal(optimizer.gradNorm().norm, 5);
  assert.equal(optimizer.gradNorm({ work: { norm: 'inf' } }).norm, 4);
  optimizer.clipGrads({ maxValue: 2 });
  assert.deepEqual([...grad], [2, -2]);
  optimizer.zeroGrads();
  assert.deepEqual([...grad], [0, 0]);
});

test('Inf and NaN are skipped, or an error that changes nothing', () => {
  const { param, optimizer, tensor } = trained(Sgd, {}, [1, Infinity]);
  assert.throws(() => optimizer.step({ work: { nonfinite: 'error' } }),
    { name: 'OptNonfiniteError', status: 'NONFINITE' });
  const report = optimizer.step({
    work: { nonfinite: 'skip' }, reports: true,
  });
  assert.ok(report.isSkipped);
  assert.equal(report.nonfiniteTensor, tensor);
  assert.equal(optimizer.info.skipped, 1);
  assert.deepEqual([...param], [0, 0]);
});

test('the loss scaler unscales, backs off and stops', () => {
  const { param, grad, optimizer } = trained(Sgd, { lr: 1 }, [8]);
  assert.equal(optimizer.scaler, null);
  optimizer.startScaler({ initialScale: 8 });
  optimizer.step();
  assert.deepEqual([...param], [-1]);
  grad.fill(NaN);
  optimizer.step();
  assert.equal(optimizer.scaler.scale, 4);
  assert.equal(optimizer.scaler.skipped, 1);
  optimizer.setScale(32);
  assert.equal(optimizer.scaler.scale, 32);
  optimizer.stopScaler();
  assert.equal(optimizer.scaler, null);
});

test('averages are kept, read, and exchanged with the parameters', () => {
  const { param, optimizer, tensor } = trained(Sgd, { lr: 1 }, [1]);
  assert.equal(optimizer.average, null);
  optimizer.startAverage({ kind: 'swa' });
  optimizer.step();
  optimizer.step();
  assert.deepEqual([...tensor.readEvalWeights()], [-1.5]);
  assert.deepEqual([...tensor.viewState('param_average')], [-1.5]);
  optimizer.swapEvalWeights();
  assert.ok(optimizer.isSwapped);
  assert.deepEqual([...param], [-1.5]);
  assert.throws(() => optimizer.step(), { name: 'OptStateError' });
  optimizer.swapEvalWeights();
  assert.deepEqual([...param], [-2]);
  assert.equal(optimizer.average.updates, 2);
  optimizer.stopAverage();
});

test('state is viewed, copied and set', () => {
  const { optimizer, tensor } = trained(Sgd, { momentum: 0.5 }, [1, 2]);
  optimizer.step();
  assert.deepEqual([...tensor.getState('momentum_buffer')], [1, 2]);
  tensor.setState('momentum_buffer', [3, 4]);
  assert.deepEqual([...tensor.viewState('momentum_buffer')], [3, 4]);
  assert.throws(() => tensor.setState('momentum_buffer', [1]),
    { status: 'ARGUMENT' });
  tensor.step = 7;
  assert.equal(tensor.step, 7);
});

test('attributes of a tensor act, and a frozen one stays', () => {
  const { param, optimizer, tensor } = trained(Sgd, { lr: 1 }, [1]);
  tensor.set('lrFactor', 0.5);
  optimizer.step();
  tensor.set('frozen', true);
  optimizer.step();
  assert.deepEqual([...param], [-0.5]);
  assert.equal(tensor.get('frozen'), true);
  assert.equal(tensor.get('lrFactor'), 0.5);
});

test('a clone goes on to the same bytes with arrays of its own', () => {
  const { param, optimizer } = trained(Adam, { lr: 0.1 }, [1, -3]);
  optimizer.step();
  const copy = optimizer.clone();
  assert.ok(copy instanceof Adam);
  const own = floats(param);
  copy.tensors[0].bind(own, floats([1, -3]));
  optimizer.step();
  copy.step();
  assert.deepEqual([...own], [...param]);
  assert.throws(() => own.free(), { name: 'OptStateError' });
  copy.close();
  own.free();
});

test('the bytes of state are told before anything is attached', () => {
  const optimizer = new Adam();
  assert.equal(optimizer.stateBytes({ count: 1000 }), 8000);
  assert.equal(optimizer.stateBytes([{ shape: [2, 3] }, { count: 1 }]), 56);
  assert.equal(optimizer.info.tensorCount, 0);
});

test('closing ends all use, and closing again does nothing', () => {
  const { param, optimizer, tensor } = trained(Adam, {}, [1]);
  optimizer.close();
  optimizer.close();
  for (const use of [() => optimizer.step(), () => tensor.step,
    () => optimizer.allGroups.get('lr'), () => optimizer.saveToBytes()]) {
    assert.throws(use, {
      name: 'OptStateError', status: 'HANDLE',
      message: 'the optimizer has been closed',
    });
  }
  param.free();
});

test('slices give the bytes of one step', () => {
  const optimizers = [new AdamW(), new AdamW()];
  const tensors = optimizers.map((optimizer) => [1, 2, 3].map((i) =>
    optimizer.attach(`t${i}`, floats([i, 1]), floats([3, i]))));
  for (let step = 0; step < 3; ++step) {
    const options = { work: { maxNorm: 1 }, reports: true };
    const [sliced, whole] = optimizers;
    const report = sliced.beginStep(options);
    assert.equal(sliced.info.remaining, 3);
    assert.equal(sliced.stepSlice([tensors[0][2]]), 2);
    sliced.stepRemaining();
    assert.equal(sliced.info.remaining, 0);
    assert.equal(report.norm, whole.step(options).norm);
  }
  const [sliced, whole] =
    optimizers.map((one) => one.saveToBytes({ params: true }));
  assert.deepEqual(sliced, whole);
});

test('an open step refuses what would disturb it', () => {
  const optimizer = new AdamW();
  const [a, b] = ['a', 'b'].map((name) =>
    optimizer.attach(name, floats([1]), floats([1])));
  optimizer.beginStep();
  optimizer.stepSlice([a]);
  assert.throws(() => optimizer.step(),
    /'b' \(index 1\) has not had a turn.*Optimizer.abandonStep/);
  assert.throws(() => optimizer.stepSlice([b, a]), /'a' \(index 0\)/);
  optimizer.abandonStep();
  assert.equal(optimizer.info.steps, 1);
  assert.equal(b.step, 0);
});
