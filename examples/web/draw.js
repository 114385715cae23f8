// Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
//
// The two figures, on canvases.

import { height } from './valley.js';

// The part of the valley that is seen.
const LEFT = -2.25;
const RIGHT = 2;
const TOP = 3;
const BOTTOM = -0.5;

// The size of a canvas in CSS pixels, at the resolution of the screen.
function begin(canvas) {
  const scale = window.devicePixelRatio || 1;
  const { width, height: tall } = canvas.getBoundingClientRect();
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(tall * scale);
  const context = canvas.getContext('2d');
  context.scale(scale, scale);
  context.clearRect(0, 0, width, tall);
  context.font = '12px system-ui, sans-serif';
  return { context, width, tall };
}

function line(context, points, color) {
  context.strokeStyle = color;
  context.lineWidth = 2;
  context.lineJoin = 'round';
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
  context.stroke();
}

/** `curves`: a color and the losses so far of each; `steps`: of a whole run. */
export function drawLosses(canvas, curves, steps) {
  const { context, width, tall } = begin(canvas);
  const left = 48;
  const bottom = tall - 24;
  const highest = 1;
  const lowest = 1e-4; // decades, from top to bottom
  const decades = Math.log10(highest / lowest);
  const x = (step) => left + (width - left - 8) * step / steps;
  const y = (loss) => 8 + (bottom - 8) *
    Math.min(1, Math.max(0, Math.log10(highest / loss) / decades));
  context.fillStyle = '#555';
  for (let decade = 0; decade <= decades; ++decade) {
    const loss = highest / 10 ** decade;
    line(context, [[left, y(loss)], [width - 8, y(loss)]], '#eee');
    context.fillText(String(loss), 4, y(loss) + 4);
  }
  for (const step of [0, steps / 2, steps]) {
    context.textAlign = step === steps ? 'right' : 'left';
    context.fillText(`${step} steps`, x(step), tall - 6);
  }
  context.textAlign = 'left';
  for (const { color, losses } of curves) {
    line(context, losses.map((loss, step) => [x(step), y(loss)]), color);
  }
}

/** `paths`: a color and the points so far of each. */
export function drawValley(canvas, paths) {
  const { context, width, tall } = begin(canvas);
  const x = (value) => width * (value - LEFT) / (RIGHT - LEFT);
  const y = (value) => tall * (TOP - value) / (TOP - BOTTOM);
  // Darker where it is deeper, in steps of a power of two.
  const cell = 3;
  for (let i = 0; i < width; i += cell) {
    for (let j = 0; j < tall; j += cell) {
      const point = [LEFT + (RIGHT - LEFT) * i / width,
        TOP - (TOP - BOTTOM) * j / tall];
      const level = Math.floor(Math.log2(height(point) + 2 ** -4));
      const shade = Math.min(255, 205 + 4 * (level + 4));
      context.fillStyle = `rgb(${shade}, ${shade}, ${shade})`;
      context.fillRect(i, j, cell, cell);
    }
  }
  for (const { color, points } of paths) {
    line(context, points.map((point) => [x(point[0]), y(point[1])]), color);
  }
  for (const { color, points } of paths) {
    const [last] = points.slice(-1);
    context.fillStyle = color;
    context.beginPath();
    context.arc(x(last[0]), y(last[1]), 4, 0, 2 * Math.PI);
    context.fill();
  }
  line(context, [[x(1) - 6, y(1)], [x(1) + 6, y(1)]], '#222');
  line(context, [[x(1), y(1) - 6], [x(1), y(1) + 6]], '#222');
}
