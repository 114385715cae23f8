#!/usr/bin/python3
# Copyright the libopt authors. SPDX-License-Identifier: Apache-2.0
"""Weight averages are PyTorch's, to rounding.

usage: average_torch.py <libopt.so>

torch.optim.swa_utils.AveragedModel of the installed PyTorch is the oracle: with
its own average for SWA, with an avg_fn for EMA.
"""

import ctypes
import sys

import numpy
import tap
import torch
from torch.optim.swa_utils import AveragedModel

ERROR = {'float32': 1e-6, 'float64': 1e-14}  # of numbers of the size of 1
COUNT = 1029
UPDATES = 20
EMA, SWA = 1, 2
WARMUP = 1
DTYPES = {'float32': 0, 'float64': 1}


class Tensor(ctypes.Structure):
    _fields_ = [('struct_size', ctypes.c_uint32), ('group', ctypes.c_int32),
                ('param_dtype', ctypes.c_int32), ('grad_dtype', ctypes.c_int32),
                ('count', ctypes.c_int64), ('shape', ctypes.c_void_p),
                ('name', ctypes.c_char_p), ('param', ctypes.c_void_p),
                ('grad', ctypes.c_void_p), ('rank', ctypes.c_int32),
                ('reserved', ctypes.c_int32)]


class Config(ctypes.Structure):
    _fields_ = [('struct_size', ctypes.c_uint32), ('kind', ctypes.c_int32),
                ('decay', ctypes.c_double), ('start', ctypes.c_int64),
                ('period', ctypes.c_int64), ('flags', ctypes.c_uint32),
                ('reserved', ctypes.c_int32)]


def new(struct, **fields):
    return struct(struct_size=ctypes.sizeof(struct), **fields)


def averages(library, dtype, averaged, config):
    """libopt's average and PyTorch's after steps of AdamW."""
    def check(status):
        if status != 0:
            raise RuntimeError(library.opt_last_error().decode())

    random = numpy.random.default_rng(1)
    param = random.uniform(-1, 1, COUNT).astype(dtype)
    grad = numpy.empty_like(param)
    handle = ctypes.c_void_p()
    check(library.opt_create(None, b'adamw', ctypes.byref(handle)))
    check(library.opt_set(handle, -1, b'lr', ctypes.c_double(0.05)))
    tensor = new(Tensor, param_dtype=DTYPES[dtype], grad_dtype=DTYPES[dtype],
                 count=COUNT, param=param.ctypes.data, grad=grad.ctypes.data)
    check(library.opt_attach(handle, ctypes.byref(tensor), ctypes.c_int64(1),
                             None))
    check(library.opt_average_start(handle, ctypes.byref(config)))
    model = torch.nn.Module()
    model.weight = torch.nn.Parameter(torch.from_numpy(param.copy()))
    peer = AveragedModel(model, avg_fn=averaged)
    for _ in range(UPDATES):
        grad[:] = random.uniform(-1, 1, COUNT)
        check(library.opt_step(handle, None))
        model.weight.data.copy_(torch.from_numpy(param))
        peer.update_parameters(model)
    check(library.opt_swap_eval_weights(handle, None))
    check(library.opt_destroy(handle))
    return param, peer.module.weight.detach().numpy()


def ema(decay, warmup=False):
    def averaged(average, param, updates):
        n = float(updates)
        now = min(decay, (1 + n) / (10 + n)) if warmup else decay
        return now * average + (1 - now) * param
    return averaged


CASES = [
    ('SWA', None, {'kind': SWA}),
    ('EMA of decay 0.99', ema(0.99), {'kind': EMA, 'decay': 0.99}),
    ('EMA of decay 0.3', ema(0.3), {'kind': EMA, 'decay': 0.3}),
    ('EMA that warms up', ema(0.9, True),
     {'kind': EMA, 'decay': 0.9, 'flags': WARMUP}),
]


def main():
    library = ctypes.CDLL(sys.argv[1])
    library.opt_last_error.restype = ctypes.c_char_p
    for dtype, limit in ERROR.items():
        for name, averaged, fields in CASES:
            got, expected = averages(library, dtype, averaged,
                                     new(Config, **fields))
            error = float(numpy.max(numpy.abs(got - expected)))
            tap.case(f"{name} of {dtype} is AveragedModel's",
                     '' if error <= limit else f'off by {error}')
    tap.finish()


main()
