# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Steps that last some milliseconds, for other threads to fall into."""

import numpy as np

import libopt

LONG = 1 << 22  # elements, as kLongWork in bindings/python/runtime.h


def long_optimizer(rule='adam', threads=1):
    w = np.zeros(LONG, np.float32)
    optimizer = libopt.Optimizer(rule, w, np.ones_like(w),
                                 context=libopt.Context(threads=threads))
    return optimizer, w


def step_once(optimizer):
    """A step, which another call may have to be waited for."""
    while True:
        try:
            return optimizer.step()
        except libopt.BusyError:
            pass
