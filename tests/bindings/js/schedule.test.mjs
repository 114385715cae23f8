// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { libopt } from './loaded.mjs';

const { Schedule, schedules, Sgd } = libopt;

test('each kind has a class', () => {
  const kinds = libopt.scheduleKinds().map(({ name }) => name).sort();
  const given = {
    milestones: [1], tMax: 2, t_0: 2, totalSteps: 2, peakValue: 1,
    stepSize: 2, stepSizeUp: 2, decaySteps: 2, warmupSteps: 2,
  };
  const made = Object.values(schedules).map((Class) => {
    const name = kinds.find((kind) =>
      kind.replaceAll('_', '') === Class.name.toLowerCase());
    const { options, has_milestones } = libopt.findScheduleKind(name);
    const camel = (text) => text.replace(/_([a-z])/g,
      (_, letter) => letter.toUpperCase());
    const wanted = options.filter((one) => one.default_value === null)
      .map((one) => camel(one.name));
    if (has_milestones) wanted.push('milestones');
    return new Class(Object.fromEntries(
      wanted.map((one) => [one, given[one]]))).kind;
  });
  assert.deepEqual(made.sort(), kinds);
});

test('a schedule moves an option and leaves its base', () => {
  const optimizer = new Sgd({ lr: 0.5 });
  const cosine = new schedules.Cosine({ tMax: 2 });
  optimizer.allGroups.setSchedule('lr', cosine);
  cosine.close();
  optimizer.step();
  const [group] = optimizer.groups;
  assert.equal(group.get('lr'), 0.5);
  assert.equal(group.getScheduled('lr'), 0.25);
  assert.equal(group.copySchedule('lr').kind, 'cosine');
  optimizer.allGroups.setSchedule('lr', null);
  assert.equal(group.copySchedule('lr'), null);
  assert.equal(group.getScheduled('lr'), 0.5);
});

test('another schedule takes over, or comes on top', () => {
  const warmup = new schedules.Linear({ startFactor: 0.5, totalIters: 2 });
  warmup.andThen(2, new schedules.Exponential({ gamma: 0.5 }));
  assert.deepEqual([0, 1, 2, 3].map((step) => warmup.value(1, step)),
    [0.5, 0.75, 1, 0.5]);
  assert.deepEqual(warmup.parts.map(({ kind, begin, end }) =>
    [kind, begin, end]), [['linear', 0, 2], ['exponential', 2, Infinity]]);
  const both = new schedules.Exponential({ gamma: 0.5 });
  both.chain(new schedules.Exponential({ gamma: 0.5 }));
  assert.equal(both.value(1, 2), 1 / 16);
});

test('a schedule is awaited as any object is', async () => {
  const schedule = new schedules.Constant();
  assert.equal(await schedule, schedule);
});

test('milestones and options are set and read', () => {
  const schedule = new schedules.MultiStep({ milestones: [1, 3], gamma: 0.5 });
  assert.deepEqual(schedule.parts[0].milestones, [1, 3]);
  assert.equal(schedule.set('gamma', 0.25).get('gamma'), 0.25);
  const cycle = new schedules.OneCycle({ totalSteps: 10, anneal: 'linear' });
  assert.equal(cycle.get('anneal'), 'linear');
  assert.throws(() => schedule.setMilestones([3, 1]), { status: 'VALUE' });
});

test('a plateau hears of metrics', () => {
  const optimizer = new Sgd({ lr: 1 });
  optimizer.allGroups.setSchedule('lr',
    new schedules.Plateau({ patience: 0, factor: 0.5 }));
  optimizer.allGroups.reportMetric(1);
  optimizer.allGroups.reportMetric(2);
  assert.equal(optimizer.groups[0].getScheduled('lr'), 0.5);
});

test('what is required must be there, and what is closed is refused', () => {
  assert.throws(() => new Schedule('cosine').value(1, 0), { status: 'STATE' });
  assert.throws(() => new Schedule('cosin'), { status: 'NAME' });
  const schedule = new schedules.Constant();
  schedule.close();
  schedule.close();
  assert.throws(() => schedule.value(1, 0), { status: 'HANDLE' });
});
