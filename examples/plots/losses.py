#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Draws the curves that examples/train wrote, losses.csv, to a PNG: the loss,
and below it the learning rate; or, if there are many, the losses of each family
of rules."""

import math

import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

import style

FORMS = {
    'gd': 'gd: full batch',
    'sgd': 'sgd: one image a step',
    'minibatch': 'sgd: mini-batches',
}
DASHES = ('-', (0, (4, 1.2)))  # a curve under another stays visible
BIN = 1.2  # points whose x is within this factor are drawn as their mean
MOST = 9  # curves that can be told apart in one picture
COLUMNS = 3
TICKS = [0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.5, 2]
AXES = {
    'epoch': ('by images seen', 'passes over the training images'),
    'step': ('by steps taken', 'steps'),
}


def smooth(x, y):
    """Means of the points in each bin of a logarithmic axis."""
    bins = {}
    for xi, yi in zip(x, y):
        bins.setdefault(int(math.log(xi) // math.log(BIN)), []).append((xi, yi))
    return zip(*((sum(v) / len(v) for v in zip(*points))
                 for points in bins.values()))


def differ(values, factor=2):
    """Whether values are so far apart that an axis for all is logarithmic."""
    positive = [value for value in values if value > 0]
    return bool(positive) and max(positive) > factor * min(positive)


def plain(axis):
    axis.set_major_formatter(FuncFormatter(lambda x, _: f'{x:,g}'))


def draw_loss(axes, runs, column, colours):
    for i, (name, run) in enumerate(runs.items()):
        x, y = run[column], run['loss']
        axes.plot(*(smooth(x, y) if axes.get_xscale() == 'log' else (x, y)),
                  color=colours[name], lw=1.8, ls=DASHES[i % 2],
                  label=FORMS.get(name, name))
    axes.set(yscale='log', yticks=TICKS)
    plain(axes.yaxis)
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(which='minor', left=False)
    axes.grid(color='#dddddd', lw=0.6)


def draw_rate(axes, runs, column, colours):
    for i, (name, run) in enumerate(runs.items()):
        axes.plot(run[column], run['lr'], color=colours[name], lw=1.8,
                  ls=DASHES[i % 2])
    peaks = [max(run['lr']) for run in runs.values()]
    if differ(peaks, 10):
        # A decay to 0 goes on below what is drawn.
        axes.set(yscale='log', ylim=(min(p for p in peaks if p > 0) / 20, None))
        axes.yaxis.set_major_locator(LogLocator(numticks=5))
        plain(axes.yaxis)
    else:
        axes.set_ylim(0, None)
    plain(axes.xaxis)
    axes.set_xlabel(AXES[column][1])
    axes.grid(color='#dddddd', lw=0.6)


def draw_together(runs):
    """One picture of a few runs."""
    colours = style.colours(runs)
    steps = [run['step'][-1] for run in runs.values()]
    # The same steps for all are the same picture twice.
    columns = list(AXES) if differ(steps, 1) else ['step']
    figure, grid = plt.subplots(
        2, len(columns), figsize=(1.5 + 5.25 * len(columns), 6.5),
        sharex='col', sharey='row', squeeze=False, layout='constrained',
        height_ratios=(3, 1.3))
    for column, (loss, rate) in zip(columns, grid.T):
        loss.set_xscale('log' if differ(steps) else 'linear')
        if len(columns) > 1:
            loss.set_title(AXES[column][0])
        draw_loss(loss, runs, column, colours)
        draw_rate(rate, runs, column, colours)
    grid[0, 0].set_ylabel('training loss (cross-entropy)')
    grid[1, 0].set_ylabel('learning rate')
    figure.align_ylabels()
    grid[0, -1].legend(loc='center left', bbox_to_anchor=(1, 0.5))
    return figure


def draw_families(runs):
    """A picture of each family of rules, to the same scales."""
    families = style.families(runs)
    columns = min(COLUMNS, len(families))
    rows = math.ceil(len(families) / columns)
    figure, grid = plt.subplots(
        rows, columns, figsize=(4.2 * columns, 3.6 * rows), sharex=True,
        sharey=True, squeeze=False, layout='constrained')
    panels = list(grid.flat)
    ends = [run['epoch'][-1] for run in runs.values()]
    for i, (axes, (family, names)) in enumerate(zip(panels, families.items())):
        axes.set_xscale('log' if differ(ends) else 'linear')
        axes.set_title(family)
        draw_loss(axes, {name: runs[name] for name in names}, 'epoch',
                  style.family_colours(names))
        plain(axes.xaxis)
        if i + columns >= len(families):  # nothing is below
            axes.set_xlabel(AXES['epoch'][1])
            axes.tick_params(labelbottom=True)
        axes.legend(fontsize=8, loc='lower left')
    for axes in panels[len(families):]:
        axes.set_axis_off()
    for row in grid:
        row[0].set_ylabel('training loss (cross-entropy)')
    return figure


def main():
    csv_path, png_path = style.arguments()
    runs = style.read_columns(csv_path, 'run',
                              {'step', 'epoch', 'lr', 'loss'})
    draw = draw_together if len(runs) <= MOST else draw_families
    figure = draw(runs)
    figure.suptitle('Fashion-MNIST, 784-128-10: the update rules of libopt',
                    fontweight='bold')
    style.save(figure, png_path)


if __name__ == '__main__':
    main()
