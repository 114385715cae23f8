#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Whether a step should let go of Python's lock (the GIL): sgd and adamw steps
on one thread with the lock kept and released, in turns in one process, alone
and beside another Python thread that computes in Python or in NumPy. From this
kLongWork of bindings/python/runtime.h is chosen: keep the lock where a thread
that gives it away waits longer to get it back than the step lasts.

usage: gil_python.py <build directory> [--quick]
"""

import ctypes
import statistics
import sys
import threading
import time

import numpy
import opt_ctypes

RULES = 'sgd', 'adamw'
SIZES = [1 << shift for shift in (10, 14, 17, 19, 21, 22, 23, 24)]


def in_python():
    """Some microseconds, with the lock all the time."""
    for _ in range(100):
        pass


NUMBERS = numpy.ones(1 << 14)


def in_numpy():
    """About as long, most of it without the lock."""
    numpy.sqrt(NUMBERS)


class Other(threading.Thread):
    """Counts how often it has done some work."""

    def __init__(self, work):
        super().__init__()
        self.work, self.count, self.stopped = work, 0, False

    def run(self):
        while not self.stopped:
            self.work()
            self.count += 1

    def stop(self):
        self.stopped = True
        self.join()


def speeds(step, other, seconds):
    """Steps a second, and works of the other thread a second, side by side."""
    steps, begin = 0, time.perf_counter()
    before = other.count if other else 0
    while time.perf_counter() - begin < seconds:
        if step:
            step()
            steps += 1
        else:
            time.sleep(seconds)
    took = time.perf_counter() - begin
    return steps / took, ((other.count if other else 0) - before) / took


def beside(steps, work, seconds, rounds):
    """Medians of the speeds of each step beside a thread that does the work."""
    found = {name: [] for name in steps}
    other = Other(work) if work else None
    if other:
        other.start()
    for _ in range(rounds):
        for name, step in steps.items():
            found[name].append(speeds(step, other, seconds))
    if other:
        other.stop()
    return {name: [statistics.median(column) for column in zip(*rows)]
            for name, rows in found.items()}


def row(rule, count, path, seconds, rounds):
    param = numpy.zeros(count, 'f')
    optimizer = opt_ctypes.Optimizer(
        opt_ctypes.Library(path), rule, {}, 1,
        [(param, numpy.ones(count, 'f'))])
    handle = optimizer._handle
    kept, released = ctypes.PyDLL(path).opt_step, ctypes.CDLL(path).opt_step
    steps = {'kept': lambda: kept(handle, None),
             'released': lambda: released(handle, None), 'none': None}
    alone = beside({name: steps[name] for name in ('kept', 'released')}, None,
                   seconds, rounds)
    speed = alone['kept'][0]
    cells = [f'{1e6 / speed:10.1f}', f"{speed / alone['released'][0]:6.2f} "]
    for work in in_python, in_numpy:
        made = beside(steps, work, seconds, rounds)
        for name in 'kept', 'released':
            cells.append(f'{made[name][0] / speed:5.2f} '
                         f"{made[name][1] / made['none'][1]:5.2f} ")
    optimizer.close()
    print(f'{rule:6} {count:11,}', *cells, sep=' |', flush=True)


def main():
    path = f'{sys.argv[1]}/libopt.so'
    quick = '--quick' in sys.argv
    print("released/kept: the time of a step alone. Beside another thread: the "
          "step's speed\nand the other's, each as a part of its speed alone.\n"
          'rule      elements |   kept, us | rel/kept | Python: kept | released '
          '| NumPy: kept | released')
    for rule in RULES:
        for count in SIZES[:2] if quick else SIZES:
            row(rule, count, path, *((0.001, 1) if quick else (0.25, 3)))


main()
