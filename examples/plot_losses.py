#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Draws the loss curves that examples/train wrote: losses.csv to a PNG."""

import math

import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter, NullFormatter

import plot_style

FORMS = {
    'gd': 'gd: full batch',
    'sgd': 'sgd: one image a step',
    'minibatch': 'sgd: mini-batches',
}
DASHES = ('-', (0, (4, 1.2)))  # a curve under another stays visible
BIN = 1.2  # points whose x is within this factor are drawn as their mean
TICKS = [0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.5, 2]


def smooth(x, y):
    """Means of the points in each bin of a logarithmic axis."""
    bins = {}
    for xi, yi in zip(x, y):
        bins.setdefault(int(math.log(xi) // math.log(BIN)), []).append((xi, yi))
    return zip(*((sum(v) / len(v) for v in zip(*points))
                 for points in bins.values()))


def draw(axes, runs, column, colours):
    for i, (name, run) in enumerate(runs.items()):
        axes.plot(*smooth(run[column], run['loss']), color=colours[name],
                  lw=1.8, ls=DASHES[i % 2], label=FORMS.get(name, name))
    axes.set(xscale='log', yscale='log', yticks=TICKS)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f'{y:g}'))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f'{x:,g}'))
    axes.tick_params(which='minor', left=False)
    axes.grid(color='#dddddd', lw=0.6)


def main():
    csv_path, png_path = plot_style.arguments()
    runs = plot_style.read_columns(csv_path, 'run',
                                   {'step', 'epoch', 'lr', 'loss'})
    colours = plot_style.colours(runs)
    figure, (by_epoch, by_step) = plt.subplots(
        1, 2, figsize=(12, 5), sharey=True, layout='constrained')
    draw(by_epoch, runs, 'epoch', colours)
    draw(by_step, runs, 'step', colours)
    by_epoch.set(title='by images seen',
                 xlabel='passes over the training images',
                 ylabel='training loss (cross-entropy)')
    by_step.set(title='by steps taken', xlabel='steps')
    by_step.legend(loc='center left', bbox_to_anchor=(1, 0.5))
    figure.suptitle('Fashion-MNIST, 784-128-10: the update rules of libopt',
                    fontweight='bold')
    plot_style.save(figure, png_path)


if __name__ == '__main__':
    main()
