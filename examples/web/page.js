// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Trains one network with each of several rules while it draws their losses, and
// lets their paths through the valley grow at the same pace.

import { load, Optimizer } from 'libopt';

import { drawLosses, drawValley } from './draw.js';
import { Network, randomNumbers, spirals } from './network.js';
import { bestPath, height, STEPS } from './valley.js';

const SIZES = [2, 24, 24, 1];
const POINTS = 160;
const FRAME = 12; // milliseconds of training in a frame of the screen
const RULES = [
  { rule: 'momentum', lr: 1, color: '#0072b2' },
  { rule: 'gd', lr: 1, color: '#56b4e9' },
  { rule: 'rmsprop', lr: 0.003, color: '#e69f00' },
  { rule: 'adam', lr: 0.02, color: '#d55e00' },
  { rule: 'lion', lr: 0.002, color: '#009e73' },
  { rule: 'adan', lr: 0.05, color: '#cc79a7' },
];

const element = (id) => document.getElementById(id);
const points = spirals(POINTS, randomNumbers(7));

let runs = [];
let isRunning = true;

// All begin with the same weights.
function begin() {
  for (const { optimizer } of runs) optimizer.close();
  runs = RULES.map(({ rule, lr, color, path }) => {
    const network = new Network(SIZES, randomNumbers(1));
    const optimizer = new Optimizer(rule, { lr });
    optimizer.attach(network.tensors);
    return { rule, lr, color, path, network, optimizer, losses: [] };
  });
}

function trainOneStep() {
  for (const { network, optimizer, losses } of runs) {
    losses.push(network.addGradient(points));
    optimizer.step({ zeroGrads: true });
  }
}

function show() {
  const step = runs[0].losses.length;
  drawLosses(element('losses'), runs, STEPS);
  drawValley(element('valley'), runs.map(({ color, path }) =>
    ({ color, points: path.slice(0, step + 1) })));
  element('progress').value = step < STEPS
    ? `step ${step} of ${STEPS}` : `done: ${STEPS} steps`;
  element('rules').replaceChildren(...runs.map((run) => {
    const row = document.createElement('tr');
    const swatch = document.createElement('span');
    swatch.className = 'swatch';
    swatch.style.background = run.color;
    const place = run.path[Math.min(step, run.path.length - 1)];
    for (const text of [run.rule, run.lr, run.losses[0]?.toFixed(4),
      run.losses.at(-1)?.toFixed(4), height(place).toPrecision(3)]) {
      row.insertCell().textContent = text ?? '';
    }
    row.cells[0].prepend(swatch);
    return row;
  }));
  element('run').disabled = step >= STEPS;
  document.body.dataset.state = step < STEPS ? 'running' : 'done';
}

function frame() {
  const end = performance.now() + FRAME;
  while (isRunning && runs[0].losses.length < STEPS) {
    trainOneStep();
    if (performance.now() >= end) break;
  }
  show();
  if (isRunning && runs[0].losses.length < STEPS) requestAnimationFrame(frame);
}

element('run').addEventListener('click', () => {
  isRunning = !isRunning;
  element('run').textContent = isRunning ? 'Pause' : 'Go on';
  if (isRunning) requestAnimationFrame(frame);
});
element('again').addEventListener('click', () => {
  const wasIdle = !isRunning || runs[0].losses.length >= STEPS;
  isRunning = true;
  element('run').textContent = 'Pause';
  begin();
  if (wasIdle) requestAnimationFrame(frame);
});
window.addEventListener('resize', () => {
  if (runs.length > 0) show();
});

try {
  await load();
  for (const one of RULES) one.path = bestPath(one.rule);
  begin();
  element('run').disabled = false;
  element('again').disabled = false;
  requestAnimationFrame(frame);
} catch (error) {
  element('progress').value = error.message;
  document.body.dataset.state = 'failed';
}
