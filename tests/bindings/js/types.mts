// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Lines that compile, and lines that do not: TypeScript complains of one after
// "@ts-expect-error" that has no mistake.

import {
  Adam, AdamW, Checkpoint, doubles, Finding, floats, GradientReport, load,
  OptCheckpointError, Optimizer, rules, schedules, Sgd,
} from 'libopt';

await load();
await load(new URL('https://example.org/libopt.wasm'));

const weights = floats(6);
const view: Float32Array = weights.view;
const other: Float64Array = doubles([1, 2]).view;
const optimizer = new AdamW({ lr: 3e-4, preset: 'pytorch', amsgrad: true });
const tensor = optimizer.attach('w', weights, floats(6), { shape: [2, 3] });
const lent = optimizer.attach('lent', 4, { paramDtype: 'f64' });

const biases = optimizer.addGroup({ weightDecay: 0 });
const decay: number = biases.get('weightDecay');
const kind: 'coupled' | 'decoupled' = biases.options.weightDecayKind;
biases.set('amsgrad', 'raw').set({ beta1: 0.8 }).setPreset('keras');
tensor.group = biases;
tensor.set('frozen', true);

const warmup = new schedules.Linear({ totalIters: 20 });
warmup.andThen(20, new schedules.Cosine({ tMax: 280 }))
  .chain(new schedules.MultiStep({ milestones: [1, 2] }));
optimizer.allGroups.setSchedule('lr', warmup);

const report: GradientReport = optimizer.step({
  reports: true, zeroGrads: true, work: { maxNorm: 1, nonfinite: 'skip' },
});
optimizer.step({ lent: { tensor: lent, param: new Float64Array(4) } });
const bytes: Uint8Array = optimizer.saveToBytes({ entries: { epoch: 1n } });
const findings: Finding[] = optimizer.load(Checkpoint.open(bytes));
const copy: AdamW = optimizer.clone();
const untyped = new Optimizer('adam');
untyped.allGroups.set({ anything: 1 });
const names: string[] = rules().map(({ name }) => name);
export {
  copy, decay, findings, kind, names, other, report, view,
};
export function reported(error: OptCheckpointError) {
  return error.report.map((finding) => finding.detail);
}

// @ts-expect-error There is no such option.
new Adam({ learningRate: 1 });
// @ts-expect-error There is no such value.
new AdamW({ amsgrad: 'on' });
// @ts-expect-error The period must be given.
new schedules.Cosine();
// @ts-expect-error A preset of another rule.
new Sgd({ preset: 'timm' });
// @ts-expect-error An array of JavaScript's own cannot be attached.
optimizer.attach('x', new Float32Array(1));
// @ts-expect-error Rules have options of their own.
biases.get('momentum');
// @ts-expect-error There is no such work.
optimizer.step({ work: { clipNorm: 1 } });
