#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Draws paths that examples/valley printed over a map of the valley: those of
the rules that are named, with commas between them, or a selection."""

import math
import sys

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LogNorm

import style

# Rules whose paths differ.
SELECTION = ('gd', 'momentum', 'rprop', 'adagrad', 'rmsprop', 'adadelta',
             'adam', 'lion', 'adan', 'lamb', 'schedule_free_adamw')
COLUMNS = 4
X_RANGE = (-1.75, 1.5)
Y_RANGE = (-0.6, 2.4)


def height(x, y):
    """The function whose valley examples/valley walks down."""
    return (1 - x)**2 + 100 * (y - x**2)**2


def draw_map(axes):
    x, y = np.meshgrid(np.linspace(*X_RANGE, 400), np.linspace(*Y_RANGE, 400))
    z = height(x, y)
    levels = np.logspace(-1.5, 3, 19)
    axes.contourf(x, y, z, levels=levels, norm=LogNorm(), cmap='Greys',
                  alpha=0.22, extend='both')
    axes.contour(x, y, z, levels=levels[::2], colors='#777777',
                 linewidths=0.4)
    axes.set(xlim=X_RANGE, ylim=Y_RANGE, xticks=[-1, 0, 1], yticks=[0, 1, 2])


def draw_path(axes, name, path, colour):
    x, y = path['x'], path['y']
    axes.plot(x, y, color=colour, lw=1.1, marker='.', ms=2.2)
    axes.plot(x[0], y[0], 'o', color='white', mec='black', ms=6)
    axes.plot(1, 1, '*', color='gold', mec='black', ms=11)
    axes.plot(x[-1], y[-1], 's', color=colour, mec='black', ms=5)
    axes.set_title(name, color=colour, fontweight='bold')
    axes.text(0.5, 0.97, f'learning rate {path["lr"][0]}',
              transform=axes.transAxes, ha='center', va='top', fontsize=9)


def draw_heights(axes, paths, colours):
    for name, path in paths.items():
        axes.plot(path['step'], path['f'], color=colours[name], lw=1.4,
                  label=name)
    axes.set(title='height above the minimum', xlabel='step', yscale='log',
             xlim=(0, None), ylim=(1e-5, 200))
    axes.legend(fontsize=8, ncols=2, loc='lower left')
    axes.grid(color='#dddddd', lw=0.6)


def select(paths, names):
    """The paths of the rules that are named; else, of many, the selection."""
    wanted = names.split(',') if names else SELECTION
    missing = [name for name in wanted if name not in paths]
    if names and missing:
        sys.exit(f'{sys.argv[0]}: no path of {", ".join(missing)}')
    if not names and len(paths) <= len(SELECTION):
        return paths
    return {name: paths[name] for name in wanted if name in paths}


def main():
    csv_path, png_path, names = style.arguments('RULE,...')
    paths = select(style.read_columns(csv_path, 'rule',
                                      {'step', 'x', 'y', 'f'}), names)
    colours = style.family_colours(paths)
    rows = math.ceil((len(paths) + 1) / COLUMNS)
    figure, grid = plt.subplots(rows, COLUMNS, layout='constrained',
                                figsize=(3.3 * COLUMNS, 3.4 * rows))
    panels = list(grid.flat)
    for axes, (name, path) in zip(panels, paths.items()):
        draw_map(axes)
        draw_path(axes, name, path, colours[name])
    draw_heights(panels[len(paths)], paths, colours)
    for axes in panels[len(paths) + 1:]:
        axes.set_axis_off()
    steps = int(max(path['step'][-1] for path in paths.values()))
    figure.suptitle(
        f'{steps} steps down the valley of Rosenbrock, '
        '$f(x, y) = (1 - x)^2 + 100\\,(y - x^2)^2$: '
        'from the circle to the square; the star is the minimum',
        fontweight='bold')
    style.save(figure, png_path)


if __name__ == '__main__':
    main()
