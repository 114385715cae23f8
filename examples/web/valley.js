// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// Rosenbrock's narrow valley, f(x, y) = (1 - x)^2 + 100 (y - x^2)^2, least at
// (1, 1), as in examples/valley.

import { doubles, Optimizer } from 'libopt';

export const START = [-1, 2];
export const STEPS = 500;

const LEARNING_RATES = [1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002,
  0.001, 5e-4, 2e-4, 1e-4];

export function height([x, y]) {
  return (1 - x) ** 2 + 100 * (y - x * x) ** 2;
}

function gradient([x, y]) {
  const slope = y - x * x;
  return [-2 * (1 - x) - 400 * slope * x, 200 * slope];
}

function follow(rule, lr) {
  const point = doubles(START);
  const grad = doubles(2);
  const optimizer = new Optimizer(rule, { lr });
  optimizer.attach('point', point, grad);
  const path = [[...point]];
  for (let step = 0; step < STEPS; ++step) {
    grad.set(gradient(point.view));
    optimizer.step();
    path.push([...point]);
  }
  optimizer.close();
  return path;
}

/**
 * The path with the learning rate that brings the rule deepest without ever
 * throwing it higher than the start.
 */
export function bestPath(rule) {
  let best = [START];
  for (const lr of LEARNING_RATES) {
    const path = follow(rule, lr);
    const stays = path.every((point) => height(point) <= height(START));
    if (stays && height(path.at(-1)) < height(best.at(-1))) best = path;
  }
  return best;
}
